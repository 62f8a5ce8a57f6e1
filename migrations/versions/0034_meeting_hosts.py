"""Who may start a session's meeting at Zoom, and how Zoom says that it is joined by telephone.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("meetings", sa.Column("told_runners", NUMBER))
    op.add_column("meetings", sa.Column("hosts", sa.Text()))
    op.add_column("meetings", sa.Column("dial_in", sa.String(100)))
