"""A quarter of an hour of somebody's is taken by one call or by one session that they run: one table for both.

Where a call is booked in a session already, the session keeps the time: others hold places in it. The call stands in the
diary as it was, and is among those to be spread.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "diary_cells",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("cell", ID, nullable=False, autoincrement=False),
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("session_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("worker_id", "cell", name=op.f("pk_diary_cells")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["accounts.id"], name=op.f("fk_diary_cells_worker_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_diary_cells_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_diary_cells_session_id_sessions")
        ),
        sa.CheckConstraint(
            "(appointment_id IS NULL) <> (session_id IS NULL)",
            name=op.f("ck_diary_cells_of_a_call_or_of_a_session"),
        ),
    )
    op.execute(
        "INSERT INTO diary_cells (worker_id, cell, session_id) SELECT account_id, cell, session_id FROM facilitator_cells"
    )
    op.execute(
        "INSERT INTO diary_cells (worker_id, cell, appointment_id) "
        "SELECT worker_id, cell, appointment_id FROM appointment_cells AS calls WHERE NOT EXISTS "
        "(SELECT 1 FROM facilitator_cells AS runs WHERE runs.account_id = calls.worker_id AND runs.cell = calls.cell)"
    )
    for column in ("appointment_id", "session_id"):
        op.create_index(op.f(f"ix_diary_cells_{column}"), "diary_cells", [column])
    op.drop_table("appointment_cells")
    op.drop_table("facilitator_cells")
