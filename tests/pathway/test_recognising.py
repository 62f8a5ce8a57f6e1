"""A drug worker says whether somebody who was referred is somebody known."""

from __future__ import annotations

from typing import Any

import pytest

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import parting, recognising
from tests.builders import count
from tests.pathway.walking import (
    YOUNG,
    Walk,
    add_link,
    checked,
    events,
    numbers,
    person,
    places,
    tasks,
    texts,
    told,
    waits,
)

ELSEWHERE = {"mobile": "07700 900456", "address": {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}}


def settle(walk: Walk, referral: Referral, same_as: int | None) -> None:
    with transaction():
        recognising.settle_match(referral.id, same_as=same_as, by=walk.worker, now=walk.now)


def held(walk: Walk, **changes: Any) -> Referral:
    referral = walk.referred(person=person(**{**ELSEWHERE, **changes}))
    assert referral.status == "held"
    return referral


def as_new(walk: Walk, **changes: Any) -> Referral:
    """The other force sends somebody whom it may not know to be known."""
    referral = walk.deferred(person=person(**{**ELSEWHERE, **changes}))
    assert referral.status == "accepted"
    return referral


class TestHeld:
    def test_somebody_else_is_accepted_with_a_case_of_their_own(self, walk: Walk) -> None:
        first = walk.referred()
        second = held(walk)
        settle(walk, second, None)
        assert told(second) == ["referral.accepted"]
        assert walk.case(second).id != walk.case(first).id
        assert walk.case(second).next_call_at is not None
        assert count("tasks", kind="same_person", done_at=None) == 0

    def test_when_it_suits_them_to_be_rung_is_not_lost_while_it_is_held(self, walk: Walk) -> None:
        walk.referred()
        second = held(walk, contact={"best_times": "evenings"})
        settle(walk, second, None)
        assert walk.case(second).best_times == "evenings"

    def test_the_same_is_linked_where_they_have_an_open_referral(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.booked(first)
        second = held(walk)
        settle(walk, second, first.person_id)
        assert walk.case(second).id == walk.case(first).id
        assert told(second) == ["referral.accepted", "assessment.booked"]
        assert walk.fresh(second).person_id == first.person_id

    def test_the_same_is_declined_where_they_did_not_engage(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.rung(first, AttemptOutcome.DECLINED)
        second = held(walk)
        settle(walk, second, first.person_id)
        assert (walk.status(second), walk.fresh(second).decline_reason) == ("declined", "did_not_engage")
        assert told(second) == ["referral.declined"]

    def test_somebody_else_is_not_declined_for_what_another_did(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.rung(first, AttemptOutcome.DECLINED)
        second = held(walk)
        settle(walk, second, None)
        assert walk.status(second) == "accepted"

    @pytest.mark.parametrize("same", [True, False])
    def test_one_answer_is_for_every_referral_of_the_same_person(self, walk: Walk, same: bool) -> None:
        first = walk.referred(person=checked())
        second = held(walk)
        third = walk.referred(person=person(**ELSEWHERE))
        other = as_new(walk)
        settle(walk, second, first.person_id if same else None)
        cases = {walk.case(referral).id for referral in (second, third, other)}
        assert cases == {walk.case(first).id} if same else len(cases) == 1
        assert [told(referral) for referral in (second, third, other)] == [["referral.accepted"]] * 3
        assert count("tasks", kind="same_person", done_at=None) == 0
        with pytest.raises(recognising.AlreadySettled):
            settle(walk, third, None)

    def test_is_settled_once(self, walk: Walk) -> None:
        first = walk.referred()
        second = held(walk)
        settle(walk, second, None)
        with pytest.raises(recognising.AlreadySettled):
            settle(walk, second, first.person_id)
        assert walk.fresh(second).person_id != first.person_id

    def test_only_as_somebody_it_may_be(self, walk: Walk) -> None:
        walk.referred()
        stranger = walk.referred(person=person(given_name="Alex", mobile="07700 900777"))
        second = held(walk)
        with pytest.raises(recognising.AlreadySettled):
            settle(walk, second, stranger.person_id)
        assert walk.status(second) == "held"


class TestTheNumber:
    def test_known_by_a_voice_is_kept(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        settle(walk, held(walk), first.person_id)
        number = current_number(first.person_id)
        assert number is not None
        assert number.as_given == "07700 900123"

    def test_that_nobody_has_confirmed_gives_way_to_the_later_one(self, walk: Walk) -> None:
        first = walk.referred()
        link = add_link(walk.case(first), numbers(first.person_id)[0], now=walk.now)
        settle(walk, held(walk), first.person_id)
        number = current_number(first.person_id)
        assert number is not None
        assert number.as_given == "07700 900456"
        db.session.refresh(link)
        assert link.dead_at is not None

    def test_that_is_dead_gives_way_and_calling_goes_on(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        walk.rung(first, AttemptOutcome.NUMBER_NOT_IN_USE)
        walk.clock.advance(hours=1)
        settle(walk, held(walk), first.person_id)
        assert tasks(walk.case(first)) == set()
        assert walk.case(first).next_call_at is not None

    def test_of_the_double_leads_to_nobody(self, walk: Walk) -> None:
        first = walk.referred()
        walk.spoken_to(first)
        second = held(walk)
        double = second.person_id
        settle(walk, second, first.person_id)
        assert current_number(double) is None


class TestTakenAsNew:
    def test_the_two_cases_become_one(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.assessed(first)
        second = as_new(walk)
        own = walk.case(second)
        walk.rung(second)
        settle(walk, second, first.person_id)
        assert walk.case(second).id == walk.case(first).id
        assert told(second) == ["referral.accepted", "assessment.attended"]
        db.session.refresh(own)
        assert own.closed_at is not None
        assert (texts(own), tasks(own)) == ({}, set())

    def test_the_calls_made_for_it_come_along(self, walk: Walk) -> None:
        """Or its log would know fewer calls than were made."""
        first = walk.referred(person=checked())
        second = as_new(walk)
        walk.rung(second)
        walk.rung(second)
        settle(walk, second, first.person_id)
        walk.clock.advance(days=1)
        walk.rung(second, AttemptOutcome.DECLINED)
        assert "3 times" in str(events(second)[-1].intelligence_log)

    def test_a_known_person_without_an_open_case_takes_this_one(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.withdrawn(first)
        second = as_new(walk)
        case_id = walk.case(second).id
        settle(walk, second, first.person_id)
        assert walk.case(second).id == case_id
        assert walk.case(second).person_id == first.person_id

    def test_everything_of_the_double_goes_to_the_known_person(self, walk: Walk) -> None:
        """Also a later referral, which was matched to the double before anybody looked."""
        first = walk.referred(person=checked())
        walk.withdrawn(first)
        second = as_new(walk)
        third = walk.deferred(person=person(**ELSEWHERE))
        assert third.person_id == second.person_id
        settle(walk, second, first.person_id)
        assert walk.fresh(third).person_id == first.person_id
        again = walk.deferred(person=person())
        assert walk.case(again).id == walk.case(second).id

    def test_one_that_is_under_way_is_finished_beside_the_other(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        second = as_new(walk, contact={"number_checked": True})
        walk.booked(second)
        with pytest.raises(recognising.AlreadySettled):
            settle(walk, second, first.person_id)
        assert walk.fresh(second).person_id != first.person_id
        assert walk.status(second) == "assessment_booked"

    def test_somebody_else_stays_as_they_are(self, walk: Walk) -> None:
        walk.referred(person=checked())
        second = as_new(walk)
        before = walk.case(second).id
        settle(walk, second, None)
        assert (walk.case(second).id, told(second)) == (before, ["referral.accepted"])


class TestWhatIsToCome:
    """The double was given what the known person could not have been given."""

    def young(self, walk: Walk) -> tuple[Referral, Referral]:
        """Somebody of seventeen, and whom another force sent as of age; they wait for nothing yet."""
        first = walk.referred(person=checked(date_of_birth="2009-06-07"), **YOUNG)
        walk.withdrawn(first)
        double = walk.deferred(person=person(date_of_birth="2000-06-07"))
        walk.assessed(double)
        return first, double

    def apart(self, walk: Walk) -> tuple[Referral, Referral, Referral]:
        """Somebody known, somebody kept apart from them, and the double."""
        first = walk.referred(person=checked())
        walk.withdrawn(first)
        alex = walk.referred(person=checked(given_name="Alex", mobile="07700 900777"))
        walk.assessed(alex)
        double = as_new(walk)
        walk.assessed(double)
        self.keep_apart(walk, first, alex)
        return first, alex, double

    def keep_apart(self, walk: Walk, one: Referral, other: Referral) -> None:
        with transaction():
            parting.part(
                one.person_id,
                other.person_id,
                why="harm",
                note=None,
                moves=None,
                by=walk.worker,
                now=walk.now,
            )

    def test_nobody_under_age_stays_in_a_session_for_adults(self, walk: Walk) -> None:
        first, double = self.young(walk)
        walk.placed(double, walk.session(days=9))
        settle(walk, double, first.person_id)
        assert [place.released_because for place in places(walk.case(double))] == ["rearranged"]
        assert (walk.status(double), tasks(walk.case(double))) == ("assessed", {"place"})
        assert not any(kind.startswith("course_") for kind in texts(walk.case(double)))

    def test_an_offer_for_adults_is_taken_back_and_they_wait_no_longer(self, walk: Walk) -> None:
        first, double = self.young(walk)
        walk.waiting(double)
        walk.offered(walk.session(days=9))
        settle(walk, double, first.person_id)
        assert (waits(walk.case(double)), tasks(walk.case(double))) == (None, {"place"})
        assert all(place.released_at is not None for place in places(walk.case(double)))
        assert walk.status(double) == "assessed"

    def test_nobody_under_age_waits_for_adults(self, walk: Walk) -> None:
        first, double = self.young(walk)
        walk.waiting(double)
        settle(walk, double, first.person_id)
        assert (waits(walk.case(double)), tasks(walk.case(double))) == (None, {"place"})

    def test_nobody_stays_with_whom_they_are_kept_apart_from(self, walk: Walk) -> None:
        first, alex, double = self.apart(walk)
        session_id = walk.session(days=9)
        walk.placed(alex, session_id)
        walk.placed(double, session_id)
        settle(walk, double, first.person_id)
        assert places(walk.case(double))[0].released_at is not None
        assert places(walk.case(alex))[0].released_at is None
        assert (walk.status(double), tasks(walk.case(double))) == ("assessed", {"place"})

    def test_nor_the_known_person_with_whom_the_double_is_kept_apart_from(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.assessed(first)
        alex = walk.referred(person=checked(given_name="Alex", mobile="07700 900777"))
        walk.assessed(alex)
        double = as_new(walk)
        self.keep_apart(walk, double, alex)
        session_id = walk.session(days=9)
        walk.placed(alex, session_id)
        walk.placed(first, session_id)
        settle(walk, double, first.person_id)
        assert places(walk.case(first))[0].released_at is not None
        assert (walk.status(first), tasks(walk.case(first))) == ("assessed", {"place"})

    def test_their_offer_goes_to_the_next_and_the_turn_stays(self, walk: Walk) -> None:
        first, alex, double = self.apart(walk)
        session_id = walk.session(days=9, capacity=2)
        walk.placed(alex, session_id)
        walk.waiting(double)
        walk.offered(session_id)
        third = walk.referred(person=checked(given_name="Kim", mobile="07700 900778"))
        walk.assessed(third)
        walk.waiting(third)
        settle(walk, double, first.person_id)
        mine, theirs = waits(walk.case(double)), waits(walk.case(third))
        assert mine is not None
        assert theirs is not None
        assert (mine.offered_place_id, walk.status(double)) == (None, "waiting")
        assert theirs.offered_place_id is not None

    def test_what_they_may_have_stays_theirs(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.withdrawn(first)
        double = as_new(walk)
        walk.assessed(double)
        walk.placed(double, walk.session(days=9))
        settle(walk, double, first.person_id)
        assert (walk.status(double), tasks(walk.case(double))) == ("placed", set())
