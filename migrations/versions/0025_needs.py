"""What keeps somebody from a text, a call or an online session, and how it is met.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDS = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "needs",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by", sa.String(60), nullable=False),
        sa.Column("way", sa.String(20), nullable=True),
        sa.Column("met_at", MOMENT, nullable=True),
        sa.Column("met_by", sa.String(60), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_needs_person_id_people")),
    )
    op.create_index(op.f("ix_needs_person_id"), "needs", ["person_id"])
    op.create_index(
        "uq_needs_standing",
        "needs",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    # What forces have said so far, of people with an open case: noted as if it had just come.
    op.execute(
        "INSERT INTO needs (person_id, kind, noted_at, noted_by) "
        "SELECT p.id, 'interpreter', c.opened_at, 'system' FROM people p "
        "JOIN cases c ON c.person_id = p.id AND c.closed_at IS NULL WHERE p.interpreter_needed"
    )
    op.execute(
        "INSERT INTO needs (person_id, kind, noted_at, noted_by) "
        "SELECT p.id, 'other', c.opened_at, 'system' FROM people p "
        "JOIN cases c ON c.person_id = p.id AND c.closed_at IS NULL "
        "WHERE COALESCE(p.accessibility_needs, '') <> ''"
    )
