"""May somebody be offered a scheme? Answered on what the asking force may know, and kept without their name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from provider.domain.audit.models import AuditEntry
from provider.domain.compliance.models import EligibilityCheck as Answered
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.referrals.requests import EligibilityCheck
from provider.domain.referrals.rules import Eligibility
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.parsing import parse
from provider.pathway.checking import check_eligibility
from provider.pathway.recognising import settle_match
from tests.builders import World
from tests.pathway.walking import Walk, checked, person, set_terms


def ask(
    walk: Walk, *, force: str = "midshire", scheme: str = "divert-adult", **identifiers: Any
) -> Eligibility:
    about = {
        "given_name": "Sam",
        "family_name": "Example",
        "date_of_birth": "2003-05-14",
        "postcode": "B1 1AA",
    }
    check = parse(EligibilityCheck, {"scheme": scheme, "person": {**about, **identifiers}})
    with transaction():
        return check_eligibility(check, force_id=walk.world.forces[force], by=Actor("key", 1), now=walk.now)


def declined(walk: Walk, **changes: Any) -> None:
    walk.rung(walk.referred(person=checked(**changes)), AttemptOutcome.DECLINED)


def test_nobody_known_is_offered(walk: Walk) -> None:
    assert ask(walk) == Eligibility("offer", "no_previous", 0)


def test_who_did_not_engage_is_not_offered_until_the_bar_ends(walk: Walk) -> None:
    declined(walk)
    answer = ask(walk)
    assert (answer.answer, answer.reason, answer.previous) == ("do_not_offer", "did_not_engage", 1)
    assert answer.bar_until == walk.now.date().replace(year=2027)
    walk.clock.set(walk.now.replace(year=2027))
    assert ask(walk).answer == "offer"


def test_without_a_further_identifier_the_provider_is_asked(walk: Walk) -> None:
    declined(walk)
    answer = ask(walk, postcode=None)
    assert (answer.answer, answer.reason) == ("ask_provider", "not_certain_same_person")
    assert (answer.previous, answer.bar_until) == (0, None)
    assert ask(walk, postcode=None, mobile="07700900123").answer == "do_not_offer"


def test_who_came_back_may_be_offered_again(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.rung(referral, AttemptOutcome.DECLINED)
    walk.reopened(referral)
    assert ask(walk).answer == "offer"


def test_one_force_never_learns_of_another_s_referrals(walk: Walk) -> None:
    declined(walk)
    answer = ask(walk, force="thamesford", scheme="diversion-deferred")
    assert answer == Eligibility("offer", "no_previous", 0)


def test_unless_the_terms_of_both_schemes_share_history(walk: Walk, world: World) -> None:
    set_terms(world, "divert-adult", shares_history=True)
    set_terms(world, "diversion-deferred", shares_history=True, repeat_rule="while_engaging", bar_months=6)
    declined(walk)
    assert ask(walk, force="thamesford", scheme="diversion-deferred").answer == "do_not_offer"


def test_one_scheme_s_terms_alone_do_not(walk: Walk, world: World) -> None:
    set_terms(world, "diversion-deferred", shares_history=True, repeat_rule="while_engaging", bar_months=6)
    declined(walk)
    assert ask(walk, force="thamesford", scheme="diversion-deferred").answer == "offer"


ASK_PROVIDER = Eligibility("ask_provider", "not_certain_same_person", 0)
NO_PREVIOUS = Eligibility("offer", "no_previous", 0)
LIKE = [
    {"given_name": "Samuel"},
    {"given_name": "Example", "family_name": "Sam"},
    {"family_name": "Exampel"},
    {"date_of_birth": "2003-05-15"},
    {"date_of_birth": "2004-05-14"},
]


@pytest.mark.parametrize("like", LIKE)
@pytest.mark.parametrize("outcome", [AttemptOutcome.DECLINED, AttemptOutcome.NO_ANSWER])
def test_of_somebody_who_is_merely_like_the_provider_is_asked(
    walk: Walk, like: dict[str, str], outcome: AttemptOutcome
) -> None:
    """Barred or open: which it is, is not told."""
    walk.rung(walk.referred(person=checked()), outcome)
    assert ask(walk, **like) == ASK_PROVIDER


def test_day_and_month_the_wrong_way_round_are_like(walk: Walk) -> None:
    declined(walk, date_of_birth="1999-03-08")
    assert ask(walk, date_of_birth="1999-08-03") == ASK_PROVIDER


@pytest.mark.parametrize("other", [{"given_name": "Alex"}, {"date_of_birth": "1973-05-14"}])
def test_a_twin_and_a_father_are_nobody_known(walk: Walk, other: dict[str, str]) -> None:
    declined(walk)
    assert ask(walk, **other) == NO_PREVIOUS


@pytest.mark.parametrize("about", [{}, *LIKE])
def test_nothing_that_another_force_knows_changes_an_answer(walk: Walk, about: dict[str, str]) -> None:
    walk.rung(walk.deferred(person=checked(**about)), AttemptOutcome.DECLINED)
    assert ask(walk) == NO_PREVIOUS
    declined(walk, given_name="Alexandra")
    before = ask(walk, given_name="Alexandra")
    walk.deferred(person=checked(given_name="Sasha"), force_reference=None)
    assert ask(walk, given_name="Alexandra") == before
    assert before.answer == "do_not_offer"


def test_who_bears_the_name_is_answered_about_whoever_else_is_like_them(walk: Walk) -> None:
    declined(walk, given_name="Samuel", mobile="07700 900777")
    assert ask(walk) == ASK_PROVIDER
    walk.rung(walk.deferred(person=checked(mobile="07700 900778")))
    assert ask(walk) == ASK_PROVIDER, "another force's is not known"


def test_of_two_of_one_name_it_is_not_certain_which(walk: Walk) -> None:
    declined(walk)
    elsewhere = {"line_1": "9 Other Street", "postcode": "M1 1AA"}
    second = walk.referred(person=checked(mobile="07700 900322", address=elsewhere))
    with transaction():
        settle_match(second.id, same_as=None, by=walk.worker, now=walk.now)
    walk.rung(second, AttemptOutcome.DECLINED)
    assert ask(walk, postcode=None) == ASK_PROVIDER
    assert ask(walk, postcode="M1 1AA").answer == "do_not_offer"


def test_that_it_was_asked_and_answered_is_kept_and_no_name(walk: Walk) -> None:
    declined(walk)
    ask(walk)
    kept = db.session.scalars(sa.select(Answered)).one()
    assert (kept.answer, kept.reason, kept.by) == ("do_not_offer", "did_not_engage", "key:1")
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "eligibility.asked")).one()
    assert (entry.actor, entry.detail) == ("key:1", {"answer": "do_not_offer"})
    assert person()["family_name"] not in str(vars(kept)) + str(vars(entry))
