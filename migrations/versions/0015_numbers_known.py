"""What is known of a number, whose it is, who sees the phone, and whom a child's texts may reach.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = "('good', 'suspect', 'bad', 'opted_out', 'not_a_mobile')"


def upgrade() -> None:
    _whose()
    _who_sees()
    op.add_column("people", sa.Column("texts_to", sa.String(10), nullable=True))
    op.add_column("people", sa.Column("texts_agreed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("name_checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("competence", sa.String(20), nullable=True))


def _whose() -> None:
    """A number may be an adult's; the check of the states comes with the column, as SQLite would have it."""
    op.execute(
        "ALTER TABLE phone_numbers ADD COLUMN relation VARCHAR(40) "
        f"CONSTRAINT ck_phone_numbers_state CHECK (state IN {STATES})"
    )
    op.drop_index("uq_phone_numbers_current", "phone_numbers")
    for name, whose in (("current", "IS NULL"), ("adult", "IS NOT NULL")):
        rung = sa.text(f"ended_at IS NULL AND relation {whose}")
        op.create_index(
            f"uq_phone_numbers_{name}",
            "phone_numbers",
            ["person_id"],
            unique=True,
            sqlite_where=rung,
            postgresql_where=rung,
        )


def _who_sees() -> None:
    """Who said that others see the phone agreed to no more than a text without a name. No meant nobody, or not said."""
    op.add_column("phone_numbers", sa.Column("who_sees", sa.String(20), nullable=True))
    op.execute("UPDATE phone_numbers SET who_sees = 'others_fine' WHERE seen_by_others")
    op.drop_column("phone_numbers", "seen_by_others")
