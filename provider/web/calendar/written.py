"""A diary as an iCalendar object (RFC 5545), worded for anybody's eyes: a calendar is shared, synchronised, projected.

A moment is written in UTC, so that the nights on which London's clock changes need no rule. Without a METHOD, DTSTAMP
is when an entry last changed: the same diary is the same bytes. What is called off is left out, because a subscribed
calendar is read whole, and *cancelled* would say more than that somebody is free.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import timedelta

from icalendar import Calendar, Event, vDuration
from icalendar.enums import CLASS

from provider.caseload.own_calendar import Entry, Kind

NAME = "Diary"
SUMMARIES: Mapping[Kind, str] = {Kind.CALL: "Call", Kind.SESSION: "Session", Kind.AWAY: "Away"}
READ_AGAIN = timedelta(hours=1)


def written(entries: Iterable[Entry], *, of: int, secret: str) -> bytes:
    """The calendar of the account ``of``; nobody without ``secret`` can tell what an entry's UID stands for."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{NAME}//EN")
    calendar.add("version", "2.0")
    calendar.calendar_name = NAME
    calendar.add("refresh-interval", vDuration(READ_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN))  # the same, as Outlook asks for it
    for entry in entries:
        calendar.add_component(_event(entry, uid=_uid(entry, of=of, secret=secret)))
    return bytes(calendar.to_ical())


def _event(entry: Entry, *, uid: str) -> Event:
    return Event.new(
        uid=uid,
        summary=SUMMARIES[entry.kind],
        start=entry.starts_at,
        end=entry.ends_at,
        stamp=entry.changed_at,
        last_modified=entry.changed_at,
        sequence=entry.moves,
        classification=CLASS.PRIVATE,
    )


def _uid(entry: Entry, *, of: int, secret: str) -> str:
    said = f"calendar:{of}:{entry.kind}:{entry.number}"
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()[:32]
