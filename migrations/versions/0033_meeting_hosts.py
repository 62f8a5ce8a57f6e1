"""Who may start a session's meeting at Zoom, and how Zoom says that it is joined by telephone.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meetings", sa.Column("told_runners", sa.BigInteger()))
    op.add_column("meetings", sa.Column("hosts", sa.Text()))
    op.add_column("meetings", sa.Column("dial_in", sa.String(100)))
