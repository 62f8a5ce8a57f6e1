"""Why a worker is away, who said so, and who ended it.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of absences that stand nobody was asked why, or by whom."""
    for column in (
        sa.Column("reason", sa.String(20), nullable=False, server_default="other_work"),
        sa.Column("entered_by", sa.String(60), nullable=False, server_default="system"),
        sa.Column("entered_at", _MOMENT, nullable=False, server_default="1970-01-01 00:00:00"),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
    ):
        op.add_column("absences", column)
    op.execute("UPDATE absences SET entered_at = starts_at")
