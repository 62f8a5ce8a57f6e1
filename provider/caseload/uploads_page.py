"""The files a force has uploaded, and how many of their rows became referrals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.paged import Paged
from provider.domain.accounts.models import Account
from provider.domain.uploads.models import RowState, Upload, UploadRow
from provider.kernel.database import db

LISTED = 25


@dataclass(frozen=True)
class UploadLine:
    """An upload in the list; ``sent`` counts the rows that became referrals by it."""

    public_id: str
    read_at: datetime
    by: str
    rows: int
    sent: int
    state: str


class Uploads(Paged[UploadLine]):
    SIZE = LISTED


def uploads(force_id: int, *, page: int) -> Uploads:
    """A page of the force's uploads, the latest first: in two queries."""
    sent = (
        sa.select(sa.func.count())
        .where(UploadRow.upload_id == Upload.id, UploadRow.state == RowState.SENT)
        .scalar_subquery()
    )
    found = (
        sa.select(
            Upload.public_id,
            Upload.read_at,
            Account.name.label("by"),
            Upload.rows,
            sent.label("sent"),
            Upload.state,
        )
        .join(Account, Account.id == Upload.account_id)
        .where(Upload.force_id == force_id)
    )
    total = db.session.scalar(sa.select(sa.func.count()).where(Upload.force_id == force_id)) or 0
    rows = db.session.execute(found.order_by(Upload.id.desc()).limit(LISTED).offset((page - 1) * LISTED))
    return Uploads(tuple(UploadLine(**row) for row in rows.mappings()), total, page)
