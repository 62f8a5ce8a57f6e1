"""One sender's texts on their way: many at once, and the next are claimed while some are still going.

Each sender has a lane of its own in every worker, so that one that is answered slowly holds up no other. A text goes
from whoever claims it to one who calls, and from there to one who records the answer: no call waits for the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from provider.caseload.text_senders import Sender
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.domain.messaging.senders import rate_of
from provider.jobs.crews import Crew
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

RECORDING = 4
"""How many record at once what was answered: each has one of a worker's 20 connections to the database."""

A_HANDFUL = 16
"""Answers that one of them takes up together; each is committed by itself all the same."""

AHEAD = 64
"""Claimed and waiting for a call to end, so that none of the places waits for the database. All of them are begun well
within the time they are held for, however slow the calls are.
"""

ROOM = 48
"""What is claimed at once, at the least, while more is due."""

LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class Going:
    """A text on its way. ``ahead``: of the others, after a rest. ``answer`` is None while it was not begun."""

    ready: Ready
    ahead: bool
    answer: Answer | None = None


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
        self._callers: Crew[Going] = Crew("text", AT_ONCE, self._call)
        self._recorders: Crew[Going] = Crew("record", RECORDING, self._record)
        self._ended = threading.Condition()
        self._on_their_way = 0
        self._claim_from = 0.0
        self._went = False
        self._rests = False

    def run(self) -> None:
        """Send what is due and may go now, until nothing is on its way and nothing more can be claimed."""
        with self._shift.app.app_context(), self._recorders, self._callers:
            while self._top_up() or self._on_their_way:
                self._wait()

    def _top_up(self) -> bool:
        """Claim what there is room for; answers whether anything was due and could be looked at."""
        room = AT_ONCE + AHEAD - self._on_their_way
        if self._over() or room < ROOM or time.monotonic() < self._claim_from:
            return False
        now = self._shift.now()
        due = dispatch.anything_due(only=self._claims.sender.only, now=now)
        db.session.rollback()
        looked = due and self._claim(room)
        self._claim_from = 0.0 if looked else time.monotonic() + LOOK_AGAIN_SECONDS
        return looked

    def _claim(self, room: int) -> bool:
        with transaction():
            given = pacing.claim_for_sender(self._claims, most=room, went=self._went, now=self._shift.now())
        with self._ended:
            self._on_their_way += len(given.claimed.ready)
        self._recorders.grow(self._on_their_way // A_HANDFUL + 1)
        self._callers.grow(self._on_their_way)
        for ready in given.claimed.ready:
            self._callers.put(Going(ready, given.ahead))
        return given.claimed.looked_at > 0

    def _over(self) -> bool:
        return self._rests or self._shift.over

    def _wait(self) -> None:
        """Until there is room to claim more, or, where nothing more can be claimed, all have ended; not for long."""
        enough = 0 if self._claim_from or self._over() else AT_ONCE + AHEAD - ROOM
        with self._ended:
            waited = self._on_their_way > enough
            ended = self._ended.wait_for(lambda: self._on_their_way <= enough, LOOK_AGAIN_SECONDS)
        if waited and ended:
            # What was answered may let others go, as after a rest: worth a look.
            self._claim_from = 0.0

    def _call(self) -> None:
        while (going := self._callers.take()) is not None:
            try:
                self._see_through(going)
            except Exception as fault:  # noqa: BLE001
                _note(fault)
                self._end(1)

    def _see_through(self, going: Going) -> None:
        begins = not self._over() and self._shift.now() <= going.ready.begin_by
        answer = self._hand_over(going.ready) if begins else None
        self._recorders.put(Going(going.ready, going.ahead, answer))

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

    def _record(self) -> None:
        with self._shift.app.app_context():
            while handful := self._recorders.take_some(A_HANDFUL):
                self._record_each(handful)
                self._end(len(handful))

    def _record_each(self, handful: Sequence[Going]) -> None:
        as_ever = [one for one in handful if isinstance(one.answer, Sent) and not one.ahead]
        if as_ever:
            with _noted(), each_by_itself():
                for one in as_ever:
                    with _noted():
                        self._record_one(one)
        for one in handful:
            if one not in as_ever:
                with _noted(), transaction():
                    self._record_one(one)

    def _record_one(self, going: Going) -> None:
        ready, answer, now = going.ready, going.answer, self._shift.now()
        if answer is None:
            sending.give_back(ready, now=now)
        elif isinstance(answer, Sent):
            self._went = True
            pacing.record_yes(ready, answer, claims=self._claims, ahead=going.ahead, now=now)
        else:
            self._went = False
            if pacing.record_no(ready, answer, claims=self._claims, ahead=going.ahead, now=now):
                self._rests = True

    def _end(self, count: int) -> None:
        with self._ended:
            self._on_their_way -= count
            self._ended.notify()


@contextmanager
def _noted() -> Iterator[None]:
    try:
        yield
    except Exception as fault:  # noqa: BLE001
        _note(fault)


def _note(fault: Exception) -> None:
    """The text stays claimed until its lease lapses: then it is found out whether it went."""
    note_fault(log, "a text was not seen through", fault)
