"""Terms of schemes as the desk changes them, and when the assessment and what follows it are due.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("scheme_terms", sa.Column("set_at", moment, nullable=True))
    op.add_column("scheme_terms", sa.Column("set_by", sa.String(60), nullable=True))
    op.add_column("scheme_terms", sa.Column("withdrawn_at", moment, nullable=True))
    op.add_column("scheme_terms", sa.Column("withdrawn_by", sa.String(60), nullable=True))
    op.add_column("cases", sa.Column("assessment_due", moment, nullable=True))
    op.add_column("cases", sa.Column("course_due", moment, nullable=True))
