"""A referral comes in: whom it is about, what is kept, and that a refusal keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.rules import slot_id
from provider.domain.people.models import Person
from provider.domain.people.records import current_number
from provider.domain.referrals.models import PossibleMatch, Referral
from provider.kernel.database import db
from provider.kernel.errors import Invalid
from provider.pathway import receiving
from tests.builders import count
from tests.pathway.walking import (
    YOUNG,
    Walk,
    add_link,
    appointments,
    checked,
    events,
    numbers,
    person,
    tasks,
    texts,
    told,
)

ELSEWHERE = {"mobile": "07700 900456", "address": {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}}


def tomorrow_at_ten(walk: Walk, scheme: str = "divert-adult") -> str:
    return slot_id(scheme, walk.now.replace(day=walk.now.day + 1, hour=10, minute=0))


def current(walk: Walk, referral: Referral) -> Any:
    db.session.expire_all()
    number = current_number(walk.fresh(referral).person_id)
    assert number is not None
    return number


def nothing_but(walk: Walk, referrals: int) -> None:
    kept = {table: count(table) for table in ("people", "referrals", "cases", "phone_numbers")}
    assert kept == dict.fromkeys(kept, referrals)


class TestKeepsNothing:
    def test_of_the_same_person_with_the_same_reference(self, walk: Walk) -> None:
        first = walk.referred(force_reference="20/123456/26")
        with pytest.raises(receiving.DuplicateReferral) as refused:
            walk.referred(force_reference="20/123456/26 ", person=person(**ELSEWHERE, given_name="SAM"))
        assert refused.value.reference == first.reference
        nothing_but(walk, 1)

    def test_of_a_slot_that_is_gone(self, walk: Walk) -> None:
        slot = tomorrow_at_ten(walk)
        for name in ("Alex", "Billie", "Chris"):
            walk.referred(person=person(given_name=name), assessment_slot_id=slot)
        with pytest.raises(SlotTaken):
            walk.referred(person=person(given_name="Dana"), assessment_slot_id=slot)
        nothing_but(walk, 3)

    @pytest.mark.parametrize("state", ["new", "held", "linked and booked", "linked and assessed"])
    def test_of_a_slot_that_is_none(self, walk: Walk, state: str) -> None:
        first = walk.referred(person=checked()) if state != "new" else None
        if first is not None and state == "linked and booked":
            walk.booked(first)
        if first is not None and state == "linked and assessed":
            walk.assessed(first)
        before = count("referrals")
        sent = person(**ELSEWHERE) if state == "held" else person()
        with pytest.raises(Invalid) as refused:
            walk.referred(person=sent, assessment_slot_id="divert-adult.tomorrow")
        assert [error.code for error in refused.value.errors] == ["unknown_slot"]
        assert count("referrals") == before

    def test_of_a_slot_of_another_scheme(self, walk: Walk) -> None:
        with pytest.raises(Invalid):
            walk.referred(assessment_slot_id=tomorrow_at_ten(walk, "diversion-deferred"))
        nothing_but(walk, 0)


class TestTakes:
    def test_two_people_in_one_car_with_one_crime_number(self, walk: Walk) -> None:
        walk.referred(force_reference="20/123456/26")
        other = walk.referred(force_reference="20/123456/26", person=person(given_name="Alex"))
        assert other.status == "accepted"

    def test_the_same_reference_from_another_force(self, walk: Walk) -> None:
        walk.referred(force_reference="20/123456/26")
        assert walk.deferred(force_reference="20/123456/26").status == "accepted"

    def test_a_first_call_booked_at_the_roadside(self, walk: Walk) -> None:
        referral = walk.referred(assessment_slot_id=tomorrow_at_ten(walk))
        assert told(referral) == ["referral.accepted", "assessment.booked"]
        [appointment] = appointments(walk.case(referral))
        assert appointment.starts_at.hour == 10
        assert walk.case(referral).next_call_at is None
        assert "first_contact_soon" not in texts(walk.case(referral))

    def test_a_held_one_tells_the_force_nothing_and_waits_for_a_person(self, walk: Walk) -> None:
        walk.referred()
        held = walk.referred(person=person(**ELSEWHERE))
        assert (held.status, held.case_id, told(held)) == ("held", None, [])
        assert count("tasks", kind="same_person", referral_id=held.id) == 1
        assert count("possible_matches", referral_id=held.id) == 1

    def test_who_is_sent_again_while_it_is_asked_who_they_are_as_held_too(self, walk: Walk) -> None:
        """Or a second try would get past the bar that the first one is being looked at for."""
        first = walk.referred(person=checked())
        walk.rung(first, AttemptOutcome.DECLINED)
        held = walk.referred(person=person(**ELSEWHERE))
        again = walk.referred(person=person(**ELSEWHERE))
        assert (held.status, again.status) == ("held", "held")
        assert again.person_id == held.person_id
        assert count("possible_matches", referral_id=again.id, person_id=first.person_id) == 1

    def test_and_from_a_force_that_may_not_know_of_it_as_somebody_new(self, walk: Walk) -> None:
        walk.referred(person=checked())
        held = walk.referred(person=person(**ELSEWHERE))
        other = walk.deferred(person=person(**ELSEWHERE))
        assert (held.status, other.status) == ("held", "accepted")

    def test_somebody_known_to_another_force_only_as_somebody_new_for_a_person_to_look_at(
        self, walk: Walk
    ) -> None:
        walk.referred()
        new = walk.deferred(person=person(**ELSEWHERE))
        assert told(new) == ["referral.accepted"]
        assert new.warnings == []
        assert db.session.scalars(sa.select(PossibleMatch.referral_id)).all() == [new.id]

    def test_a_declined_one_has_no_case_and_makes_no_work(self, walk: Walk) -> None:
        declined = walk.referred(area="Elsewhere")
        assert (declined.status, declined.decline_reason) == ("declined", "out_of_area")
        assert (count("cases"), count("tasks"), count("texts")) == (0, 0, 0)
        assert events(declined)[0].compliance["outcome"] == "declined"

    def test_a_declined_one_says_until_when(self, walk: Walk) -> None:
        walk.rung(walk.referred(person=checked()), AttemptOutcome.DECLINED)
        declined = walk.referred(person=person())
        compliance = events(declined)[0].compliance
        bar = walk.now.date().replace(year=2027).isoformat()
        assert declined.decline_reason == "did_not_engage"
        assert (compliance["outcome"], compliance["may_reoffer"], compliance["bar_until"]) == (
            "declined",
            False,
            bar,
        )
        outside = walk.referred(person=person(given_name="Alex"), area="Elsewhere")
        assert events(outside)[0].compliance["may_reoffer"] is True

    def test_seventeen_at_the_event_is_a_child_though_eighteen_by_now(self, walk: Walk) -> None:
        child = person(date_of_birth="2008-11-24")
        referral = walk.referred(**YOUNG, person=child, occurred_at="2026-11-23T23:59:00+00:00")
        assert "responsible_adult" in tasks(walk.case(referral))


class TestSomebodyKnown:
    def test_another_number_is_rung_and_links_to_the_old_one_lead_nowhere(self, walk: Walk) -> None:
        first = walk.referred()
        link = add_link(walk.case(first), numbers(first.person_id)[0], now=walk.now)
        second = walk.deferred(person=person(mobile="07700 900456"))
        assert second.person_id == first.person_id
        assert current(walk, second).as_given == "07700 900456"
        db.session.refresh(link)
        assert link.dead_at == walk.now

    def test_a_number_that_a_voice_confirmed_is_kept(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        walk.deferred(person=person(mobile="07700 900456"))
        assert current(walk, first).as_given == "07700 900123"

    def test_but_not_for_one_that_the_officer_checked(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        walk.deferred(person=checked(mobile="07700 900456"))
        assert current(walk, first).as_given == "07700 900456"
        assert current(walk, first).confirmed_by == "officer"

    def test_a_dead_number_gives_way_and_calling_goes_on(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        walk.rung(first, AttemptOutcome.NUMBER_NOT_IN_USE)
        assert tasks(walk.case(first)) == {"number_suspect"}
        walk.clock.advance(days=1)
        walk.deferred(person=person(mobile="07700 900456"))
        assert current(walk, first).as_given == "07700 900456"
        assert tasks(walk.case(first)) == set()
        assert walk.case(first).next_call_at is not None

    def test_the_same_number_checked_by_the_officer_is_confirmed(self, walk: Walk) -> None:
        first = walk.referred()
        walk.deferred(person=checked(mobile="+44 7700 900123"))
        assert [number.confirmed_by for number in numbers(first.person_id)] == ["officer"]

    def test_an_invented_number_does_not_replace_a_real_one(self, walk: Walk) -> None:
        first = walk.referred()
        walk.deferred(person=person(mobile="07777 777777"))
        assert current(walk, first).as_given == "07700 900123"

    def test_the_same_landline_twice_is_one_number(self, walk: Walk) -> None:
        first = walk.referred(person=person(mobile="0121 496 0999"))
        walk.deferred(person=person(mobile="0121 496 0999"))
        assert len(numbers(first.person_id)) == 1

    def test_no_more_texts_said_to_a_second_officer_is_heard(self, walk: Walk) -> None:
        first = walk.referred()
        walk.deferred(person=person(contact={"text_ok": False, "voicemail_ok": False}))
        assert current(walk, first).texts_wanted is False
        assert current(walk, first).voicemail_wanted is False

    def test_what_is_needed_to_be_understood_is_taken(self, walk: Walk) -> None:
        first = walk.referred()
        walk.deferred(person=person(interpreter_needed=True, language="pl", accessibility_needs="deaf"))
        known = db.session.get_one(Person, first.person_id, populate_existing=True)
        assert (known.interpreter_needed, known.language, known.accessibility_needs) == (True, "pl", "deaf")

    def test_what_was_not_known_is_filled_in_and_what_was_is_kept(self, walk: Walk) -> None:
        first = walk.referred(person=person(email=None))
        sent = person(email="sam@example.com", self_defined_ethnicity="B1", gender="not_known", language=None)
        walk.deferred(person=sent)
        known = db.session.get_one(Person, first.person_id, populate_existing=True)
        assert (known.email, known.self_defined_ethnicity, known.gender) == ("sam@example.com", "B1", "male")

    def test_a_second_referral_of_the_same_force_is_linked_and_warned_of(self, walk: Walk) -> None:
        first = walk.referred()
        second = walk.referred()
        assert second.case_id == first.case_id
        assert "possible_duplicate" in [warning["code"] for warning in second.warnings]

    def test_the_other_force_is_not_warned_of_what_it_may_not_know(self, walk: Walk) -> None:
        walk.referred()
        assert walk.deferred().warnings == []

    def test_when_it_suits_them_is_what_they_said_last(self, walk: Walk) -> None:
        first = walk.referred(person=person(contact={"best_times": "mornings"}))
        walk.deferred(person=person(contact={"best_times": "evenings"}))
        assert walk.case(first).best_times == "evenings"
