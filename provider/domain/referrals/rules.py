"""At the door: is a referral accepted, held for a person to look, or declined; and what an officer may be told first.

Both rest only on history that the scheme may use: its own force's, and another's where the terms of both schemes
share it. Not reached, withdrawn and declined at the door never count against anybody: they say nothing about
engaging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Literal

RepeatRule = Literal["unlimited", "while_engaging", "up_to"]
NotOffered = Literal["did_not_engage", "limit_reached"]
Answer = Literal["offer", "do_not_offer", "ask_provider"]
AnswerReason = Literal[
    "no_previous", "engaged_before", "did_not_engage", "limit_reached", "not_certain_same_person"
]

# Outcomes that say whether the person engaged; each is one use of a scheme.
_CONCLUDED = ("completed", "not_engaged")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Recognition(StrEnum):
    """How surely the person sent is the one whose history is given: the values of people's ``Match``."""

    EXACT = "exact"
    EXACT_NAME_ONLY = "exact_name_only"
    NEAR = "near"
    DIFFERENT = "different"


class DeclineReason(StrEnum):
    """Why a referral is not taken, as the force reads it."""

    DID_NOT_ENGAGE = "did_not_engage"
    LIMIT_REACHED = "limit_reached"
    OUT_OF_AREA = "out_of_area"


@dataclass(frozen=True)
class SchemeRules:
    """What a scheme's terms say of repeats and places. ``areas`` None is everywhere."""

    repeat_rule: RepeatRule
    repeat_limit: int | None = None
    areas: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PastReferral:
    """An earlier referral. ``outcome`` as a force reads it; ``bar_until`` the first day to be offered again.

    ``shared``: another force's, and the terms of its scheme and of the present one both share history.
    """

    outcome: str
    closed_at: datetime | None
    may_reoffer: bool
    bar_until: date | None
    is_open: bool
    same_force: bool
    shared: bool = False
    same_scheme: bool = True

    @property
    def usable(self) -> bool:
        """Whether what a force is told may rest on it."""
        return self.same_force or self.shared

    @property
    def is_concluded(self) -> bool:
        return not self.is_open and self.outcome in _CONCLUDED

    def bars(self, on: date) -> bool:
        """Whether it keeps the person from being offered on that day. Every bar has an end, or it is none."""
        engaged = self.outcome != "not_engaged" or self.may_reoffer
        return not engaged and self.bar_until is not None and on < self.bar_until


@dataclass(frozen=True)
class Accept:
    """Taken. ``link``: an open referral's call and course, at whichever force, serve this one too. ``look``: taken
    as somebody new, and a drug worker should see whether it is one whom this force may not be told of.
    """

    link: bool = False
    look: bool = False


@dataclass(frozen=True)
class Hold:
    """A drug worker says first whether this is somebody known."""

    reason: Literal["not_certain_same_person"] = "not_certain_same_person"


@dataclass(frozen=True)
class Decline:
    """Not taken. ``bar_until`` is the first day on which it might be, where there is one."""

    reason: DeclineReason
    bar_until: date | None = None


@dataclass(frozen=True)
class Eligibility:
    """The answer to an officer who asks before offering; the officer decides. ``previous`` counts uses so far."""

    answer: Answer
    reason: AnswerReason
    previous: int
    bar_until: date | None = None


_ASK = Eligibility("ask_provider", "not_certain_same_person", 0)


def screen(
    rules: SchemeRules,
    *,
    area: str | None,
    recognition: Recognition,
    history: Sequence[PastReferral],
    on: date,
) -> Accept | Hold | Decline:
    """What happens to a referral at the door on the London date ``on``.

    ``history`` is of the person it is, or may be, about: whole, other forces' referrals included. Where it is not
    certain who it is, it is held, if this force may use any of the history; else it is taken as new. Nobody is
    declined who has an open referral that this force may know of. An area left out is not outside.
    """
    usable = [past for past in history if past.usable]
    uncertain = recognition in (Recognition.EXACT_NAME_ONLY, Recognition.NEAR)
    if uncertain and usable:
        return Hold()
    if recognition is Recognition.EXACT and any(past.is_open for past in usable):
        return Accept(link=True)
    if _is_outside(area, rules=rules):
        return Decline(DeclineReason.OUT_OF_AREA)
    if recognition is not Recognition.EXACT:
        return Accept(look=uncertain and bool(history))
    return _not_again(rules, usable=usable, on=on) or Accept(link=any(past.is_open for past in history))


def eligibility(
    rules: SchemeRules, *, recognition: Recognition, history: Sequence[PastReferral], on: date
) -> Eligibility:
    """What an officer is told who asks whether somebody may be offered the scheme on the London date ``on``.

    ``history`` is of whoever it is, or may be. Somebody of the same name and date of birth is answered about, and gets
    ``do_not_offer`` only with a further identifier; of somebody whose name or date of birth is merely like, nothing is
    told but that the provider should be asked.
    """
    usable = [past for past in history if past.usable]
    if recognition is Recognition.DIFFERENT or not usable:
        return Eligibility("offer", "no_previous", 0)
    if recognition is Recognition.NEAR:
        return _ASK
    concluded = [past for past in usable if past.is_concluded]
    refused = None if any(past.is_open for past in usable) else _not_again(rules, usable=usable, on=on)
    if refused is None:
        return Eligibility("offer", _as_engaged(concluded), len(concluded))
    if recognition is not Recognition.EXACT:
        return _ASK
    reason: NotOffered = (
        "did_not_engage" if refused.reason is DeclineReason.DID_NOT_ENGAGE else "limit_reached"
    )
    return Eligibility("do_not_offer", reason, len(concluded), refused.bar_until)


def _is_outside(area: str | None, *, rules: SchemeRules) -> bool:
    if rules.areas is None or area is None or not area.strip():
        return False
    return area.strip().casefold() not in {known.strip().casefold() for known in rules.areas}


def _not_again(rules: SchemeRules, *, usable: Sequence[PastReferral], on: date) -> Decline | None:
    """Why the scheme is not offered again, None where it is."""
    if rules.repeat_rule == "unlimited":
        return None
    concluded = [past for past in usable if past.is_concluded]
    last = _latest(concluded)
    if last is not None and last.bars(on):
        return Decline(DeclineReason.DID_NOT_ENGAGE, last.bar_until)
    uses = sum(past.same_scheme for past in concluded)
    if rules.repeat_rule == "up_to" and rules.repeat_limit is not None and uses >= rules.repeat_limit:
        return Decline(DeclineReason.LIMIT_REACHED)
    return None


def _as_engaged(concluded: Sequence[PastReferral]) -> AnswerReason:
    last = _latest(concluded)
    if last is None:
        return "no_previous"
    return "engaged_before" if last.outcome == "completed" else "did_not_engage"


def _latest(concluded: Sequence[PastReferral]) -> PastReferral | None:
    """The last one to close: who engaged since has ended an older bar."""
    return max(concluded, key=lambda past: past.closed_at or _LONG_AGO, default=None)
