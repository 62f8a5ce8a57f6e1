"""What Zoom tells while a meeting runs: it began or ended, somebody joined or left it, or its waiting room."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

LONGEST_ID = 64
LONGEST_NAME = 200
LONGEST_EMAIL = 254

What = Literal["began", "ended", "joined", "left"]

_EVENTS: Mapping[str, tuple[What, bool]] = {
    "meeting.started": ("began", False),
    "meeting.ended": ("ended", False),
    "meeting.participant_joined": ("joined", False),
    "meeting.participant_left": ("left", False),
    "meeting.participant_joined_breakout_room": ("joined", False),
    "meeting.participant_left_breakout_room": ("left", False),
    "meeting.participant_joined_waiting_room": ("joined", True),
    "meeting.participant_put_in_waiting_room": ("joined", True),
    "meeting.participant_left_waiting_room": ("left", True),
    "meeting.participant_admitted": ("left", True),
}
"""What each event tells, and whether it is of the waiting room. Every other event tells nothing about attendance."""

_MOMENTS: Mapping[What, tuple[str, ...]] = {
    "began": ("start_time",),
    "ended": ("end_time",),
    "joined": ("join_time", "date_time"),
    "left": ("leave_time", "date_time"),
}


@dataclass(frozen=True)
class Participant:
    """One device in the meeting, under the name that is shown. ``registrant`` where it came by a link of its own."""

    name: str
    email: str | None
    registrant: str | None
    connection: str | None


@dataclass(frozen=True)
class MeetingEvent:
    """``number`` is the meeting's; ``run`` that of its starts which is meant; ``at`` when it happened, in UTC."""

    number: str
    run: str
    what: What
    at: datetime
    waiting_room: bool = False
    participant: Participant | None = None


def read_event(raw: str) -> MeetingEvent | None:
    """What a message tells; None where it tells nothing about attendance, or cannot be read as Zoom writes it.

    Of whoever holds the meeting, who is no participant of ours, nothing is told.
    """
    said = _object(raw)
    what, waiting_room = _EVENTS.get(str(said.get("event")), (None, False))
    meeting = _part(_part(said, "payload"), "object")
    number, run = _digits(meeting.get("id")), read_word(meeting.get("uuid"), LONGEST_ID)
    if what is None or not number or not run:
        return None
    who = _part(meeting, "participant")
    at = _when({**meeting, **who}, _MOMENTS[what]) or _stamp(said.get("event_ts"))
    if at is None or (_is_host(who, meeting) and what in ("joined", "left")):
        return None
    if what in ("began", "ended"):
        return MeetingEvent(number, run, what, at)
    participant = _participant(who)
    return MeetingEvent(number, run, what, at, waiting_room, participant) if participant else None


def _participant(who: Mapping[str, Any]) -> Participant | None:
    connection = read_word(who.get("user_id"), LONGEST_ID) or read_word(
        who.get("participant_uuid"), LONGEST_ID
    )
    name = read_word(who.get("user_name"), LONGEST_NAME)
    if not (connection or name):
        return None
    email = read_word(who.get("email"), LONGEST_EMAIL)
    registrant = read_word(who.get("registrant_id"), LONGEST_ID)
    return Participant(name, email.casefold() or None, registrant or None, connection or None)


def _is_host(who: Mapping[str, Any], meeting: Mapping[str, Any]) -> bool:
    host = meeting.get("host_id")
    return bool(host) and who.get("id") == host


def _object(raw: str) -> Mapping[str, Any]:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _digits(said: object) -> str:
    number = str(said).replace(" ", "") if isinstance(said, str | int) else ""
    return number if number.isascii() and number.isdecimal() and len(number) <= 20 else ""


def read_word(said: object, longest: int) -> str:
    """A value as text that every database keeps; numbers too, as Zoom's ids are sometimes."""
    text = str(said) if isinstance(said, str | int) and not isinstance(said, bool) else ""
    return "".join(character for character in text if character.isprintable()).strip()[:longest]


def _when(said: Mapping[str, Any], names: tuple[str, ...]) -> datetime | None:
    for name in names:
        moment = read_moment(said.get(name))
        if moment is not None:
            return moment
    return None


def read_moment(said: object) -> datetime | None:
    """A moment as Zoom writes it, with its offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _stamp(said: object) -> datetime | None:
    """Milliseconds since 1970."""
    if not isinstance(said, int) or not 0 < said < 32_503_680_000_000:
        return None
    return datetime.fromtimestamp(said / 1000, UTC)
