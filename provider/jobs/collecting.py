"""Zoom's reports of meetings that are over: taken in a short transaction, asked for with none open, kept in another."""

from __future__ import annotations

import logging

from provider.domain.meetings.gateways import MeetingRefused, Meetings, MeetingUnknown
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.pathway import collecting
from provider.pathway.collecting import ReportCall

log = logging.getLogger("provider.meetings")

BATCH = 4


def collect_reports(shift: Shift) -> None:
    """Ask for every report that is due, those that wait longest first, until Zoom asks for patience."""
    network = shift.meetings
    if not isinstance(network, Meetings):
        return
    if collecting.sessions_over(now=shift.now()):
        with transaction():
            collecting.note_over(now=shift.now())
    goes_on = True
    while goes_on and not shift.over and collecting.anything_due(now=shift.now()):
        with transaction():
            calls = collecting.take(limit=BATCH, now=shift.now())
        goes_on = bool(calls)
        for call in calls:
            if goes_on and not shift.over:
                goes_on = _collect(shift, network, call)


def _collect(shift: Shift, network: Meetings, call: ReportCall) -> bool:
    """One session's; answers whether Zoom can be asked more."""
    try:
        runs = collecting.of_this_session(call, network.runs(call.number))
        db.session.rollback()
        facts = [fact for run in runs for fact in network.report(run.run)]
    except (MeetingRefused, MeetingUnknown) as told:
        log.warning("Zoom gave no report: %s", told.because, extra={"session": call.session_id})
        with transaction():
            collecting.not_reported(
                call, because=told.because, wait_seconds=told.wait_seconds, now=shift.now()
            )
        return told.because == "gone"
    with transaction():
        collecting.reported(call, runs, facts, now=shift.now())
    return True
