"""Reviews of a bar, and corrections that a force has carried out.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CRIME_NUMBER = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")
UNDECIDED = sa.text("decided_at IS NULL")
STANDING = sa.text("undone_at IS NULL")
CORRECTING = sa.text("type IN ('outcome.corrected', 'referral.reopened')")


def upgrade() -> None:
    _bar_reviews()
    _corrections_done()
    _crime_numbers()
    op.create_index("ix_referrals_force_closed", "referrals", ["force_id", "closed_at"])


def _bar_reviews() -> None:
    op.create_table(
        "bar_reviews",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("referral_id", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("asked_through", sa.String(10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar_reviews")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_bar_reviews_referral_id_referrals")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_bar_reviews_decided_by_id_accounts")
        ),
    )
    op.create_index(op.f("ix_bar_reviews_referral_id"), "bar_reviews", ["referral_id"])
    _partial("uq_bar_reviews_open", "bar_reviews", ["referral_id"], UNDECIDED, unique=True)
    _partial("ix_bar_reviews_due", "bar_reviews", ["due_at"], UNDECIDED)


def _corrections_done() -> None:
    op.create_table(
        "corrections_done",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("force_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.Column("done_by_id", ID, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections_done")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_corrections_done_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["compliance_events.id"],
            name=op.f("fk_corrections_done_event_id_compliance_events"),
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["accounts.id"], name=op.f("fk_corrections_done_done_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["accounts.id"], name=op.f("fk_corrections_done_undone_by_id_accounts")
        ),
    )
    op.create_index(op.f("ix_corrections_done_force_id"), "corrections_done", ["force_id"])
    op.create_index(op.f("ix_corrections_done_event_id"), "corrections_done", ["event_id"])
    _partial("uq_corrections_done_standing", "corrections_done", ["event_id"], STANDING, unique=True)
    _partial("ix_compliance_events_correcting", "compliance_events", ["force_id", "id"], CORRECTING)


def _crime_numbers() -> None:
    """Each as it is looked up: without spaces, in small letters."""
    op.add_column("referrals", sa.Column("crime_number", CRIME_NUMBER, nullable=True))
    op.execute(
        "UPDATE referrals SET crime_number = lower(replace(force_reference, ' ', ''))"
        " WHERE force_reference IS NOT NULL"
    )
    op.create_index("ix_referrals_force_crime_number", "referrals", ["force_id", "crime_number"])


def _partial(
    name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
