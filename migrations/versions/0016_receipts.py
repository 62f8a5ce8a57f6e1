"""What became of a text at the network, alarms, and when each job last did its work.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDING = sa.text("ended_at IS NULL")
TO_DO = sa.text("done_at IS NULL AND given_up_at IS NULL")
GIVEN_UP = sa.text("given_up_at IS NOT NULL")
REFUSED = sa.text("error_code IS NOT NULL")


def upgrade() -> None:
    _alarms()
    _redactions()
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("succeeded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_runs")),
    )
    op.add_column("texts", sa.Column("worded_as", sa.String(80), nullable=True))
    op.create_index("ix_texts_sent_at", "texts", ["sent_at"])
    _partial("ix_texts_error_code", "texts", ["error_code", "due_at"], REFUSED)


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("times", ID, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by_id", ID, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["accounts.id"], name=op.f("fk_alarms_acknowledged_by_id_accounts")
        ),
    )
    _partial("uq_alarms_standing", "alarms", ["kind", "about"], STANDING, unique=True)
    op.create_index("ix_alarms_kind_about", "alarms", ["kind", "about", "ended_at"])


def _redactions() -> None:
    op.create_table(
        "redactions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("text_id", ID, nullable=True),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", ID, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("given_up_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redactions")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_redactions_text_id_texts")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_redactions_provider_id")),
    )
    _partial("ix_redactions_due", "redactions", ["due_at"], TO_DO)
    _partial("ix_redactions_given_up_at", "redactions", ["given_up_at"], GIVEN_UP)
    op.create_index("ix_redactions_noted_at", "redactions", ["noted_at"])


def _partial(
    name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
