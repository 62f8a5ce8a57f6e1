"""Where a referral can stand, where it can go from there, and what the force is told when it does."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    HELD = "held"
    ACCEPTED = "accepted"
    ASSESSMENT_BOOKED = "assessment_booked"
    ASSESSED = "assessed"
    WAITING = "waiting"
    PLACED = "placed"
    COMPLETED = "completed"
    NOT_ENGAGED = "not_engaged"
    NOT_REACHED = "not_reached"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


_S = Status

OPEN = frozenset({_S.ACCEPTED, _S.ASSESSMENT_BOOKED, _S.ASSESSED, _S.WAITING, _S.PLACED})
ENDED = frozenset({_S.COMPLETED, _S.NOT_ENGAGED, _S.NOT_REACHED, _S.WITHDRAWN, _S.DECLINED})

_ENDINGS: dict[Status, str | None] = {
    _S.NOT_ENGAGED: "referral.not_engaged",
    _S.NOT_REACHED: "referral.not_reached",
    _S.WITHDRAWN: "referral.withdrawn",
}
_COMPLETED: dict[Status, str | None] = {_S.COMPLETED: "referral.completed"}
_REOPENED: dict[Status, str | None] = {_S.ACCEPTED: "referral.reopened", _S.ASSESSED: "referral.reopened"}

MOVES: dict[Status | None, dict[Status, str | None]] = {
    None: {_S.HELD: None, _S.ACCEPTED: "referral.accepted", _S.DECLINED: "referral.declined"},
    _S.HELD: {
        _S.ACCEPTED: "referral.accepted",
        _S.DECLINED: "referral.declined",
        _S.WITHDRAWN: "referral.withdrawn",
    },
    _S.ACCEPTED: {_S.ASSESSMENT_BOOKED: "assessment.booked", _S.ASSESSED: "assessment.attended", **_ENDINGS},
    _S.ASSESSMENT_BOOKED: {_S.ACCEPTED: None, _S.ASSESSED: "assessment.attended", **_ENDINGS},
    _S.ASSESSED: {_S.WAITING: None, _S.PLACED: None, **_COMPLETED, **_ENDINGS},
    _S.WAITING: {_S.ASSESSED: None, _S.PLACED: None, **_COMPLETED, **_ENDINGS},
    _S.PLACED: {_S.ASSESSED: None, _S.WAITING: None, **_COMPLETED, **_ENDINGS},
    _S.NOT_ENGAGED: {**_REOPENED, _S.COMPLETED: "outcome.corrected"},
    _S.NOT_REACHED: {**_REOPENED, _S.COMPLETED: "outcome.corrected"},
    _S.COMPLETED: {_S.ASSESSED: "outcome.corrected"},
    _S.WITHDRAWN: {},
    _S.DECLINED: {_S.ACCEPTED: "referral.accepted"},
}
"""From → to → the type of the compliance event the force reads, or None where it reads nothing."""

SENTENCES: dict[Status, str] = {
    _S.HELD: "Held: is this somebody we know?",
    _S.ACCEPTED: "To be rung",
    _S.ASSESSMENT_BOOKED: "Assessment booked",
    _S.ASSESSED: "Assessed",
    _S.WAITING: "On the waiting list",
    _S.PLACED: "Has a place",
    _S.COMPLETED: "Completed",
    _S.NOT_ENGAGED: "Not engaged",
    _S.NOT_REACHED: "Not reached",
    _S.WITHDRAWN: "Withdrawn by the force",
    _S.DECLINED: "Declined at the door",
}
