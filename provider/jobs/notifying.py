"""Each force's events are numbered and sent to its endpoints: many endpoints at once, each in its own order.

An endpoint that hangs takes one of the places until its 15 seconds are over, and its force has a share of them only:
what others are owed goes out meanwhile.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from provider.domain.compliance import delivery, feed, turns
from provider.domain.compliance.sending import SECONDS, Line
from provider.domain.compliance.turns import Turn
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.kernel.faults import note_fault

log = logging.getLogger("provider.jobs")

AT_ONCE = 32
AT_ONCE_OF_A_FORCE = 5
READ_AT_ONCE = 50
LONGEST_TURN = timedelta(minutes=1)
"""Then others come first, and the endpoint's name is looked up anew even where its connection would still hold."""

LOOK_AGAIN_SECONDS = 0.5


def send_notices(shift: Shift) -> None:
    """Number what is committed and send what is due, until nothing is due and nothing on its way."""
    running: dict[Future[None], Turn] = {}
    with ThreadPoolExecutor(AT_ONCE, "notice") as pool:
        while True:
            _number()
            _begin_turns(shift, pool, running)
            if not running:
                return
            done, _ = wait(running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
            for turn in done:
                _note_fault(turn, running.pop(turn))


def _number() -> None:
    for force_id in delivery.forces_to_number():
        with transaction():
            feed.number(force_id)
    db.session.rollback()


def _begin_turns(shift: Shift, pool: ThreadPoolExecutor, running: dict[Future[None], Turn]) -> None:
    while not shift.over and len(running) < AT_ONCE:
        of_force = Counter(turn.force_id for turn in running.values())
        served = [force_id for force_id, count in of_force.items() if count >= AT_ONCE_OF_A_FORCE]
        due = turns.anything_due(not_of=served, now=shift.now())
        db.session.rollback()
        if not due:
            return
        with transaction():
            turn = turns.claim(not_of=served, now=shift.now())
        if turn is None:
            return
        running[pool.submit(_take_turn, shift, turn)] = turn


def _note_fault(done: Future[None], turn: Turn) -> None:
    """A fault of ours with one endpoint stops no other. Its lease is left to lapse, so that it is not tried at once."""
    fault = done.exception()
    if fault is not None:
        note_fault(log, "a turn of notices failed", fault, endpoint=turn.endpoint_id)


def _take_turn(shift: Shift, turn: Turn) -> None:
    """Send one endpoint what waits for it, until something is not taken, nothing waits, or others are to come first."""
    ends = shift.now() + LONGEST_TURN
    with shift.app.app_context():
        with Line(turn.url, public_only=shift.settings.production) as line:
            goes_on: Turn | None = turn
            while goes_on is not None and shift.now() < ends:
                goes_on = _send_some(shift, goes_on, line, ends=ends)
        with transaction():
            turns.release(turn)


def _send_some(shift: Shift, turn: Turn, line: Line, *, ends: datetime) -> Turn | None:
    """Send what was read at once; the endpoint as it stands then, or None where its turn is over."""
    notices = delivery.next_notices(turn, limit=READ_AT_ONCE)
    db.session.rollback()
    stands: Turn | None = turn if notices else None
    for notice in notices:
        if stands is None or shift.over or shift.now() >= ends or not _has_time(stands, shift):
            return None
        if stands.test_asked_at is not None and notice.sequence is not None:
            return stands
        stands = _send_one(shift, stands, notice, line)
    return stands


def _has_time(turn: Turn, shift: Shift) -> bool:
    """Whether a notice can be sent and noted before the lease lapses: not where this process was held up."""
    return turn.leased_until - shift.now() > timedelta(seconds=2 * SECONDS)


def _send_one(shift: Shift, turn: Turn, notice: delivery.Notice, line: Line) -> Turn | None:
    opened = [shift.secret_box.open(sealed) for sealed in turn.sealed_secrets]
    outcome = line.send(notice, secrets=opened, now=shift.now())
    with transaction():
        return delivery.note(turn, notice, outcome, jitter=secrets.randbelow(1000) / 1000, now=shift.now())
