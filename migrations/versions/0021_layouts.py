"""How a worker's calls are laid out in their hours, and the number of each call of a day.

Revision ID: 0021
Revises: 0020
"""

from datetime import UTC
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("valid_until IS NULL")
LONDON = ZoneInfo("Europe/London")


def upgrade() -> None:
    _hours()
    _layouts()
    op.create_table(
        "calls_of_day",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("appointment_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "day", "number", name=op.f("pk_calls_of_day")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["accounts.id"], name=op.f("fk_calls_of_day_worker_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_calls_of_day_appointment_id_appointments")
        ),
    )
    op.create_index("ix_calls_of_day_appointment_id", "calls_of_day", ["appointment_id"])
    _number_booked_calls()


def _hours() -> None:
    """Written out, with the column that says who set them: SQLite adds a check only together with a column."""
    op.execute(
        "ALTER TABLE working_patterns ADD COLUMN entered_by VARCHAR(60) "
        "CONSTRAINT ck_working_patterns_weekday CHECK (weekday BETWEEN 0 AND 6) "
        "CONSTRAINT ck_working_patterns_minutes "
        "CHECK (0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440)"
    )


def _layouts() -> None:
    op.create_table(
        "call_layouts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("buffer_minutes", ID, nullable=False),
        sa.Column("most_calls", ID, nullable=True),
        sa.Column("lunch_minutes", ID, nullable=True),
        sa.Column("lunch_from_minute", ID, nullable=True),
        sa.Column("lunch_until_minute", ID, nullable=True),
        sa.Column("bank_holidays", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(60), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_layouts")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["accounts.id"], name=op.f("fk_call_layouts_worker_id_accounts")
        ),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name=op.f("ck_call_layouts_buffer_minutes")),
        sa.CheckConstraint("most_calls > 0", name=op.f("ck_call_layouts_most_calls")),
    )
    op.create_index("ix_call_layouts_worker_id", "call_layouts", ["worker_id"])
    op.create_index(
        "uq_call_layouts_open",
        "call_layouts",
        ["worker_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _number_booked_calls() -> None:
    """Calls that are booked are numbered by the London day they are on, in the order they begin."""
    booked = sa.table(
        "appointments",
        *(sa.column("id"), sa.column("worker_id"), sa.column("state"), sa.column("starts_at", MOMENT)),
    )
    numbered = sa.table("calls_of_day", *map(sa.column, ("worker_id", "day", "number", "appointment_id")))
    rows = op.get_bind().execute(
        sa.select(booked).where(booked.c.state == "booked").order_by(booked.c.starts_at, booked.c.id)
    )
    used: dict[tuple[int, object], int] = {}
    for row in rows.all():
        moment = row.starts_at if row.starts_at.tzinfo else row.starts_at.replace(tzinfo=UTC)
        day = moment.astimezone(LONDON).date()
        number = used[row.worker_id, day] = used.get((row.worker_id, day), 0) + 1
        values = {"worker_id": row.worker_id, "day": day, "number": number, "appointment_id": row.id}
        op.get_bind().execute(numbered.insert().values(values))
