"""Since when a text is on its way, and how it is known that it went out.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("texts", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("texts", sa.Column("known_by", sa.String(10), nullable=True))
