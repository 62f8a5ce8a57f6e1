"""How fast a sender may go, and when it rests.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "text_senders",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("address", sa.String(40), nullable=False),
        sa.Column("used_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", ID, nullable=False),
        sa.Column("rests", ID, nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_because", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_senders")),
        sa.UniqueConstraint("address", name=op.f("uq_text_senders_address")),
    )
    op.add_column("schemes", sa.Column("text_sender", sa.String(40), nullable=True))
