"""Coming late, going early, coming back: what one press on the register says of somebody, and in which minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from provider.domain.courses.attendance import Attendance

A_MINUTE = timedelta(minutes=1)


class Tap(StrEnum):
    """What a facilitator says of somebody with one press."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    LEFT = "left"
    LEFT_EXCUSED = "left_excused"
    SENT_HOME = "sent_home"
    BACK = "back"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Tap.PRESENT: "Here",
    Tap.LATE: "Came late",
    Tap.ABSENT: "Not here",
    Tap.LEFT: "Left early",
    Tap.LEFT_EXCUSED: "Left, good reason",
    Tap.SENT_HOME: "Sent home",
    Tap.BACK: "Came back",
}


@dataclass(frozen=True)
class Stay:
    """Minutes of a session, counted from its start: the one they came in, the one they left, and how many they were
    away in between. ``arrived`` is None where nobody noted it; ``left`` while they are there."""

    arrived: int | None = None
    left: int | None = None
    away: int = 0

    @property
    def noted(self) -> bool:
        return self != NOTHING_NOTED

    def minutes(self, until: int) -> int:
        """How many they were there, if the session ends with the minute ``until``."""
        end = until if self.left is None else min(self.left, until)
        return max(end - (self.arrived or 0) - self.away, 0)


NOTHING_NOTED = Stay()


@dataclass(frozen=True)
class Tapped:
    """What a tap comes to. ``minutes`` is None while only the end of the session can tell."""

    code: Attendance
    stay: Stay
    minutes: int | None


def minute_of(moment: datetime, *, starts_at: datetime, minutes: int) -> int:
    """The minute of a session that a moment lies in; before it the first, after it the last."""
    return min(max((moment - starts_at) // A_MINUTE, 0), minutes)


def tapped(tap: Tap, before: Stay, *, minute: int, minimum_minutes: int) -> Tapped:
    """What is marked by a tap in this ``minute``, after what was noted ``before``.

    Whoever leaves after the course's minimum has attended, whatever the reason.
    """
    if tap is Tap.PRESENT:
        return Tapped(Attendance.ATTC, NOTHING_NOTED, None)
    if tap is Tap.LATE:
        return Tapped(Attendance.ATTC, Stay(arrived=minute), None)
    if tap is Tap.ABSENT:
        return Tapped(Attendance.UAAB, NOTHING_NOTED, 0)
    if tap is Tap.BACK:
        gone = minute - before.left if before.left is not None else 0
        stay = replace(before, left=None, away=before.away + max(gone, 0))
        return Tapped(Attendance.ATTC, stay, None)
    stay = replace(before, left=minute)
    there = stay.minutes(minute)
    return Tapped(_gone(tap, enough=there >= minimum_minutes), stay, there)


def _gone(tap: Tap, *, enough: bool) -> Attendance:
    if tap is Tap.SENT_HOME:
        return Attendance.ATSH
    if enough:
        return Attendance.ATTC
    return Attendance.LEAC if tap is Tap.LEFT_EXCUSED else Attendance.LEFT


def may_be_there(code: Attendance, stay: Stay) -> bool:
    """Whether who is marked so may be in the session, or come to it yet: how that ends only its end can tell."""
    return stay.left is None and code in {Attendance.ATTC, Attendance.AFTC, Attendance.UAAB}


def offered(code: Attendance | None, stay: Stay, *, running: bool) -> tuple[Tap, ...]:
    """What can be said next of somebody who is marked ``code``. Once the session is over nobody comes or goes."""
    there = code is Attendance.ATTC and stay.left is None
    if code is None:
        return (Tap.PRESENT, Tap.LATE, Tap.ABSENT) if running else (Tap.PRESENT, Tap.ABSENT)
    if not running:
        return ()
    if there:
        return (Tap.LEFT_EXCUSED, Tap.LEFT, Tap.SENT_HOME)
    return (Tap.BACK,) if stay.left is not None else (Tap.PRESENT, Tap.LATE)
