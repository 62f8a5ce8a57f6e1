"""What people answer some weeks later, and the link that lets them.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ANSWERS = ("since_then", "feeling", "was_useful", "other_help")


def upgrade() -> None:
    op.add_column("text_links", sa.Column("survey_until", MOMENT, nullable=True))
    op.create_table(
        "survey_answers",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.String(20), nullable=True) for name in ANSWERS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_survey_answers_case_id_cases")),
        sa.UniqueConstraint("case_id", name=op.f("uq_survey_answers_case_id")),
    )
