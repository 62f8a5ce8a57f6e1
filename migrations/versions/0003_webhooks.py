"""Webhook secrets in rotation, endpoints leased to one worker at a time, and what the delivery log is read by.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

A_TEST = sa.text("event_id IS NULL")


def upgrade() -> None:
    for column in (
        sa.Column("previous_secret", sa.String(400)),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True)),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
    ):
        op.add_column("webhook_endpoints", column)
    tries = sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
    op.add_column("notice_attempts", tries)
    op.drop_index("ix_notice_attempts_endpoint_id", "notice_attempts")
    op.create_index("ix_notice_attempts_endpoint_id_id", "notice_attempts", ["endpoint_id", "id"])
    op.create_index(
        "ix_notice_attempts_tests",
        "notice_attempts",
        ["endpoint_id", "id"],
        sqlite_where=A_TEST,
        postgresql_where=A_TEST,
    )
    op.create_index("ix_notice_attempts_at", "notice_attempts", ["at"])
