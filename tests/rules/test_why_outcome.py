"""Why a referral ended as it did, in sentences that name the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from provider.caseload.person_facts import PersonFacts
from provider.caseload.referral_facts import ReferralFacts, SchemeFacts
from provider.caseload.why_outcome import repeat_rule, why_outcome
from provider.commands.demo.schemes import SCHEMES
from provider.domain.referrals.status import ENDED, Status
from tests.fakes import A_TUESDAY

ADULT = SCHEMES["midshire"]["divert-adult"][1]
UNLIMITED = SCHEMES["thamesford"]["diversion-deferred"][1]
CUSTODY = SCHEMES["thamesford"]["custody-referral"][1]


def facts(status: Status, **changes: Any) -> ReferralFacts:
    person = PersonFacts(
        id=1,
        name="Sam Example",
        date_of_birth=date(2003, 5, 14),
        age=23,
        gender="Male",
        self_defined_ethnicity=None,
        address=None,
        email=None,
        language="en",
        interpreter_needed=False,
        needs=None,
    )
    scheme = SchemeFacts("divert-adult", "Divert", 3, changes.pop("terms", ADULT))
    empty: dict[str, Any] = dict.fromkeys(ReferralFacts.__dataclass_fields__)
    base = ReferralFacts(
        **{
            **empty,
            "reference": "K7QM-2X4D",
            "scheme": scheme,
            "status": status,
            "may_reoffer": True,
            "closed_at": A_TUESDAY,
            "person": person,
        }
    )
    return replace(base, **changes)


@pytest.mark.parametrize("status", sorted(set(Status) - ENDED))
def test_while_it_is_open_there_is_nothing_to_say(status: Status) -> None:
    assert why_outcome(facts(status)) == ()


@pytest.mark.parametrize("status", sorted(ENDED))
def test_every_ending_names_the_version_of_the_terms(status: Status) -> None:
    assert any("Under divert-adult v3" in sentence for sentence in why_outcome(facts(status)))


def test_a_bar_says_when_it_ends_and_that_a_review_can_be_asked_for() -> None:
    ended = facts(
        Status.NOT_ENGAGED, ended_reason="declined", may_reoffer=False, bar_until=date(2027, 11, 24)
    )
    assert (
        "It is not offered to them again until 24 November 2027; they can ask for a review."
        in why_outcome(ended)
    )


def test_without_a_bar_it_may_be_offered_again() -> None:
    ended = facts(Status.NOT_ENGAGED, ended_reason="no_response", terms=UNLIMITED)
    assert why_outcome(ended)[-1] == "It may be offered to them again."


def test_not_reached_blames_nobody() -> None:
    (first, *_rest) = why_outcome(facts(Status.NOT_REACHED, ended_reason="hospital"))
    assert "(hospital): nobody’s fault" in first


def test_completed_says_what_the_scheme_counts() -> None:
    assert "the assessment, and that was done" in why_outcome(facts(Status.COMPLETED, terms=CUSTODY))[0]
    assert "what follows the assessment" in why_outcome(facts(Status.COMPLETED))[0]


def test_how_often_a_scheme_may_be_offered() -> None:
    assert repeat_rule(UNLIMITED) == "it may be offered again without limit"
    limited = ADULT.model_copy(update={"repeat_rule": "up_to", "repeat_limit": 2})
    assert repeat_rule(limited) == "it may be offered 2 times in all"
