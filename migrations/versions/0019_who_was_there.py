"""Who was in a meeting, whoever told it: Zoom as it happens, its report, a file; and who pressed Join.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("meeting_joins", sa.Column("source", sa.String(10), nullable=False, server_default="file"))
    for name in ("registrant", "run", "connection"):
        op.add_column("meeting_joins", sa.Column(name, sa.String(64), nullable=True))
    op.create_table(
        "meeting_runs",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_runs")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_meeting_runs_session_id_sessions")
        ),
        sa.UniqueConstraint("session_id", "run", name=op.f("uq_meeting_runs_session_id_run")),
    )
    op.create_table(
        "join_presses",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("came_to", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_presses")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_join_presses_place_id_places")),
    )
    op.create_index(op.f("ix_join_presses_place_id"), "join_presses", ["place_id"])
