"""Why a referral ended as it did, in sentences that name the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from provider.caseload.deadlines import Due
from provider.caseload.force_view import ForceView
from provider.caseload.person_facts import PersonFacts
from provider.caseload.referral_facts import CaseFacts, ReferralFacts, SchemeFacts
from provider.caseload.why_outcome import Chances, ToldForce, repeat_rule, why_for_force, why_outcome
from provider.commands.demo.schemes import SCHEMES
from provider.domain.referrals.status import ENDED, Status
from provider.domain.schemes.deadlines import Stop
from tests.fakes import A_TUESDAY

ADULT = SCHEMES["midshire"]["divert-adult"][1]
UNLIMITED = SCHEMES["thamesford"]["diversion-deferred"][1]
NOTHING = Chances(0, 0, 0)
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
        texts_to=None,
        competence=None,
    )
    scheme = SchemeFacts(1, "divert-adult", "Divert", 3, changes.pop("terms", ADULT))
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


def why(
    referral: ReferralFacts,
    *,
    dues: Sequence[Due] = (),
    chances: Chances = NOTHING,
    told: Sequence[ToldForce] = (),
) -> dict[str, tuple[str, ...]]:
    reasons = why_outcome(referral, dues=dues, chances=chances, told=told)
    return {reason.title: reason.sentences for reason in reasons}


def ending(referral: ReferralFacts) -> tuple[str, ...]:
    return why(referral)["How it ended"]


@pytest.mark.parametrize("status", sorted(set(Status) - ENDED))
def test_while_it_is_open_it_says_how_it_stands(status: Status) -> None:
    said = why(facts(status))
    assert said["How it stands"]
    assert "How it ended" not in said


@pytest.mark.parametrize("status", sorted(Status))
def test_every_one_names_the_version_of_the_terms_and_the_basis(status: Status) -> None:
    said = why(facts(status))["The terms it came under"]
    assert any("Under divert-adult v3" in sentence for sentence in said)
    assert any("The record is kept on: UK GDPR" in sentence for sentence in said)


def test_a_bar_says_when_it_ends_and_whether_a_review_can_be_asked_for() -> None:
    barred: dict[str, Any] = {
        "ended_reason": "declined",
        "may_reoffer": False,
        "bar_until": date(2027, 11, 24),
    }
    until = "It is not offered to them again until 24 November 2027"
    assert f"{until}; they can ask for a review." in ending(facts(Status.NOT_ENGAGED, **barred))
    without = ADULT.model_copy(update={"bar_review": False})
    assert f"{until}." in ending(facts(Status.NOT_ENGAGED, **barred, terms=without))


def test_without_a_bar_it_may_be_offered_again() -> None:
    ended = facts(Status.NOT_ENGAGED, ended_reason="no_response", terms=UNLIMITED)
    assert ending(ended)[-1] == "It may be offered to them again."


def test_what_is_logged_is_said_and_what_is_not() -> None:
    log = "The force was sent one fixed sentence for its intelligence log."
    assert log in ending(facts(Status.NOT_ENGAGED, ended_reason="declined"))
    silent = ADULT.model_copy(update={"intelligence_log": False})
    assert log not in ending(facts(Status.NOT_ENGAGED, ended_reason="declined", terms=silent))


def test_not_reached_blames_nobody() -> None:
    (first, *_rest) = ending(facts(Status.NOT_REACHED, ended_reason="hospital"))
    assert "(hospital): nobody’s fault" in first


def test_completed_says_what_the_scheme_counts() -> None:
    assert "the assessment, and that was done" in ending(facts(Status.COMPLETED, terms=CUSTODY))[0]
    assert "what follows the assessment" in ending(facts(Status.COMPLETED))[0]


def test_deadlines_say_when_they_were_due_met_and_stopped() -> None:
    stop = Stop("number_in_doubt", A_TUESDAY, A_TUESDAY + timedelta(days=2))
    late = A_TUESDAY + timedelta(days=9)
    dues = (
        Due("first_contact", A_TUESDAY, A_TUESDAY + timedelta(days=4), A_TUESDAY, (stop,), late),
        Due("assessment", A_TUESDAY, A_TUESDAY + timedelta(days=8), None, (), late),
    )
    first, second = why(facts(Status.ACCEPTED), dues=dues)["Deadlines"]
    assert first.startswith("First contact: due by 28 November 2026; done on 24 November 2026, in time.")
    assert "stood still from 24 November 2026 until 26 November 2026, because the number is wrong" in first
    assert second == "The assessment: due by 2 December 2026; late."
    over = why(facts(Status.NOT_ENGAGED), dues=dues)["Deadlines"]
    assert over == (first,)


def test_what_was_tried_and_what_the_force_was_told() -> None:
    case = CaseFacts(**{**dict.fromkeys(CaseFacts.__dataclass_fields__), "id": 1, "misses": 1})  # type: ignore[arg-type]
    told = (ToldForce(A_TUESDAY, "referral.not_engaged", logged=True),)
    said = why(facts(Status.NOT_ENGAGED, case=case), chances=Chances(4, 3, 1), told=told)
    assert said["Calls and chances"] == (
        "4 calls on 3 days; the scheme asks for 6 on 3 days.",
        "1 missed appointment of 1 allowed.",
    )
    assert said["What the force was told"] == (
        "24 November 2026: they did not engage, with a sentence for its intelligence log.",
    )


def test_how_often_a_scheme_may_be_offered() -> None:
    assert repeat_rule(UNLIMITED) == "it may be offered again without limit"
    limited = ADULT.model_copy(update={"repeat_rule": "up_to", "repeat_limit": 2})
    assert repeat_rule(limited) == "it may be offered 2 times in all"


@pytest.mark.parametrize(
    "status", ["accepted", "held", "completed", "not_engaged", "not_reached", "withdrawn"]
)
def test_what_a_force_reads_is_made_of_what_it_may_read(status: str) -> None:
    view = ForceView(
        **{
            **dict.fromkeys(ForceView.__dataclass_fields__),
            "status": status,
            "compliance": {"level": "assessment", "bar_until": None, "may_reoffer": True},
        }  # type: ignore[arg-type]
    )
    said = " ".join(why_for_force(view, ADULT, "divert-adult v3"))
    assert "Under divert-adult v3" in said
    for health in ("course", "one-to-one", "treatment", "hospital", "number"):
        assert health not in said
