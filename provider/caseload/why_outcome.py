"""Why a referral stands as it does, in sentences: the version of the terms it rests on, and what came of it by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from provider.caseload.deadlines import STAGES, Due
from provider.caseload.force_view import ForceView
from provider.caseload.referral_facts import ReferralFacts
from provider.caseload.scheme_words import BASES, REPEATS, STOPS, many
from provider.domain.referrals.status import OPEN, Status
from provider.domain.schemes.terms import ClockStop, Terms
from provider.kernel.calendar import london

_NOT_ENGAGED = {
    "no_response": "The number works, the whole ladder of calls was tried, and there was no response.",
    "declined": "They declined.",
    "missed_assessment": "They missed the assessment more often than the scheme allows.",
    "missed_intervention": "They missed what was offered more often than the scheme allows.",
}
_DECLINED = {
    "did_not_engage": "They did not engage the last time, and the scheme’s bar has not ended.",
    "limit_reached": "The scheme has been offered as often as it may be.",
    "out_of_area": "The area is not one that the scheme serves.",
}
_REACHED = {
    "none": "Nothing was reached before it ended.",
    "assessment": "The assessment was reached.",
    "intervention": "What follows the assessment was reached.",
}
_EVENTS = {
    "referral.accepted": "it was accepted",
    "referral.declined": "it was declined",
    "referral.withdrawn": "it was withdrawn",
    "assessment.booked": "the assessment was booked",
    "assessment.attended": "the assessment was attended",
    "referral.completed": "it was completed",
    "referral.not_engaged": "they did not engage",
    "referral.not_reached": "they were not reached",
    "referral.reopened": "it was reopened",
    "outcome.corrected": "an outcome was corrected",
}


@dataclass(frozen=True)
class ToldForce:
    """One thing the force was told."""

    at: datetime
    type: str
    logged: bool


@dataclass(frozen=True)
class Chances:
    """How much was tried, and how much was missed."""

    calls: int
    days: int
    misses: int


@dataclass(frozen=True)
class Reason:
    """A heading and what there is to say under it."""

    title: str
    sentences: tuple[str, ...]


def why_outcome(
    facts: ReferralFacts, *, dues: Sequence[Due], chances: Chances, told: Sequence[ToldForce]
) -> tuple[Reason, ...]:
    """Open or ended: how it stands, the version of the terms, deadlines, what was tried, what the force heard."""
    reasons = (
        Reason(
            "How it stands" if facts.status in OPEN | {Status.HELD} else "How it ended",
            tuple(_standing(facts)),
        ),
        Reason("The terms it came under", tuple(_version(facts))),
        Reason("Deadlines", tuple(_deadline(due) for due in dues if _said(due, facts))),
        Reason("Calls and chances", tuple(_tried(facts, chances))),
        Reason("What the force was told", tuple(_told(told))),
    )
    return tuple(reason for reason in reasons if reason.sentences)


def why_for_force(
    view: ForceView, terms: Terms, rule: str, *, log_reason: str | None = None
) -> tuple[str, ...]:
    """The same for the force, made of nothing but what it may read itself.

    ``log_reason`` is the one it was sent for its intelligence log.
    """
    if view.status in {"accepted", "held"}:
        return (f"It is under way. Under {rule}, {repeat_rule(terms)}.",)
    said = {
        "completed": "What the scheme counts was done.",
        "not_engaged": _NOT_ENGAGED.get(log_reason or "", "They did not take part in what was offered."),
        "not_reached": "They could not be reached. It counts against nobody, and nothing is logged.",
        "withdrawn": "Your force took it back.",
        "declined": _DECLINED.get(view.decline_reason or "", "The scheme’s rules did not allow it."),
    }[view.status]
    bar = view.compliance["bar_until"]
    may = again(
        date.fromisoformat(bar) if bar else None,
        may_reoffer=view.compliance["may_reoffer"],
        review=terms.bar_review,
    )
    return (said, f"Under {rule}, {repeat_rule(terms)}.", _REACHED[view.compliance["level"]], may)


def repeat_rule(terms: Terms) -> str:
    """How often the scheme may be offered, in words that go on a sentence."""
    said = REPEATS[terms.repeat_rule].format(limit=many(terms.repeat_limit or 0, "time"))
    return f"{said[:1].lower()}{said[1:].rstrip('.')}"


def again(bar_until: date | None, *, may_reoffer: bool, review: bool) -> str:
    """Whether, or from when on, it may be offered again."""
    if bar_until is not None:
        said = f"It is not offered to them again until {_day(bar_until)}"
        return f"{said}; they can ask for a review." if review else f"{said}."
    return "It may be offered to them again." if may_reoffer else "It is not offered to them again."


def _version(facts: ReferralFacts) -> Iterable[str]:
    terms = facts.scheme.terms
    yield f"Under {facts.scheme.rule}, {repeat_rule(terms)}. {BASES[terms.basis]}"
    if terms.lawful_basis:
        yield f"The record is kept on: {terms.lawful_basis}"


def _standing(facts: ReferralFacts) -> Iterable[str]:
    ended = {
        Status.COMPLETED: _completed,
        Status.NOT_ENGAGED: _not_engaged,
        Status.NOT_REACHED: _not_reached,
        Status.WITHDRAWN: _withdrawn,
        Status.DECLINED: _declined,
    }
    if facts.status not in ended:
        yield from _open(facts)
        return
    yield from ended[facts.status](facts)
    yield again(facts.bar_until, may_reoffer=facts.may_reoffer, review=facts.scheme.terms.bar_review)


def _open(facts: ReferralFacts) -> Iterable[str]:
    if facts.status == Status.HELD:
        yield "A drug worker is asked whether this is somebody known. The force has been told nothing yet."
        return
    counts = (
        "the assessment"
        if facts.scheme.terms.level_that_counts == "assessment"
        else "what follows the assessment"
    )
    yield f"It is open. The scheme counts {counts} as done."


def _completed(facts: ReferralFacts) -> Iterable[str]:
    counts = {"assessment": "the assessment", "intervention": "what follows the assessment"}
    yield f"The scheme counts {counts[facts.scheme.terms.level_that_counts]}, and that was done."


def _not_engaged(facts: ReferralFacts) -> Iterable[str]:
    yield _NOT_ENGAGED.get(facts.ended_reason or "", "They did not take part.")
    if facts.scheme.terms.intelligence_log:
        yield "The force was sent one fixed sentence for its intelligence log."
    else:
        yield "The scheme has nothing logged."


def _not_reached(facts: ReferralFacts) -> Iterable[str]:
    reason = (facts.ended_reason or "").replace("_", " ")
    why = f" ({reason})" if reason not in {"", "not reached"} else ""
    yield f"They could not be reached{why}: nobody’s fault. The force was told no reason, and nothing is logged."


def _withdrawn(facts: ReferralFacts) -> Iterable[str]:
    yield f"The force took it back: {(facts.ended_reason or 'other').replace('_', ' ')}."


def _declined(facts: ReferralFacts) -> Iterable[str]:
    yield _DECLINED.get(facts.decline_reason or "", "The scheme’s rules did not allow it.")


def _said(due: Due, facts: ReferralFacts) -> bool:
    """One that was not met says nothing once it is over."""
    return due.done_at is not None or facts.status in OPEN


def _deadline(due: Due) -> str:
    when = "in time" if not due.late else "late"
    done = f"done on {_day(due.done_at)}, {when}" if due.done_at else ("late" if due.late else "to come")
    said = f"{STAGES[due.stage]}: due by {_day(due.at)}; {done}."
    stopped = [_stop(stop.why, stop.since, stop.until) for stop in due.stops]
    still = " It stands still now." if due.stopped else ""
    return f"{said} The clock stood still {'; '.join(stopped)}.{still}" if stopped else said


def _stop(why: ClockStop, since: datetime, until: datetime | None) -> str:
    ends = f"until {_day(until)}" if until is not None else "until now"
    return f"from {_day(since)} {ends}, because {STOPS[why]}"


def _tried(facts: ReferralFacts, chances: Chances) -> Iterable[str]:
    terms = facts.scheme.terms
    if facts.case is None:
        return
    asked = f"the scheme asks for {terms.contact_attempts} on {many(terms.contact_days, 'day')}"
    yield f"{many(chances.calls, 'call')} on {many(chances.days, 'day')}; {asked}."
    yield f"{many(chances.misses, 'missed appointment')} of {terms.misses_allowed} allowed."


def _told(told: Sequence[ToldForce]) -> Iterable[str]:
    for event in told:
        log = ", with a sentence for its intelligence log" if event.logged else ""
        yield f"{_day(event.at)}: {_EVENTS.get(event.type, event.type)}{log}."


def _day(when: date | datetime) -> str:
    day = london(when) if isinstance(when, datetime) else when
    return f"{day.day} {day:%B %Y}"
