"""Who waits after a session they did not keep, who was put ahead and why, and who can come at short notice.

Revision ID: 0032
Revises: 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ORDER = ["course_id", "left_at", "rank", "joined_at", "id"]
FOR_A_REASON = "(rank = 0) = (ahead_because IS NOT NULL)"


def upgrade() -> None:
    _refers_to("places", "after_place_id")
    _refers_to("sessions", "asked_session_id")
    for column in (
        "rank {number} DEFAULT 1 NOT NULL",
        f"ahead_because VARCHAR(30) CONSTRAINT ck_waiting_list_ahead_for_a_reason CHECK ({FOR_A_REASON})",
        "ahead_by VARCHAR(60)",
        "ahead_at {moment}",
        "short_notice_until {moment}",
    ):
        _add(column)
    op.drop_index("ix_waiting_list_order", table_name="waiting_list")
    op.create_index("ix_waiting_list_order", "waiting_list", ORDER)


def _refers_to(table: str, column: str) -> None:
    _add(f"{column} {{number}} CONSTRAINT fk_waiting_list_{column}_{table} REFERENCES {table} (id)")
    op.create_index(op.f(f"ix_waiting_list_{column}"), "waiting_list", [column])


def _add(column: str) -> None:
    """Where a column is named with its constraint, SQLite needs no copy of the table either."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    types = (
        {"number": "INTEGER", "moment": "DATETIME"}
        if on_sqlite
        else {"number": "BIGINT", "moment": "TIMESTAMP WITH TIME ZONE"}
    )
    op.execute("ALTER TABLE waiting_list ADD COLUMN " + column.format(**types))
