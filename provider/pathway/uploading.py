"""A file of referrals is started, once, or thrown away; and comes to an end. ``sending_rows`` is what lies between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.uploads.models import TO_DO, UNDER_WAY, Mode, RowState, Upload, UploadRow, UploadState
from provider.domain.uploads.queries import any_row, count_rows, lock_upload, never_finished, never_sent
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal

MOST_AT_ONCE = 250
"""Rows that one transaction carries: on SQLite nobody else writes meanwhile."""


class NoSuchMode(Refusal):
    code = "no_such_mode"
    sentence = "Say whether all rows are to be sent together, or the good ones."


class NotAllSound(Refusal):
    code = "not_all_sound"
    sentence = (
        "Not every row can be sent. Put the file right and upload it again, or send the good rows only."
    )


class TooManyAtOnce(Refusal):
    code = "too_many_at_once"
    sentence = (
        f"All or nothing takes {MOST_AT_ONCE} rows at most. Split the file, or send the good rows only."
    )


class NothingToSend(Refusal):
    code = "nothing_to_send"
    sentence = "There is no row that can be sent."


class UnderWayAlready(Refusal):
    code = "under_way"
    sentence = "The rows of this file are being sent already."


def start_upload(upload: Upload, *, mode: str | None, by: Actor, now: datetime) -> bool:
    """Let workers send it; False where somebody has said so already: it is done once, as they said.

    Raises NoSuchMode, NothingToSend; and, for all or nothing, NotAllSound or TooManyAtOnce.
    """
    upload = lock_upload(upload.id)
    if upload.state != UploadState.READ:
        return False
    _refuse_start(upload, mode)
    upload.state = UploadState.CHECKING if mode == Mode.ALL else UploadState.SENDING
    upload.mode, upload.started_at, upload.started_by_id = mode, now, by.account_id
    record("upload.started", "upload", upload.id, by=by, now=now, mode=mode)
    return True


def _refuse_start(upload: Upload, mode: str | None) -> None:
    if mode not in set(Mode):
        raise NoSuchMode
    waiting = count_rows(upload.id, RowState.READY)
    if not waiting:
        raise NothingToSend
    if mode == Mode.ALL and any_row(upload.id, RowState.FAULTY):
        raise NotAllSound
    if mode == Mode.ALL and waiting > MOST_AT_ONCE:
        raise TooManyAtOnce


def discard_upload(upload: Upload, *, by: Actor, now: datetime) -> None:
    """Throw it away before anything is sent. Raises UnderWayAlready."""
    upload = lock_upload(upload.id)
    if upload.state != UploadState.READ:
        raise UnderWayAlready
    record("upload.discarded", "upload", upload.id, by=by, now=now)
    _remove([upload.id])


def end_checking(upload_id: int, *, now: datetime) -> None:
    """Every row has been looked at: all of them are sent next, or none is."""
    upload = lock_upload(upload_id)
    if upload.state != UploadState.CHECKING or any_row(upload_id, RowState.READY):
        return
    if any_row(upload_id, RowState.REFUSED):
        end_upload(upload, UploadState.REFUSED, now=now)
    else:
        upload.state = UploadState.SENDING


def finish(upload_id: int, *, now: datetime) -> None:
    """Say that it is done, where no row is left to do."""
    upload = lock_upload(upload_id)
    if upload.state == UploadState.SENDING and not any_row(upload_id, *TO_DO):
        end_upload(upload, UploadState.DONE, now=now)


def forget_uploads(*, now: datetime) -> None:
    """What waited for its day is removed, and what could not be sent in a day is given up. Needs a transaction."""
    _remove(db.session.scalars(never_sent(now=now)).all())
    for upload_id in never_finished(now=now):
        upload = lock_upload(upload_id)
        if upload.state in UNDER_WAY:
            end_upload(upload, UploadState.STOPPED, now=now)


def end_upload(upload: Upload, state: UploadState, *, now: datetime) -> None:
    """The end of it, whichever: rows that still wait are not sent any more, and nothing they said is kept."""
    upload.state, upload.ended_at = state, now
    db.session.flush()
    db.session.execute(
        sa.update(UploadRow)
        .where(UploadRow.upload_id == upload.id, UploadRow.state.in_(TO_DO))
        .values(state=RowState.NOT_SENT, sealed=None, content_hash=None)
        .execution_options(synchronize_session=False)
    )
    by = Actor("account", upload.started_by_id) if upload.started_by_id is not None else SYSTEM
    sent = count_rows(upload.id, RowState.SENT)
    record("upload.ended", "upload", upload.id, by=by, now=now, state=state, sent=sent)


def _remove(upload_ids: Iterable[int]) -> None:
    gone = list(upload_ids)
    db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id.in_(gone)))
    db.session.execute(sa.delete(Upload).where(Upload.id.in_(gone)))
