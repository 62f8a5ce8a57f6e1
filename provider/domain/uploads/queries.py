"""Asked of uploads; locks are taken here, and nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.uploads.models import UNDER_WAY, RowState, Upload, UploadRow, UploadState
from provider.kernel.database import db
from provider.kernel.errors import NotFound

KEPT = timedelta(hours=24)
"""How long what a row says waits: to be sent after it was read, to be gone once sending has begun."""


@dataclass(frozen=True)
class UnderWay:
    """An upload that a worker goes on with."""

    upload_id: int
    mode: str | None
    state: str


def find_upload(public_id: str, *, force_id: int) -> Upload | None:
    """The force's upload with this public id, while there is one."""
    return db.session.scalars(
        sa.select(Upload).where(Upload.public_id == public_id, Upload.force_id == force_id)
    ).one_or_none()


def lock_upload(upload_id: int) -> Upload:
    """The upload as it stands now, locked until the transaction ends. Raises NotFound where it was thrown away."""
    upload = db.session.scalars(
        sa.select(Upload)
        .where(Upload.id == upload_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if upload is None:
        raise NotFound
    return upload


def lock_row(row_id: int, *, state: RowState) -> UploadRow | None:
    """The row, locked, if it stands so and no other worker has it at hand."""
    return db.session.scalars(
        sa.select(UploadRow)
        .where(UploadRow.id == row_id, UploadRow.state == state)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def uploads_under_way() -> Sequence[UnderWay]:
    """What workers have to do, the oldest first."""
    asked = sa.select(Upload.id, Upload.mode, Upload.state).where(Upload.state.in_(UNDER_WAY))
    return [UnderWay(row.id, row.mode, row.state) for row in db.session.execute(asked.order_by(Upload.id))]


def rows_in(upload_id: int, *, state: RowState) -> Sequence[int]:
    """Ids of the upload's rows that stand so, in the order of the sheet."""
    asked = sa.select(UploadRow.id).where(UploadRow.upload_id == upload_id, UploadRow.state == state)
    return db.session.scalars(asked.order_by(UploadRow.number)).all()


def any_row(upload_id: int, *states: RowState) -> bool:
    asked = sa.select(UploadRow.id).where(UploadRow.upload_id == upload_id, UploadRow.state.in_(states))
    return db.session.scalar(asked.limit(1)) is not None


def count_rows(upload_id: int, *states: RowState) -> int:
    asked = sa.select(sa.func.count()).where(UploadRow.upload_id == upload_id, UploadRow.state.in_(states))
    return db.session.scalar(asked) or 0


def sent_with(content_hash: str, *, force_id: int) -> int | None:
    """The referral that a row of this force with the same content became."""
    asked = sa.select(UploadRow.referral_id).where(
        UploadRow.force_id == force_id,
        UploadRow.content_hash == content_hash,
        UploadRow.state == RowState.SENT,
    )
    return db.session.scalar(asked)


def never_sent(*, now: datetime) -> sa.Select[int]:
    """Ids of uploads that were read a day ago, and nobody has said what to do with."""
    return sa.select(Upload.id).where(Upload.state == UploadState.READ, Upload.read_at <= now - KEPT)


def never_finished(*, now: datetime) -> Sequence[int]:
    """Ids of uploads whose sending began a day ago and has not come to an end."""
    return db.session.scalars(
        sa.select(Upload.id)
        .where(Upload.state.in_(UNDER_WAY), Upload.started_at <= now - KEPT)
        .order_by(Upload.id)
    ).all()
