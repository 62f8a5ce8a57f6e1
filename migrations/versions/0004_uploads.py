"""Referrals that come as a sheet.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SENT = sa.text("state = 'sent'")


def upgrade() -> None:
    _uploads()
    _rows()


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("force_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=True),
        sa.Column("rows", _ID, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by_id", _ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_uploads_force_id_forces")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_uploads_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["accounts.id"], name=op.f("fk_uploads_started_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_uploads_public_id")),
    )
    op.create_index("ix_uploads_force", "uploads", ["force_id", "id"], unique=False)
    op.create_index("ix_uploads_state", "uploads", ["state", "id"], unique=False)


def _rows() -> None:
    op.create_table(
        "upload_rows",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("upload_id", _ID, nullable=False),
        sa.Column("force_id", _ID, nullable=False),
        sa.Column("number", _ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("referral_id", _ID, nullable=True),
        sa.Column("faults", _JSON, nullable=True),
        sa.Column("doubts", _JSON, nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_rows_upload_id_uploads")),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_upload_rows_force_id_forces")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_upload_rows_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_rows")),
        sa.UniqueConstraint("upload_id", "number", name=op.f("uq_upload_rows_upload_id_number")),
    )
    op.create_index(op.f("ix_upload_rows_referral_id"), "upload_rows", ["referral_id"], unique=False)
    op.create_index(
        "uq_upload_rows_sent",
        "upload_rows",
        ["force_id", "content_hash"],
        unique=True,
        sqlite_where=_SENT,
        postgresql_where=_SENT,
    )
