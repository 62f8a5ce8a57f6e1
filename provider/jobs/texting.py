"""Texts go out: claimed in short transactions, sent with none open, recorded in one each."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

from provider.caseload.text_senders import senders_in_use
from provider.domain.messaging import dispatch
from provider.jobs.lanes import Lane
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.pathway import sending

MOST_SENDERS = 64
EXPIRED_AT_ONCE = 100
LOOK_AGAIN_SECONDS = 1.0
"""How soon a sender that had nothing to do is looked at again while another is still at it."""


def send_due_texts(shift: Shift) -> None:
    """Send what is due, each sender's texts beside the others'; what may not go yet is left for the next time."""
    running: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(MOST_SENDERS, "sender") as pool:
        while True:
            _drop_expired(shift)
            if not shift.over:
                for sender in senders_in_use(shift.texts.sender):
                    if sender.address not in running:
                        running[sender.address] = pool.submit(Lane(shift, sender).run)
            db.session.rollback()
            done, going = wait(running.values(), LOOK_AGAIN_SECONDS)
            for lane in done:
                lane.result()
            if not going:
                return
            running = {address: lane for address, lane in running.items() if lane in going}


def _drop_expired(shift: Shift) -> None:
    while not shift.over and dispatch.anything_expired(now=shift.now()):
        with transaction():
            dropped = sending.drop_expired(limit=EXPIRED_AT_ONCE, now=shift.now())
        if not dropped:
            return
