"""Keys for what an officer types where there is no signal.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral_drafts", sa.Column("phone_key", sa.String(300), nullable=True))
