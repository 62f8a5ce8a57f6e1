"""Uploads that somebody has started are sent: a row a transaction, or all rows in one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from provider.domain.uploads.models import Mode, RowState, UploadState
from provider.domain.uploads.queries import UnderWay, rows_in, uploads_under_way
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.kernel.faults import note_fault
from provider.pathway import sending_rows, uploading
from provider.pathway.sending_rows import RowRefused

log = logging.getLogger("provider.jobs")


def send_uploads(shift: Shift) -> None:
    """Go on with every upload that is under way. One that cannot go on does not stand in the way of the others."""
    for upload in uploads_under_way():
        if shift.over:
            return
        try:
            _go_on(shift, upload)
        except Exception as fault:  # noqa: BLE001
            note_fault(log, "an upload could not go on", fault, upload=upload.upload_id)


def _go_on(shift: Shift, upload: UnderWay) -> None:
    if upload.mode == Mode.GOOD:
        _row_by_row(shift, upload, sending_rows.send_row)
        with transaction():
            uploading.finish(upload.upload_id, now=shift.now())
        return
    if upload.state == UploadState.CHECKING:
        _row_by_row(shift, upload, sending_rows.check_row)
        with transaction():
            uploading.end_checking(upload.upload_id, now=shift.now())
    if not shift.over:
        _all_at_once(shift, upload)


def _row_by_row(shift: Shift, upload: UnderWay, do: Callable[..., None]) -> None:
    """Each row that waits, in a transaction of its own. One that fails waits for the next time; the others go on."""
    for row_id in rows_in(upload.upload_id, state=RowState.READY):
        if shift.over:
            return
        try:
            with transaction():
                do(row_id, box=shift.secret_box, now=shift.now())
        except Exception as fault:  # noqa: BLE001
            note_fault(log, "a row could not be done", fault, row=row_id)


def _all_at_once(shift: Shift, upload: UnderWay) -> None:
    try:
        with transaction():
            sending_rows.send_all(upload.upload_id, box=shift.secret_box, now=shift.now())
    except RowRefused as refused:
        with transaction():
            sending_rows.refuse_all(upload.upload_id, refused, now=shift.now())
