"""What is wrong is said once to who can put it right, and taken back when it is gone.

Words that networks filter again and again are stopped: nothing more goes out in them until they are changed, or until
somebody says that they may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from provider.domain.alarms import standing
from provider.domain.alarms.kinds import KINDS
from provider.domain.alarms.models import Alarm
from provider.domain.audit.trail import record
from provider.domain.messaging.worded import WordedAs
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.errors import NotFound
from provider.reporting.troubles import Trouble, troubles

FILTERED_STOPS = 3
"""So often in a day: a network that filtered it by chance does not do so again and again."""

BY_HAND = frozenset(kind for kind, of in KINDS.items() if of.ended_by_hand)

Found = Mapping[tuple[str, str], Trouble]


def found_wrong(*, jobs: Mapping[str, timedelta], now: datetime) -> Found:
    """What is wrong now, by kind and about: not what somebody has put right since it last showed. Reads only."""
    settled = standing.ended_by_people(BY_HAND)
    return {
        (trouble.kind, trouble.about): trouble
        for trouble in troubles(jobs=jobs, now=now)
        if (trouble.kind, trouble.about) not in settled
        or trouble.last_at > settled[trouble.kind, trouble.about]
    }


def news_in(found: Found, alarms: Sequence[Alarm]) -> bool:
    """Whether anything is to be raised, changed or ended: most of the time there is not."""
    known = {(alarm.kind, alarm.about): alarm.times for alarm in alarms}
    return {key: trouble.times for key, trouble in found.items()} != known


def watch(found: Found, *, now: datetime) -> None:
    """Raise what is new, count what goes on, end what is gone."""
    alarms = {(alarm.kind, alarm.about): alarm for alarm in standing.standing()}
    for key, trouble in found.items():
        alarm_id = alarms[key].id if key in alarms else _raise(trouble, now=now)
        if alarm_id is not None:
            _go_on(alarm_id, trouble, now=now)
    for key, alarm in alarms.items():
        if key not in found and not _still_stopped(alarm):
            end(alarm.id, by=SYSTEM, now=now)


def _raise(trouble: Trouble, *, now: datetime) -> int | None:
    raised = standing.raise_alarm(trouble.kind, about=trouble.about, times=trouble.times, now=now)
    if raised is not None:
        record("alarm.raised", "alarm", raised, by=SYSTEM, now=now, kind=trouble.kind, about=trouble.about)
    return raised


def _go_on(alarm_id: int, trouble: Trouble, *, now: datetime) -> None:
    standing.grows(alarm_id, times=trouble.times, now=now)
    filtered = trouble.kind == "words_filtered" and trouble.times >= FILTERED_STOPS
    if filtered and standing.stop_words(alarm_id, now=now):
        record("words.stopped", "alarm", alarm_id, by=SYSTEM, now=now, about=trouble.about)


def _still_stopped(alarm: Alarm) -> bool:
    """Nothing is filtered while nothing goes out: that shows nothing, until the words are others."""
    return alarm.stopped_at is not None and WordedAs.read(alarm.about).still_used()


def acknowledge(alarm_id: int, *, by: Actor, now: datetime) -> None:
    """Somebody sees to it. Raises NotFound where it does not stand any more."""
    if standing.acknowledge(alarm_id, by=by, now=now):
        record("alarm.acknowledged", "alarm", alarm_id, by=by, now=now)
    elif not any(alarm.id == alarm_id for alarm in standing.standing()):
        raise NotFound


def end(alarm_id: int, *, by: Actor, now: datetime) -> None:
    """What it is about is gone, or somebody says so; words that were stopped go out again."""
    if standing.end(alarm_id, by=by, now=now):
        record("alarm.ended", "alarm", alarm_id, by=by, now=now)
    elif by != SYSTEM:
        raise NotFound
