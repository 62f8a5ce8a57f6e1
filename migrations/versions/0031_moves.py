"""Why an appointment was moved and who asked; the languages that a worker makes calls in.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "worker_languages",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "language", name=op.f("pk_worker_languages")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["accounts.id"], name=op.f("fk_worker_languages_worker_id_accounts")
        ),
    )
    op.add_column("appointments", sa.Column("moved_asked_by", sa.String(20), nullable=True))
    op.add_column("appointments", sa.Column("moved_because", sa.String(20), nullable=True))
    op.add_column("appointments", sa.Column("moved_words", sa.String(200), nullable=True))
    op.create_index("uq_appointments_replaced_by", "appointments", ["replaced_by_id"], unique=True)
    op.execute(
        "UPDATE appointments SET moved_asked_by = 'staff', moved_because = 'other' WHERE state = 'moved'"
    )
    op.execute(
        "UPDATE appointments SET moved_asked_by = 'participant', moved_because = 'person_asked' "
        "WHERE state = 'moved' AND replaced_by_id IN "
        "(SELECT later.id FROM appointments AS later WHERE later.booked_by LIKE 'participant%')"
    )
