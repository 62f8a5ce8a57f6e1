"""Zoom's reports of meetings that are over, each asked for until it is read.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TO_READ = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "meeting_reports",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", ID, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_reports")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_meeting_reports_session_id_sessions")
        ),
        sa.UniqueConstraint("session_id", name=op.f("uq_meeting_reports_session_id")),
    )
    op.create_index(
        "ix_meeting_reports_due",
        "meeting_reports",
        ["due_at"],
        sqlite_where=TO_READ,
        postgresql_where=TO_READ,
    )
