"""A force mends what it sent."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.people.models import PhoneNumber
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Referral, ReferralChange
from provider.domain.referrals.requests import Correction
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.parsing import parse
from provider.pathway import correcting, receiving
from tests.pathway.walking import Walk, add_link, audited, checked, numbers, tasks, texts


def correct(walk: Walk, referral: Referral, sent: dict[str, Any]) -> None:
    with transaction():
        found = db.session.get_one(Referral, referral.id)
        correcting.correct(found, parse(Correction, sent), by=Actor("key", 1), now=walk.now)


def changes(referral: Referral) -> list[tuple[str, str | None, str | None]]:
    rows = sa.select(ReferralChange.field, ReferralChange.before, ReferralChange.after)
    found = db.session.execute(
        rows.where(ReferralChange.referral_id == referral.id).order_by(ReferralChange.id)
    )
    return [(row.field, row.before, row.after) for row in found]


def current(referral: Referral) -> PhoneNumber:
    number = current_number(referral.person_id)
    assert number is not None
    return number


class TestItsReference:
    def test_may_follow_later_and_is_then_its_own(self, walk: Walk) -> None:
        referral = walk.referred(force_reference=None)
        correct(walk, referral, {"force_reference": "20/1/26"})
        assert walk.fresh(referral).force_reference == "20/1/26"
        assert changes(referral) == [("force_reference", None, "20/1/26")]
        assert "referral.corrected" in audited(subject="referral", subject_id=referral.id)
        with pytest.raises(receiving.DuplicateReferral):
            walk.referred(force_reference="20/1/26")

    def test_that_another_of_the_same_person_has_is_refused(self, walk: Walk) -> None:
        first = walk.referred(force_reference="20/1/26")
        second = walk.referred(force_reference="20/2/26")
        with pytest.raises(receiving.DuplicateReferral) as refused:
            correct(walk, second, {"force_reference": "20/1/26", "officer": {"name": "PC Other"}})
        assert refused.value.reference == first.reference
        assert walk.fresh(second).force_reference == "20/2/26"
        assert changes(second) == []

    def test_sent_again_as_it_is_changes_nothing(self, walk: Walk) -> None:
        referral = walk.referred(force_reference="20/1/26")
        correct(walk, referral, {"force_reference": "20/1/26"})
        assert changes(referral) == []


class TestTheNumber:
    def test_another_is_unconfirmed_and_links_to_the_old_one_lead_nowhere(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        link = add_link(walk.case(referral), current(referral), now=walk.now)
        correct(walk, referral, {"person": {"mobile": "07700 900456"}})
        assert (current(referral).as_given, current(referral).confirmed_at) == ("07700 900456", None)
        db.session.refresh(link)
        assert link.dead_at == walk.now
        assert changes(referral) == [("mobile", "07700 900123", "07700 900456")]

    def test_the_same_written_otherwise_is_the_same(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        link = add_link(walk.case(referral), current(referral), now=walk.now)
        correct(walk, referral, {"person": {"mobile": "+447700900123"}})
        assert len(numbers(referral.person_id)) == 1
        assert current(referral).confirmed_by == "officer"
        db.session.refresh(link)
        assert link.dead_at is None

    def test_for_a_dead_one_is_what_was_asked_for(self, walk: Walk) -> None:
        walk.clock.set(walk.now.replace(hour=7))
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE)
        walk.clock.advance(minutes=5)
        correct(walk, referral, {"person": {"mobile": "07700 900456"}})
        case = walk.case(referral)
        assert tasks(case) == set()
        assert (case.next_call_at is not None, case.next_call_why) == (True, "Ring the other number.")
        assert set(texts(case)) == {"first_contact_soon"}

    def test_checked_by_the_officer_is_confirmed(self, walk: Walk) -> None:
        referral = walk.referred()
        correct(walk, referral, {"person": {"contact": {"number_checked": True}}})
        assert current(referral).confirmed_by == "officer"

    def test_wishes_are_kept_with_it(self, walk: Walk) -> None:
        referral = walk.referred()
        correct(walk, referral, {"person": {"contact": {"text_ok": False, "voicemail_ok": False}}})
        assert (current(referral).texts_wanted, current(referral).voicemail_wanted) == (False, False)
        assert {field for field, _, _ in changes(referral)} == {"texts_wanted", "voicemail_wanted"}

    def test_and_when_it_suits_moves_the_next_call(self, walk: Walk) -> None:
        referral = walk.referred()
        correct(walk, referral, {"person": {"contact": {"best_times": "evenings"}}})
        case = walk.case(referral)
        assert case.next_call_at is not None
        assert case.next_call_at.hour == 17

    def test_taken_away_leaves_nobody_to_ring(self, walk: Walk) -> None:
        referral = walk.referred()
        correct(walk, referral, {"person": {"mobile": None, "address": None}})
        assert current_number(referral.person_id) is None
        assert "number_suspect" in tasks(walk.case(referral))
        assert changes(referral)[-1] == ("mobile", "07700 900123", None)

    def test_of_a_booked_case_plans_no_call(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral)
        correct(walk, referral, {"person": {"mobile": "07700 900456"}})
        assert walk.case(referral).next_call_at is None

    def test_of_an_ended_referral_plans_nothing(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.withdrawn(referral)
        correct(walk, referral, {"person": {"mobile": "07700 900456", "contact": {"best_times": "evenings"}}})
        assert walk.case(referral).next_call_at is None
        assert texts(walk.case(referral)) == {}


def test_each_change_is_kept_with_who_and_what_it_was(walk: Walk) -> None:
    referral = walk.referred()
    correct(
        walk,
        referral,
        {
            "officer": {"collar_number": "9999"},
            "person": {"email": "new@example.com", "address": {"line_1": "2 New Street"}},
        },
    )
    assert changes(referral) == [
        ("officer_collar_number", "4312", "9999"),
        ("email", None, "new@example.com"),
        ("address_line_1", "1 Example Street", "2 New Street"),
    ]
