"""Why a referral stands as it does, in sentences: the rule, the version of the terms it rests on, what may follow."""

from __future__ import annotations

from provider.caseload.referral_facts import ReferralFacts
from provider.domain.referrals.status import Status
from provider.domain.schemes.terms import Terms

_REPEATS = {
    "unlimited": "it may be offered again without limit",
    "while_engaging": "it may be offered again to who engaged before",
    "up_to": "it may be offered {limit} times in all",
}
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


def why_outcome(facts: ReferralFacts) -> tuple[str, ...]:
    """Sentences for an ended referral; none while it is open."""
    reasons = {
        Status.COMPLETED: _completed,
        Status.NOT_ENGAGED: _not_engaged,
        Status.NOT_REACHED: _not_reached,
        Status.WITHDRAWN: _withdrawn,
        Status.DECLINED: _declined,
    }
    if facts.status not in reasons:
        return ()
    rule = f"Under {facts.scheme.rule}, {repeat_rule(facts.scheme.terms)}."
    return (*reasons[facts.status](facts), rule, _again(facts))


def repeat_rule(terms: Terms) -> str:
    """How often the scheme may be offered, in words."""
    return _REPEATS[terms.repeat_rule].format(limit=terms.repeat_limit)


def _completed(facts: ReferralFacts) -> tuple[str, ...]:
    counts = {"assessment": "the assessment", "intervention": "what follows the assessment"}
    return (f"The scheme counts {counts[facts.scheme.terms.level_that_counts]}, and that was done.",)


def _not_engaged(facts: ReferralFacts) -> tuple[str, ...]:
    said = _NOT_ENGAGED.get(facts.ended_reason or "", "They did not take part.")
    return (said, "The force was sent one fixed sentence for its intelligence log.")


def _not_reached(facts: ReferralFacts) -> tuple[str, ...]:
    reason = (facts.ended_reason or "").replace("_", " ")
    why = f" ({reason})" if reason not in {"", "not reached"} else ""
    return (
        f"They could not be reached{why}: nobody’s fault. The force was told no reason, and nothing is logged.",
    )


def _withdrawn(facts: ReferralFacts) -> tuple[str, ...]:
    return (f"The force took it back: {(facts.ended_reason or 'other').replace('_', ' ')}.",)


def _declined(facts: ReferralFacts) -> tuple[str, ...]:
    return (_DECLINED.get(facts.decline_reason or "", "The scheme’s rules did not allow it."),)


def _again(facts: ReferralFacts) -> str:
    if facts.bar_until is not None:
        day = facts.bar_until
        return f"It is not offered to them again until {day.day} {day:%B %Y}; they can ask for a review."
    return "It may be offered to them again." if facts.may_reoffer else "It is not offered to them again."
