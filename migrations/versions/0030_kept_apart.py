"""Two people who are never in one session; a young person's place is never in a session of adults.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "non_associations",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("second_id", ID, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.String(1000), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_non_associations_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_non_associations")),
        *(
            sa.ForeignKeyConstraint(
                [column], ["people.id"], name=op.f(f"fk_non_associations_{column}_people")
            )
            for column in ("first_id", "second_id")
        ),
    )
    op.create_index("ix_non_associations_second_id", "non_associations", ["second_id"])
    op.create_index(
        "uq_non_associations_standing",
        "non_associations",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
