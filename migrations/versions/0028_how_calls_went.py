"""How an appointment went is kept as it was said, corrections beside it; and a move that is recorded after it came about
says when that was.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of what was said before nobody kept who said it: it stands in the appointment alone."""
    op.create_table(
        "appointment_outcomes",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("appointment_id", ID, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("used_chance", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_appointment_outcomes_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_appointment_outcomes_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_outcomes")),
    )
    op.create_index(
        op.f("ix_appointment_outcomes_appointment_id"), "appointment_outcomes", ["appointment_id"]
    )
    op.create_index(op.f("ix_appointment_outcomes_by_id"), "appointment_outcomes", ["by_id"])
    op.add_column("referral_events", sa.Column("happened_at", MOMENT, nullable=True))
