"""When somebody came and left, marks that were taken back, and registers that wait to be confirmed.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN_SESSION = sa.text("state = 'open'")


def upgrade() -> None:
    for column in (
        sa.Column("arrived_minute", ID, nullable=True),
        sa.Column("left_minute", ID, nullable=True),
        sa.Column("away_minutes", ID, nullable=False, server_default="0"),
        sa.Column("token", sa.String(36), nullable=True),
        sa.Column("together", sa.String(36), nullable=True),
    ):
        op.add_column("attendance_marks", column)
    op.create_index("uq_attendance_marks_token", "attendance_marks", ["token"], unique=True)
    op.create_table(
        "marks_taken_back",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("mark_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks_taken_back")),
        sa.UniqueConstraint("mark_id", name=op.f("uq_marks_taken_back_mark_id")),
        sa.ForeignKeyConstraint(
            ["mark_id"], ["attendance_marks.id"], name=op.f("fk_marks_taken_back_mark_id_attendance_marks")
        ),
    )
    _append_only("marks_taken_back")
    op.create_index(
        "ix_sessions_to_confirm",
        "sessions",
        ["starts_at"],
        sqlite_where=OPEN_SESSION,
        postgresql_where=OPEN_SESSION,
    )


def _append_only(table: str) -> None:
    """As for every mark: what is only ever added to cannot be changed or removed, whoever connects."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for change in ("UPDATE", "DELETE"):
        head = f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
        if postgresql:
            op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION only_added_to()")
        else:
            op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END")
