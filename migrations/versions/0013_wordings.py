"""Words of texts, by scheme and language, and every version of them: only ever added to.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("scheme_id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_wordings_scheme_id_schemes")),
        sa.UniqueConstraint(
            "scheme_id",
            "kind",
            "language",
            "version",
            name=op.f("uq_wordings_scheme_id_kind_language_version"),
        ),
    )
    for change in ("UPDATE", "DELETE"):
        _refuse(change)


def _refuse(change: str) -> None:
    head = f"CREATE TRIGGER wordings_no_{change.lower()} BEFORE {change} ON wordings "
    if op.get_bind().dialect.name == "postgresql":
        # The function is there since 0002.
        op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION only_added_to()")
    else:
        op.execute(f"{head} BEGIN SELECT RAISE(ABORT, 'wordings is only ever added to'); END")
