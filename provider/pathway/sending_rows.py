"""The rows of an upload that was started become referrals: one by one, or all together or none.

A row and the referral it becomes are one transaction: a worker that is killed leaves a row either sent or waiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.secrets import SecretBox
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Referral
from provider.domain.referrals.sheet.rows import Remark
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.domain.uploads.models import RowState, Upload, UploadRow, UploadState
from provider.domain.uploads.queries import lock_row, lock_upload, rows_in, sent_with
from provider.kernel.actors import Actor
from provider.kernel.database import db, take_turns
from provider.kernel.errors import FieldError, Invalid
from provider.pathway.previewing import as_stored, content_hash, duplicate_remark, remarks_on
from provider.pathway.receiving import (
    DuplicateReferral,
    duplicate_key,
    facts_of,
    identity_sent,
    receive,
    turn_of,
)
from provider.pathway.uploading import end_upload, finish


class RowRefused(Exception):
    """One row of all cannot be sent: nothing is."""

    def __init__(self, row_id: int, remarks: list[Remark], referral_id: int | None) -> None:
        self.row_id, self.remarks, self.referral_id = row_id, remarks, referral_id
        super().__init__()


def send_row(row_id: int, *, box: SecretBox, now: datetime) -> None:
    """Send one row of good ones only: it becomes a referral, was one before, or is refused with what is wrong."""
    row = lock_row(row_id, state=RowState.READY)
    if row is None:
        return
    try:
        _send(row, box=box, now=now)
    except RowRefused as refused:
        known = refused.referral_id is not None
        row.state = RowState.SENT_BEFORE if known else RowState.REFUSED
        row.faults, row.referral_id = as_stored(refused.remarks), refused.referral_id
    _forget_what_it_said(row)


def check_row(row_id: int, *, box: SecretBox, now: datetime) -> None:
    """Look at one row of all again before any is sent: much may have happened since the file was read."""
    row = lock_row(row_id, state=RowState.READY)
    if row is None:
        return
    row.state = RowState.CHECKED
    try:
        submission = _read(row, box=box, now=now)
        known = _known(submission, row.force_id)
        if known is not None and sent_with(content_hash(submission), force_id=row.force_id) is None:
            raise RowRefused(row.id, [duplicate_remark()], known)
    except RowRefused as refused:
        _refuse(row, refused)


def send_all(upload_id: int, *, box: SecretBox, now: datetime) -> None:
    """Send every row that was checked, in the transaction at hand. Raises RowRefused: then none may stay sent."""
    # Two of these at once would hold the names of each other's people.
    take_turns("uploads: all or nothing")
    upload = lock_upload(upload_id)
    if upload.state != UploadState.SENDING:
        return
    for row_id in rows_in(upload_id, state=RowState.CHECKED):
        row = lock_row(row_id, state=RowState.CHECKED)
        if row is not None:
            _send(row, box=box, now=now)
            _forget_what_it_said(row)
    finish(upload_id, now=now)


def refuse_all(upload_id: int, refused: RowRefused, *, now: datetime) -> None:
    """Nothing was sent, because of this row."""
    upload = lock_upload(upload_id)
    row = lock_row(refused.row_id, state=RowState.CHECKED)
    if upload.state == UploadState.SENDING and row is not None:
        _refuse(row, refused)
        end_upload(upload, UploadState.REFUSED, now=now)


def _send(row: UploadRow, *, box: SecretBox, now: datetime) -> None:
    submission = _read(row, box=box, now=now)
    # The same turn as in receiving: who says the same about the same person comes after, and finds this row sent.
    take_turns(turn_of(identity_sent(submission)))
    said = content_hash(submission)
    known = sent_with(said, force_id=row.force_id)
    if known is not None:
        row.state, row.referral_id = RowState.SENT_BEFORE, known
        return
    doubts = warnings_of(submission)
    referral = _receive(row, submission, doubts, now=now)
    row.state, row.referral_id, row.content_hash = RowState.SENT, referral.id, said
    told = row.doubts or []
    codes = {remark["code"] for remark in told}
    later = [FieldError(**doubt) for doubt in referral.warnings if doubt["code"] not in codes]
    row.doubts = [*told, *(as_stored(remarks_on(later)) or [])] or None


def _receive(
    row: UploadRow, submission: ReferralSubmission, doubts: Iterable[FieldError], *, now: datetime
) -> Referral:
    started_by = db.session.scalars(sa.select(Upload.started_by_id).where(Upload.id == row.upload_id)).one()
    try:
        return receive(
            submission,
            force_id=row.force_id,
            warnings=tuple(doubts),
            received_by="upload",
            by=Actor("account", started_by),
            now=now,
        ).referral
    except DuplicateReferral:
        known = _known(submission, row.force_id)
        raise RowRefused(row.id, [duplicate_remark()], known) from None


def _read(row: UploadRow, *, box: SecretBox, now: datetime) -> ReferralSubmission:
    """What the row says, read again under the terms in force now. Raises RowRefused."""
    assert row.sealed is not None
    try:
        return parse_submission(
            json.loads(box.open(row.sealed)), schemes=facts_of(schemes_of(row.force_id, at=now)), now=now
        )
    except Invalid as invalid:
        raise RowRefused(row.id, remarks_on(invalid.errors), None) from None


def _known(submission: ReferralSubmission, force_id: int) -> int | None:
    """The referral that this force made of the same person with the same reference."""
    key = duplicate_key(submission.force_reference, identity_sent(submission))
    if key is None:
        return None
    return db.session.scalar(
        sa.select(Referral.id).where(Referral.force_id == force_id, Referral.duplicate_key == key)
    )


def _refuse(row: UploadRow, refused: RowRefused) -> None:
    row.state, row.referral_id = RowState.REFUSED, refused.referral_id
    row.faults = as_stored(refused.remarks)
    _forget_what_it_said(row)


def _forget_what_it_said(row: UploadRow) -> None:
    """Erased with the step that makes it useless. The hash stays with a row that was sent, to know it again."""
    row.sealed = None
    if row.state != RowState.SENT:
        row.content_hash = None
