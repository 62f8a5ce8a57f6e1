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


def upgrade() -> None:
    op.add_column("meetings", sa.Column("told_runners", sa.BigInteger()))
    op.add_column("meetings", sa.Column("hosts", sa.Text()))
    op.add_column("meetings", sa.Column("dial_in", sa.String(100)))
