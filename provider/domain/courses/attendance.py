"""Attendance: who came, and whether they kept to what they agreed. Two facts, in one table of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Attendance(StrEnum):
    """A code of the register. What it means stands in ``MEANINGS``."""

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

    @property
    def label(self) -> str:
        return MEANINGS[self].label

    @property
    def attended(self) -> bool:
        """Whether they came, for however long."""
        return MEANINGS[self].attended

    @property
    def compliant(self) -> bool:
        """Whether they kept to what they agreed, or it was not for them to keep."""
        return MEANINGS[self].compliant

    @property
    def counts_as_completed(self) -> bool:
        """Whether the course is done: took part, or was sent home through our fault."""
        return MEANINGS[self].counts_as_completed

    @property
    def offered_again(self) -> bool:
        """Whether another session is offered and no chance is used up.

        After ATSS it is a courtesy, for the course is done: look at ``counts_as_completed`` first.
        """
        return MEANINGS[self].offered_again

    @property
    def missed(self) -> bool:
        """Whether one of the scheme's chances is used up."""
        return MEANINGS[self].missed


@dataclass(frozen=True)
class Meaning:
    label: str
    attended: bool
    compliant: bool
    counts_as_completed: bool = False
    offered_again: bool = False
    missed: bool = False


_A = Attendance

MEANINGS: Mapping[Attendance, Meaning] = {
    _A.ATTC: Meaning("Attended, took part", True, True, counts_as_completed=True),
    _A.AFTC: Meaning("Attended, failed to take part", True, False, missed=True),
    _A.ATSH: Meaning("Sent home: behaviour", True, False, missed=True),
    _A.ATSS: Meaning("Sent home: our fault", True, True, counts_as_completed=True, offered_again=True),
    _A.LEFT: Meaning("Left early, below the minimum", True, False, missed=True),
    _A.LEAC: Meaning("Left early for an acceptable reason", True, True, offered_again=True),
    _A.UAAB: Meaning("Absent, no acceptable reason", False, False, missed=True),
    _A.AAME: Meaning("Acceptable absence: medical", False, True, offered_again=True),
    _A.AAEM: Meaning("Acceptable absence: work or education", False, True, offered_again=True),
    _A.AAFC: Meaning("Acceptable absence: family or childcare", False, True, offered_again=True),
    _A.AACL: Meaning("Acceptable absence: legal", False, True, offered_again=True),
    _A.AAAA: Meaning("Acceptable absence: other", False, True, offered_again=True),
    _A.RSOF: Meaning("Rescheduled at the person's request", False, True, offered_again=True),
    _A.RSSR: Meaning("Rescheduled by the service", False, True, offered_again=True),
}


@dataclass(frozen=True)
class SuggestedCode:
    """A code for a named person to confirm; ``because`` is one sentence for the register."""

    code: Attendance
    because: str


STANDS_IN_A_FAULT = frozenset(
    {_A.ATSH, _A.LEAC, _A.AAME, _A.AAEM, _A.AAFC, _A.AACL, _A.AAAA, _A.RSOF, _A.ATSS, _A.RSSR}
)
"""What our failing afterwards does not change: who was sent home before it, and who had a reason of their own."""


def in_our_fault(before: Attendance | None, *, came: bool) -> Attendance | None:
    """The code somebody gets when a session fails through our fault; None where what was marked ``before`` stands.

    It counts against nobody: who came was sent home by us, everybody else is rescheduled by us.
    """
    if before in STANDS_IN_A_FAULT:
        return None
    return Attendance.ATSS if came else Attendance.RSSR


def suggest_code(minutes: int, *, minimum_minutes: int, session_minutes: int) -> SuggestedCode:
    """The code that minutes in the meeting point to. Why somebody was away or left, a meeting cannot know.

    ``session_minutes`` is how long the session ran: where that is short of the minimum, nobody could reach it, and
    whoever came was sent home through our fault. ValueError for a negative number.
    """
    if min(minutes, minimum_minutes, session_minutes) < 0:
        raise ValueError("minutes are not negative")
    if minutes == 0:
        return SuggestedCode(Attendance.UAAB, "Not seen in the meeting.")
    if minutes >= minimum_minutes:
        because = f"There for {minutes} minutes; the course asks for {minimum_minutes}."
        return SuggestedCode(Attendance.ATTC, because)
    if session_minutes < minimum_minutes:
        because = (
            f"The session ran {session_minutes} minutes, short of the {minimum_minutes} the course asks for."
        )
        return SuggestedCode(Attendance.ATSS, because)
    because = f"There for {minutes} of the {minimum_minutes} minutes the course asks for."
    return SuggestedCode(Attendance.LEFT, because)
