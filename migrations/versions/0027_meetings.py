"""Meetings at Zoom, and the link that each holder of a place has of their own.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("host", sa.String(254), nullable=False),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("told_starts_at", MOMENT, nullable=True),
        sa.Column("told_minutes", ID, nullable=True),
        *_errand(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_meetings_session_id_sessions")
        ),
        sa.UniqueConstraint("session_id", name=op.f("uq_meetings_session_id")),
        sa.UniqueConstraint("key", name=op.f("uq_meetings_key")),
    )
    op.create_index("ix_meetings_number", "meetings", ["number"])
    op.create_table(
        "registrants",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("meeting_number", sa.String(20), nullable=True),
        sa.Column("registrant", sa.String(64), nullable=True),
        sa.Column("sealed_link", sa.Text(), nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        *_errand(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrants")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_registrants_place_id_places")),
        sa.UniqueConstraint("place_id", name=op.f("uq_registrants_place_id")),
    )
    op.create_index("ix_registrants_registrant", "registrants", ["registrant"])


def _errand() -> list[sa.Column]:
    return [
        sa.Column("tries", ID, nullable=False),
        sa.Column("claim", sa.String(32), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(20), nullable=True),
    ]
