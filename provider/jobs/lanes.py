"""One sender's texts on their way: many at once, and the next are claimed while some are still going.

Each sender has a lane of its own in every worker, so that one that is answered slowly holds up no other.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue

from provider.caseload.text_senders import Sender
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.domain.messaging.senders import rate_of
from provider.jobs.shift import Shift
from provider.kernel.database import db, each_by_itself, transaction
from provider.kernel.faults import note_fault
from provider.pathway import pacing, sending
from provider.pathway.pacing import Answer, Claims
from provider.pathway.sending import Ready

log = logging.getLogger("provider.texts")

AT_ONCE = 64
"""Calls on their way for one sender, from one worker: what Twilio takes of one account without refusing (429), and more
than any sender's rate needs while calls take half a second.
"""

RECORDING = 8
"""How many of them record at once what came of a text: each has one of a worker's 20 connections to the database."""

AHEAD = 64
"""Claimed and waiting for a call to end, so that none of the places waits for the database. All of them are begun well
within the time they are held for, however slow the calls are.
"""

LOOK_AGAIN_SECONDS = 0.1


class Lane:
    """What one worker sends by one sender."""

    def __init__(self, shift: Shift, sender: Sender) -> None:
        self._shift = shift
        self._claims = Claims(
            sender=sender,
            rate=rate_of(sender.address, given=shift.settings.texts_a_second),
            worker=shift.worker,
            public_url=shift.settings.public_url,
            pace=shift.pace,
        )
        self._recording = threading.BoundedSemaphore(RECORDING)
        self._on_their_way = 0
        self._ended: SimpleQueue[Future[None]] = SimpleQueue()
        self._claim_from = 0.0
        self._went = False
        self._rests = False

    def run(self) -> None:
        """Send what is due and may go now, until nothing is on its way and nothing more can be claimed."""
        with self._shift.app.app_context(), ThreadPoolExecutor(AT_ONCE, "text") as pool:
            while self._top_up(pool) or self._on_their_way:
                self._wait()

    def _top_up(self, pool: ThreadPoolExecutor) -> bool:
        """Claim what there is room for; answers whether anything was due and could be looked at."""
        room = AT_ONCE + AHEAD - self._on_their_way
        if self._over() or room < AHEAD // 2 or time.monotonic() < self._claim_from:
            return False
        now = self._shift.now()
        due = dispatch.anything_due(only=self._claims.sender.only, now=now)
        db.session.rollback()
        given = None
        if due:
            with transaction():
                given = pacing.claim_for_sender(self._claims, most=room, went=self._went, now=now)
            for ready in given.claimed.ready:
                self._on_their_way += 1
                call = pool.submit(self._see_through, ready, given.ahead)
                call.add_done_callback(self._ended.put)
        looked = given is not None and given.claimed.looked_at > 0
        self._claim_from = 0.0 if looked else time.monotonic() + LOOK_AGAIN_SECONDS
        return looked

    def _over(self) -> bool:
        return self._rests or self._shift.over

    def _wait(self) -> None:
        """Until a call has ended, or it is time to look again; nothing to wait for is no reason to wait."""
        if not self._on_their_way:
            return
        try:
            self._end(self._ended.get(timeout=LOOK_AGAIN_SECONDS))
            while True:
                self._end(self._ended.get_nowait())
        except Empty:
            pass

    def _end(self, call: Future[None]) -> None:
        self._on_their_way -= 1
        fault = call.exception()
        if fault is not None:
            # The text stays claimed until its lease lapses: then it is found out whether it went.
            note_fault(log, "a text was not seen through", fault)

    def _see_through(self, ready: Ready, ahead: bool) -> None:
        answer = None
        if not self._over() and self._shift.now() <= ready.begin_by:
            answer = self._hand_over(ready)
        with self._recording, self._shift.app.app_context():
            if answer is not None:
                self._record(ready, answer, ahead=ahead)
                return
            with transaction():
                sending.give_back(ready, now=self._shift.now())

    def _hand_over(self, ready: Ready) -> Answer:
        status = f"{self._claims.public_url.rstrip('/')}/webhooks/twilio/status"
        try:
            return self._shift.texts.send(
                to=ready.to,
                body=ready.body,
                callback_url=f"{status}?text={ready.public_id}&try={ready.attempt}",
                valid_seconds=ready.valid_seconds,
                sender=self._claims.sender.address,
            )
        except (NotSent, SendUnknown) as told:
            return told

    def _record(self, ready: Ready, answer: Answer, *, ahead: bool) -> None:
        now = self._shift.now()
        if isinstance(answer, Sent):
            self._went = True
            with transaction() if ahead else each_by_itself():
                pacing.record_yes(ready, answer, claims=self._claims, ahead=ahead, now=now)
            return
        self._went = False
        with transaction():
            if pacing.record_no(ready, answer, claims=self._claims, ahead=ahead, now=now):
                self._rests = True
