"""Zoom is asked for meetings and for people's links: taken in short transactions, asked with none open, recorded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

from provider.domain.meetings import errands
from provider.domain.meetings.gateways import Meetings
from provider.jobs.asking_zoom import ask_for_link, ask_for_meeting
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.kernel.faults import note_fault
from provider.pathway import invited, inviting
from provider.pathway.invited import Came
from provider.pathway.inviting import Batch, LinkCall, MeetingCall

log = logging.getLogger("provider.meetings")

AT_ONCE = 4
"""Zoom lets an account make only some calls of this kind a second."""

USUAL_REST = 60.0
STOPS = frozenset({"too_many", "not_let_in", "no_connection"})
"""What would be answered to every other call too."""

Call = MeetingCall | LinkCall


def keep_meetings(shift: Shift) -> None:
    """Have at Zoom what should be there, the soonest first, until nothing is due or Zoom asks for patience."""
    network = shift.meetings
    if not isinstance(network, Meetings):
        return
    goes_on = True
    while goes_on and not shift.over:
        if inviting.anything_new(now=shift.now()):
            with transaction():
                inviting.note_new(now=shift.now())
        calls = _take(shift) if inviting.anything_due(now=shift.now()) else ()
        db.session.rollback()
        goes_on = bool(calls) and _see_to(shift, network, calls)


def _take(shift: Shift) -> Sequence[Call]:
    batch = Batch(AT_ONCE, shift.pace.lease, shift.pace.grace)
    with transaction():
        meetings = inviting.take_meetings(batch, service_name=shift.settings.service_name, now=shift.now())
        return meetings or inviting.take_links(batch, now=shift.now())


def _see_to(shift: Shift, network: Meetings, calls: Sequence[Call]) -> bool:
    """Ask, and record each answer as it comes; answers whether Zoom can be asked more."""
    goes_on = True
    with ThreadPoolExecutor(AT_ONCE, "meeting") as pool:
        asked = {pool.submit(_ask, shift, network, call): call for call in calls}
        for done in as_completed(asked):
            fault = done.exception()
            if fault is not None:
                # It stays in hand until its lease lapses; then it is looked for.
                note_fault(log, "Zoom could not be asked", fault)
                continue
            goes_on = _record(shift, asked[done], done.result()) and goes_on
    return goes_on


def _ask(shift: Shift, network: Meetings, call: Call) -> Came:
    def in_time() -> bool:
        return not shift.over and shift.now() <= call.taken.begin_by

    if isinstance(call, MeetingCall):
        return ask_for_meeting(network, call, in_time)
    return ask_for_link(network, call, in_time, shift.secret_box)


def _record(shift: Shift, call: Call, came: Came) -> bool:
    """Answers whether others may be asked. No name and no address is logged."""
    now, grace = shift.now(), shift.pace.grace
    with transaction():
        if isinstance(call, MeetingCall):
            invited.of_meeting(call, came, grace=grace, now=now)
        else:
            invited.of_link(call, came, grace=grace, now=now)
        if came.because in STOPS:
            errands.rest(until=now + timedelta(seconds=came.wait_seconds or USUAL_REST))
    if came.because and came.because != "no_such_user":
        log.warning("Zoom did not do as asked: %s", came.because, extra={"row": call.taken.row_id})
    return came.because not in STOPS
