"""A sheet is looked at before anything is sent: each row good, doubtful, faulty, or sent before; and kept, sealed."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.accounts.secrets import SecretBox
from provider.domain.audit.trail import record
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Referral
from provider.domain.referrals.sheet.rows import Remark, SheetRow, column_of
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.domain.uploads.models import RowState, Upload, UploadRow, UploadState
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid
from provider.pathway.receiving import DuplicateReferral, duplicate_key, facts_of, identity_sent

REPEATED_ROW = "Row {number} says the same. Keep one of them."
REPEATED_REFERENCE = "Row {number} refers the same person with the same reference. Keep one of them."


@dataclass
class LookedAt:
    """A row and what was found: ``content_hash`` and ``key`` only where it has no fault of its own."""

    number: int
    body: dict[str, Any]
    faults: list[Remark] = field(default_factory=list)
    doubts: list[Remark] = field(default_factory=list)
    content_hash: str | None = None
    key: str | None = None
    referral_id: int | None = None
    sent_before: bool = False

    @property
    def state(self) -> RowState:
        if self.sent_before:
            return RowState.SENT_BEFORE
        return RowState.FAULTY if self.faults else RowState.READY


def look_at(rows: Iterable[SheetRow], *, force_id: int, now: datetime) -> tuple[LookedAt, ...]:
    """Every row as it would be received now; what this force has sent already is found in two queries."""
    facts = facts_of(schemes_of(force_id, at=now))
    looked = tuple(_look_at_one(row, facts, now=now) for row in rows)
    _find_repeated(looked)
    _find_sent_rows(looked, force_id)
    _find_duplicates(looked, force_id)
    return looked


def keep_upload(rows: Sequence[LookedAt], *, force_id: int, box: SecretBox, by: Actor, now: datetime) -> str:
    """Keep what was looked at until somebody says what to do with it; the public id. Needs a transaction."""
    upload = Upload(
        public_id=f"upl_{secrets.token_hex(12)}",
        force_id=force_id,
        account_id=by.account_id,
        state=UploadState.READ,
        rows=len(rows),
        read_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    db.session.execute(sa.insert(UploadRow), [_stored(row, upload, box) for row in rows])
    faulty = sum(row.state == RowState.FAULTY for row in rows)
    record("upload.read", "upload", upload.id, by=by, now=now, rows=len(rows), faulty=faulty)
    return upload.public_id


def content_hash(submission: ReferralSubmission) -> str:
    """Stands for everything that a row says, however its cells were written and in whichever order they stood."""
    said = json.dumps(submission.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _look_at_one(row: SheetRow, facts: Mapping[str, SchemeFacts], *, now: datetime) -> LookedAt:
    looked = LookedAt(row.number, row.body, doubts=[row.remark(doubt) for doubt in row.doubts])
    try:
        submission = parse_submission(row.body, schemes=facts, now=now)
    except Invalid as invalid:
        looked.faults = [row.remark(fault) for fault in _with_cells(row, invalid.errors)]
        return looked
    looked.faults = [row.remark(fault) for fault in row.faults]
    looked.doubts += [row.remark(doubt) for doubt in warnings_of(submission)]
    if not looked.faults:
        looked.content_hash = content_hash(submission)
        looked.key = duplicate_key(submission.force_reference, identity_sent(submission))
    return looked


def _with_cells(row: SheetRow, faults: Iterable[FieldError]) -> list[FieldError]:
    """What a cell itself has wrong stands before what the submission makes of it."""
    of_cells = {fault.pointer: fault for fault in row.faults}
    others = [fault for fault in faults if fault.pointer not in of_cells]
    return [*row.faults, *others]


def _find_repeated(rows: Iterable[LookedAt]) -> None:
    """The first of several stays good."""
    first_said: dict[str, int] = {}
    first_key: dict[str, int] = {}
    for row in rows:
        if row.content_hash is None:
            continue
        same, same_key = first_said.get(row.content_hash), first_key.get(row.key or "")
        if same is not None:
            row.faults.append(Remark("", "repeated_row", REPEATED_ROW.format(number=same)))
        elif same_key is not None:
            sentence = REPEATED_REFERENCE.format(number=same_key)
            row.faults.append(Remark("force_reference", "repeated_reference", sentence))
        else:
            first_said[row.content_hash] = row.number
            if row.key is not None:
                first_key[row.key] = row.number


def _find_sent_rows(rows: Iterable[LookedAt], force_id: int) -> None:
    waiting = {row.content_hash: row for row in rows if row.state == RowState.READY}
    sent = sa.select(UploadRow.content_hash, UploadRow.referral_id).where(
        UploadRow.force_id == force_id,
        UploadRow.state == RowState.SENT,
        UploadRow.content_hash.in_(list(waiting)),
    )
    for found in db.session.execute(sent):
        row = waiting[found.content_hash]
        row.sent_before, row.referral_id = True, found.referral_id


def _find_duplicates(rows: Iterable[LookedAt], force_id: int) -> None:
    """Sent some other way with the same reference, or with something else in it: not the same row, and not sent."""
    waiting = {row.key: row for row in rows if row.state == RowState.READY and row.key}
    known = sa.select(Referral.duplicate_key, Referral.id).where(
        Referral.force_id == force_id, Referral.duplicate_key.in_(list(waiting))
    )
    for found in db.session.execute(known):
        row = waiting[found.duplicate_key]
        row.referral_id = found.id
        row.faults.append(duplicate_remark())


def duplicate_remark() -> Remark:
    return Remark("force_reference", DuplicateReferral.code, DuplicateReferral.sentence)


def remarks_on(body_faults: Iterable[FieldError]) -> list[Remark]:
    """Faults or doubts of a body that was read earlier, each at the column that is made for its field."""
    return [Remark(column_of(fault.pointer, {}), fault.code, fault.detail) for fault in body_faults]


def as_stored(remarks: Iterable[Remark]) -> list[dict[str, Any]] | None:
    """None for none."""
    return [vars(remark) for remark in remarks] or None


def _stored(row: LookedAt, upload: Upload, box: SecretBox) -> dict[str, Any]:
    """What a faulty row says is not kept: nobody can send it."""
    waits = row.state == RowState.READY
    return {
        "upload_id": upload.id,
        "force_id": upload.force_id,
        "number": row.number,
        "state": row.state,
        "sealed": box.seal(json.dumps(row.body)) if waits else None,
        "content_hash": row.content_hash if waits else None,
        "referral_id": row.referral_id,
        "faults": as_stored(row.faults),
        "doubts": as_stored(row.doubts),
    }
