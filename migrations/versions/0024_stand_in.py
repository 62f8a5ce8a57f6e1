"""Somebody rings in the place of who is away.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("absences") as absences:
        absences.add_column(sa.Column("stand_in_id", ID, nullable=True))
        absences.create_foreign_key("fk_absences_stand_in_id_accounts", "accounts", ["stand_in_id"], ["id"])
    op.create_index("ix_absences_stand_in_id", "absences", ["stand_in_id"])
