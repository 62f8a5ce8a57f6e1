"""A session can be in a room, and be joined by telephone.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("held_at", sa.String(40), nullable=True))
    op.add_column("sessions", sa.Column("dial_in", sa.String(100), nullable=True))
