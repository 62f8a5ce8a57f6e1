"""Attendance: who came, and whether they kept to what they agreed. Two facts, in one table of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AttendanceCode(StrEnum):
    ATTC = "ATTC"
    AFTC = "AFTC"
    ATSH = "ATSH"
    ATSS = "ATSS"
    LEFT = "LEFT"
    LEAC = "LEAC"
    UAAB = "UAAB"
    AAME = "AAME"
    AAEM = "AAEM"
    AAFC = "AAFC"
    AACL = "AACL"
    AAAA = "AAAA"
    RSOF = "RSOF"
    RSSR = "RSSR"


@dataclass(frozen=True)
class Attendance:
    """What one code means.

    ``completed``: the course counts as done. ``offered_again``: another session is offered and no chance is used up;
    after ATSS it is a courtesy, for the course is done: look at ``completed`` first. ``missed``: one of the scheme's
    chances is used up. Every code that does not complete is exactly one of offered again and missed.
    """

    code: AttendanceCode
    label: str
    attended: bool
    compliant: bool
    completed: bool = False
    offered_again: bool = False
    missed: bool = False


_C = AttendanceCode

ATTENDANCE: Mapping[AttendanceCode, Attendance] = {
    row.code: row
    for row in (
        Attendance(_C.ATTC, "Attended, took part", True, True, completed=True),
        Attendance(_C.AFTC, "Attended, failed to take part", True, False, missed=True),
        Attendance(_C.ATSH, "Sent home: behaviour", True, False, missed=True),
        Attendance(_C.ATSS, "Sent home: our fault", True, True, completed=True, offered_again=True),
        Attendance(_C.LEFT, "Left early, below the minimum", True, False, missed=True),
        Attendance(_C.LEAC, "Left early for an acceptable reason", True, True, offered_again=True),
        Attendance(_C.UAAB, "Absent, no acceptable reason", False, False, missed=True),
        Attendance(_C.AAME, "Acceptable absence: medical", False, True, offered_again=True),
        Attendance(_C.AAEM, "Acceptable absence: work or education", False, True, offered_again=True),
        Attendance(_C.AAFC, "Acceptable absence: family or childcare", False, True, offered_again=True),
        Attendance(_C.AACL, "Acceptable absence: legal", False, True, offered_again=True),
        Attendance(_C.AAAA, "Acceptable absence: other", False, True, offered_again=True),
        Attendance(_C.RSOF, "Rescheduled at the person's request", False, True, offered_again=True),
        Attendance(_C.RSSR, "Rescheduled by the service", False, True, offered_again=True),
    )
}


@dataclass(frozen=True)
class SuggestedCode:
    """A code for a named person to confirm; ``because`` is one sentence for the register."""

    code: AttendanceCode
    because: str


def counts_as_completed(code: AttendanceCode) -> bool:
    """Whether the course is done: took part, or was sent home through our fault."""
    return ATTENDANCE[code].completed


def is_offered_again(code: AttendanceCode) -> bool:
    """Whether another session is offered without a chance being used up."""
    return ATTENDANCE[code].offered_again


def is_missed(code: AttendanceCode) -> bool:
    """Whether one of the scheme's chances is used up."""
    return ATTENDANCE[code].missed


def suggest_code(minutes: int, *, minimum_minutes: int, session_minutes: int) -> SuggestedCode:
    """The code that minutes in the meeting point to. Why somebody was away or left, a meeting cannot know.

    ``session_minutes`` is how long the session ran: where that is short of the minimum, nobody could reach it, and
    whoever came was sent home through our fault. ValueError for a negative number.
    """
    if min(minutes, minimum_minutes, session_minutes) < 0:
        raise ValueError("minutes are not negative")
    if minutes == 0:
        return SuggestedCode(AttendanceCode.UAAB, "Not seen in the meeting.")
    if minutes >= minimum_minutes:
        return SuggestedCode(
            AttendanceCode.ATTC, f"There for {minutes} minutes; the course asks for {minimum_minutes}."
        )
    if session_minutes < minimum_minutes:
        because = (
            f"The session ran {session_minutes} minutes, short of the {minimum_minutes} the course asks for."
        )
        return SuggestedCode(AttendanceCode.ATSS, because)
    because = f"There for {minutes} of the {minimum_minutes} minutes the course asks for."
    return SuggestedCode(AttendanceCode.LEFT, because)
