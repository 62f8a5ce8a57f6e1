"""What people answered, and who it is from.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _callbacks()
    _replies()
    _answers()


def _callbacks() -> None:
    op.add_column("callbacks", sa.Column("sender", sa.String(40), nullable=True))
    op.add_column("callbacks", sa.Column("answered", sa.String(20), nullable=True))
    op.create_index("ix_callbacks_sender", "callbacks", ["sender", "received_at"])


def _replies() -> None:
    """What came before was read in the thread, or was nobody's and stays so."""
    op.add_column("replies", sa.Column("waits_because", sa.String(12), nullable=True))
    op.add_column("replies", sa.Column("settled_at", _MOMENT, nullable=True))
    op.add_column("replies", sa.Column("settled_by", sa.String(60), nullable=True))
    op.add_column("replies", sa.Column("settled_as", sa.String(12), nullable=True))
    op.add_column("replies", sa.Column("read_at", _MOMENT, nullable=True))
    op.add_column("replies", sa.Column("read_by", sa.String(60), nullable=True))
    op.create_index("ix_replies_waiting", "replies", ["waits_because", "settled_at"])
    op.create_index("ix_replies_from", "replies", ["from_e164", "received_at"])
    op.execute("UPDATE replies SET waits_because = 'unknown' WHERE case_id IS NULL")
    op.execute("UPDATE replies SET read_at = received_at, read_by = 'system' WHERE case_id IS NOT NULL")


def _answers() -> None:
    """Written out: SQLite adds a foreign key to a table that stands only together with its column."""
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for column, table in (("answers_id", "replies"), ("written_by_id", "accounts")):
        key = f"CONSTRAINT fk_texts_{column}_{table} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE texts ADD COLUMN {column} {kind} {key}")
    op.add_column("texts", sa.Column("words", sa.Text(), nullable=True))
    op.create_index("ix_texts_answers_id", "texts", ["answers_id"])
