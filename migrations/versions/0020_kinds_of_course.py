"""Ages, topics and a neutral name of a course; when a session closes; several facilitators, each in one place at once.

Revision ID: 0020
Revises: 0019
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STANDING = sa.text("ended_at IS NULL")
A_QUARTER = 900


def upgrade() -> None:
    _ages()
    _topics()
    _facilitators()
    _cells()
    _who_ran_them()
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_index("ix_sessions_facilitator_id")
        sessions.drop_constraint("fk_sessions_facilitator_id_accounts", type_="foreignkey")
        sessions.drop_column("facilitator_id")
    op.execute(
        f"ALTER TABLE sessions ADD COLUMN closes_at {_moment()} "
        "CONSTRAINT ck_sessions_closes_before_it_begins CHECK (closes_at <= starts_at)"
    )


def _moment() -> str:
    return "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"


def _ages() -> None:
    """The checks come with the columns, as SQLite would have it."""
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.add_column("courses", sa.Column("age_to", ID, nullable=True))
    op.execute(
        f"ALTER TABLE courses ADD COLUMN age_from {number} NOT NULL DEFAULT 18 "
        "CONSTRAINT ck_courses_one_side_of_18 CHECK (age_from >= 18 OR (age_to IS NOT NULL AND age_to < 18)) "
        "CONSTRAINT ck_courses_ages_in_order CHECK (age_from >= 0 AND (age_to IS NULL OR age_from <= age_to))"
    )
    op.execute("UPDATE courses SET age_from = 10, age_to = 17 WHERE young_people")
    op.drop_column("courses", "young_people")


def _topics() -> None:
    """What a course is about was known by its code; nobody has said yet of one with another."""
    op.execute("UPDATE courses SET minutes = 1 WHERE minutes < 1")
    op.execute("UPDATE courses SET minimum_minutes = 1 WHERE minimum_minutes < 1")
    op.execute("UPDATE courses SET minimum_minutes = minutes WHERE minimum_minutes > minutes")
    op.execute(
        "ALTER TABLE courses ADD COLUMN neutral_name VARCHAR(100) NOT NULL DEFAULT '' "
        "CONSTRAINT ck_courses_minimum_within_minutes "
        "CHECK (minimum_minutes > 0 AND minimum_minutes <= minutes)"
    )
    op.execute("UPDATE courses SET neutral_name = name")
    op.add_column("courses", sa.Column("topics", JSON, nullable=False, server_default="[]"))
    op.execute("UPDATE courses SET topics = '[\"cannabis\"]' WHERE code = 'cannabis'")
    op.execute("UPDATE courses SET topics = '[\"stimulants\"]' WHERE code = 'stimulants'")


def _facilitators() -> None:
    op.create_table(
        "session_facilitators",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("covers_id", ID, nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_because", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_facilitators")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_session_facilitators_{column}_{table}")
            )
            for column, table in (
                ("session_id", "sessions"),
                ("account_id", "accounts"),
                ("covers_id", "session_facilitators"),
            )
        ),
    )
    op.create_index("ix_session_facilitators_session_id", "session_facilitators", ["session_id"])
    op.create_index("ix_session_facilitators_account", "session_facilitators", ["account_id"])
    op.create_index(
        "uq_session_facilitators_standing",
        "session_facilitators",
        ["session_id", "account_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _cells() -> None:
    op.create_table(
        "facilitator_cells",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("cell", ID, autoincrement=False, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "cell", name=op.f("pk_facilitator_cells")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_facilitator_cells_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_facilitator_cells_session_id_sessions")
        ),
    )
    op.create_index("ix_facilitator_cells_session_id", "facilitator_cells", ["session_id"])


def _who_ran_them() -> None:
    """Whoever ran a session leads it. Where two of theirs overlap already, the earlier keeps the time."""
    op.execute(
        "INSERT INTO session_facilitators (session_id, account_id, role, since, by) "
        "SELECT id, facilitator_id, 'lead', starts_at, 'system' FROM sessions WHERE facilitator_id IS NOT NULL"
    )
    found = sa.text(
        "SELECT id, facilitator_id, starts_at, minutes FROM sessions "
        "WHERE facilitator_id IS NOT NULL AND state = 'open' ORDER BY starts_at, id"
    ).columns(starts_at=MOMENT)
    taken: dict[tuple[int, int], int] = {}
    for session_id, account_id, starts_at, minutes in op.get_bind().execute(found):
        cells = [(account_id, cell) for cell in _quarters(starts_at, minutes)]
        if not taken.keys() & set(cells):
            taken |= dict.fromkeys(cells, session_id)
    table = sa.table("facilitator_cells", *(sa.column(name) for name in ("account_id", "cell", "session_id")))
    rows = [
        {"account_id": account_id, "cell": cell, "session_id": session_id}
        for (account_id, cell), session_id in taken.items()
    ]
    if rows:
        op.bulk_insert(table, rows)


def _quarters(starts_at: datetime, minutes: int) -> Iterator[int]:
    begins = starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=UTC)
    ends = begins + timedelta(minutes=minutes)
    return iter(range(int(begins.timestamp() // A_QUARTER), -int(-ends.timestamp() // A_QUARTER)))
