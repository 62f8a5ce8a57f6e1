"""A call in the diary: booked, moved, called off, missed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.places import coming_place
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import THEY_ASKED, WORKER_AWAY, AskedBy, MovedBecause, Why
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.diary.weeks import DayHours, Week
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Referral
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.pathway import booking, contacting, keeping, opening, rostering
from tests.builders import World, count
from tests.pathway.walking import (
    Walk,
    appointments,
    audited,
    checked,
    events,
    person,
    set_terms,
    tasks,
    texts,
    told,
    waits,
)

PARTICIPANT = Actor("participant", 1)


def starts(walk: Walk, nth: int) -> datetime:
    return slots_between(walk.now, walk.now + timedelta(days=14), minutes=45, now=walk.now)[nth].starts_at


def move(
    walk: Walk, referral: Referral, starts_at: datetime, by: Actor | None = None, *, why: Why = THEY_ASKED
) -> Appointment:
    coming = booked_appointment(walk.case(referral).id)
    assert coming is not None
    with transaction():
        return booking.move_appointment(
            coming.id, starts_at=starts_at, why=why, by=by or walk.worker, now=walk.now
        )


def booked_with(walk: Walk, referral: Referral, who: str, starts_at: datetime) -> Appointment:
    case_id, worker_id = walk.case(referral).id, walk.world.accounts[who]
    with transaction():
        return booking.book(case_id, starts_at=starts_at, worker_id=worker_id, by=walk.worker, now=walk.now)


def call_off(walk: Walk, referral: Referral, *, ours: bool) -> None:
    coming = booked_appointment(walk.case(referral).id)
    assert coming is not None
    with transaction():
        booking.call_off(coming.id, ours=ours, by=walk.worker, now=walk.now)


def took(walk: Walk, appointment_id: int) -> None:
    with transaction():
        keeping.record_took_place(appointment_id, by=walk.worker, now=walk.now)


class TestBooked:
    def test_the_force_hears_of_it_and_nobody_is_rung_before(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        assert told(referral) == ["referral.accepted", "assessment.booked"]
        assert walk.case(referral).next_call_at is None
        assert events(referral)[-1].compliance["level"] == "none"
        assert "appointment.booked" in audited(subject="appointment", subject_id=appointment.id)

    def test_who_rang_back_after_the_last_call_is_no_longer_to_be_ended(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.rung_until_over(referral)
        assert "ladder_done" in tasks(walk.case(referral))
        walk.booked(referral)
        assert tasks(walk.case(referral)) == set()

    def test_a_second_is_refused(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral)
        with pytest.raises(booking.AlreadyBooked):
            walk.booked(referral, nth=7)
        assert count("appointments") == 1

    @pytest.mark.parametrize(
        ("kind", "assessed"), [("one_to_one", False), ("treatment", False), ("assessment", True)]
    )
    def test_not_at_another_step(self, walk: Walk, kind: str, assessed: bool) -> None:
        referral = walk.referred(person=checked())
        if assessed:
            walk.assessed(referral)
        with pytest.raises(booking.NotBookable):
            walk.booked(referral, kind=kind)
        assert count("appointments") == 0

    def test_where_nobody_is_free_nothing_changes(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        case_id, midnight = walk.case(referral).id, walk.now.replace(hour=0, minute=0) + timedelta(days=1)
        with pytest.raises(SlotTaken), transaction():
            booking.book(case_id, starts_at=midnight, by=walk.worker, now=walk.now)
        assert told(referral) == ["referral.accepted"]

    def test_a_one_to_one_gives_up_the_turn_on_the_waiting_list(self, walk: Walk) -> None:
        """Or somebody with a one-to-one would be offered a place on a course."""
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        walk.waiting(referral)
        session_id = walk.session(capacity=1)
        assert walk.offered(session_id) == 1
        walk.booked(referral, kind="one_to_one")
        assert waits(walk.case(referral)) is None
        assert coming_place(walk.case(referral).id) is None
        assert "place_offered" not in texts(walk.case(referral))
        assert walk.offered(session_id) == 0
        assert told(referral) == ["referral.accepted", "assessment.attended"]


class TestMoved:
    def test_the_old_texts_are_cancelled_and_new_ones_planned(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=100)
        before = texts(walk.case(referral))
        walk.clock.advance(minutes=5)
        new = starts(walk, 120)
        move(walk, referral, new)
        after = texts(walk.case(referral))
        assert set(before) - {"assessment_booked"} == set(after) - {"assessment_moved"}
        assert after["assessment_moved"] == walk.now
        assert after["assessment_reminder_1h"] == new - timedelta(hours=1)
        assert set(texts(walk.case(referral), state="cancelled")) >= set(before)
        assert told(referral) == ["referral.accepted", "assessment.booked"]
        assert [each.state for each in appointments(walk.case(referral))] == ["moved", "booked"]

    def test_the_person_may_so_often_and_staff_always(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", moves_allowed=1)
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=20)
        move(walk, referral, starts(walk, 30), PARTICIPANT)
        stands = booked_appointment(walk.case(referral).id)
        with pytest.raises(booking.NoMoreMoves):
            move(walk, referral, starts(walk, 40), PARTICIPANT)
        assert booked_appointment(walk.case(referral).id) == stands
        move(walk, referral, starts(walk, 40))

    def test_what_the_person_asked_for_is_counted_whoever_moved_it_and_nothing_else(
        self, walk: Walk, world: World
    ) -> None:
        set_terms(world, "divert-adult", moves_allowed=1)
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=20)
        move(walk, referral, starts(walk, 25), why=WORKER_AWAY)
        move(walk, referral, starts(walk, 30), PARTICIPANT)
        with pytest.raises(booking.NoMoreMoves):
            move(walk, referral, starts(walk, 40), PARTICIPANT)

    def test_a_move_asked_for_on_the_telephone_is_one_of_theirs(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", moves_allowed=1)
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=20)
        move(walk, referral, starts(walk, 30))
        with pytest.raises(booking.NoMoreMoves):
            move(walk, referral, starts(walk, 40), PARTICIPANT)

    def test_each_says_what_replaced_it_who_asked_and_why(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=20)
        clash = Why(AskedBy.PARTICIPANT, MovedBecause.CLASH, "At work until four.")
        move(walk, referral, starts(walk, 30), why=clash)
        move(walk, referral, starts(walk, 40), why=WORKER_AWAY)
        first, second, third = appointments(walk.case(referral))
        assert [first.replaced_by_id, second.replaced_by_id, third.replaced_by_id] == [
            second.id,
            third.id,
            None,
        ]
        assert (first.moved_asked_by, first.moved_because) == ("participant", "clash")
        assert first.moved_words == "At work until four."
        assert (second.moved_asked_by, second.moved_because) == ("service", "worker_away")
        assert (third.moved_asked_by, third.moved_because) == (None, None)

    def test_it_stays_with_its_worker_though_others_have_fewer_calls(self, walk: Walk, world: World) -> None:
        referral = walk.referred(person=checked())
        own = booked_with(walk, referral, "team_lead", starts(walk, 20))
        assert (
            move(walk, referral, starts(walk, 30)).worker_id == own.worker_id == world.accounts["team_lead"]
        )

    def test_it_may_go_to_a_time_that_it_overlaps_itself(self, walk: Walk, world: World) -> None:
        referral = walk.referred(person=checked())
        old = booked_with(walk, referral, "drug_worker", starts(walk, 20))
        new = move(walk, referral, old.starts_at + timedelta(minutes=30))
        assert new.worker_id == old.worker_id

    def test_to_another_time_of_a_day_that_is_full_with_it(self, walk: Walk, world: World) -> None:
        referral = walk.referred(person=checked())
        tomorrow = walk.now.replace(hour=10, minute=0) + timedelta(days=1)
        with transaction():
            rostering.set_week(
                world.accounts["drug_worker"],
                Week(tuple(DayHours(weekday, 9 * 60, 17 * 60) for weekday in range(5)), most_calls=1),
                valid_from=walk.now.date(),
                valid_until=None,
                by=walk.lead,
                now=walk.now,
            )
        old = booked_with(walk, referral, "drug_worker", tomorrow)
        assert move(walk, referral, tomorrow + timedelta(hours=4)).worker_id == old.worker_id

    def test_to_a_time_that_is_gone_leaves_the_old_one_standing(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=20)
        before = texts(walk.case(referral))
        with pytest.raises(SlotTaken):
            move(walk, referral, walk.now.replace(hour=23))
        assert texts(walk.case(referral)) == before
        assert [each.state for each in appointments(walk.case(referral))] == ["booked"]


class TestCalledOff:
    @pytest.mark.parametrize("ours", [True, False])
    def test_is_nobodys_miss_and_a_new_time_is_offered(self, walk: Walk, ours: bool) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral, nth=20)
        walk.clock.advance(minutes=5)
        call_off(walk, referral, ours=ours)
        case = walk.case(referral)
        assert (case.misses, case.next_call_at) == (0, walk.now)
        assert set(texts(case)) == {"assessment_cancelled"}
        assert walk.status(referral) == "accepted"
        assert appointments(case)[0].state == ("ours_to_blame" if ours else "cancelled")
        assert "appointment.called_off" in audited(subject="appointment", subject_id=appointment.id)
        with pytest.raises(booking.NothingBooked), transaction():
            booking.call_off(appointment.id, ours=ours, by=walk.worker, now=walk.now)

    def test_a_one_to_one_needs_another(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral, pathway="one_to_one")
        walk.booked(referral, kind="one_to_one")
        call_off(walk, referral, ours=True)
        assert walk.status(referral) == "assessed"
        assert "place" in tasks(walk.case(referral))


class TestMissed:
    def test_a_new_time_is_offered_at_once_and_a_chance_is_used(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        walk.missed(referral)
        case = walk.case(referral)
        assert (case.misses, case.next_call_at) == (1, walk.now)
        assert "rebook" in tasks(case)
        assert set(texts(case)) == {"missed_assessment"}
        assert told(referral) == ["referral.accepted", "assessment.booked"]
        assert "appointment.missed" in audited(subject="appointment", subject_id=appointment.id)

    def test_with_no_chance_left_it_ends(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        for _ in range(2):
            walk.booked(referral)
            walk.missed(referral)
        last = events(referral)[-1]
        assert last.type == "referral.not_engaged"
        assert last.intelligence_log is not None
        assert last.intelligence_log["reason"] == "missed_assessment"
        assert texts(walk.case(referral)) == {}
        assert tasks(walk.case(referral)) == set()

    def test_cannot_be_said_before_the_time_has_come(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        with pytest.raises(keeping.NotYet), transaction():
            keeping.record_missed(appointment.id, by=walk.worker, now=walk.now)
        assert walk.status(referral) == "assessment_booked"

    @pytest.mark.parametrize("why", ["never confirmed", "dead", "disowned"])
    def test_is_no_miss_where_the_number_may_not_be_theirs(self, walk: Walk, why: str) -> None:
        """A first call booked at the roadside, to a number that nobody is known to answer: nobody's fault."""
        referral = walk.referred(person=person() if why == "never confirmed" else checked())
        for _ in range(4):
            walk.booked(referral)
            if why == "dead":
                walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE)
            if why == "disowned":
                disown(walk, referral)
            walk.missed(referral)
            assert walk.case(referral).misses == 0
        assert walk.status(referral) == "accepted"
        assert "number_suspect" in tasks(walk.case(referral))

    def test_of_a_one_to_one_counts_as_missing_what_was_offered(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral, pathway="one_to_one")
        for _ in range(2):
            walk.booked(referral, kind="one_to_one")
            walk.missed(referral)
        last = events(referral)[-1]
        assert last.intelligence_log is not None
        assert (last.compliance["level"], last.intelligence_log["reason"]) == (
            "assessment",
            "missed_intervention",
        )


class TestTookPlace:
    @pytest.mark.parametrize("kind", ["one_to_one", "treatment"])
    def test_completes_and_nothing_more_is_sent_but_the_survey(self, walk: Walk, kind: str) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral, pathway=kind)
        appointment = walk.booked(referral, kind=kind)
        walk.took_place(referral)
        assert told(referral)[-1] == "referral.completed"
        assert set(texts(walk.case(referral))) == {"survey"}
        assert "appointment.took_place" in audited(subject="appointment", subject_id=appointment.id)

    def test_cannot_be_said_before_the_time_has_come(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral, pathway="one_to_one")
        appointment = walk.booked(referral, kind="one_to_one")
        with pytest.raises(keeping.NotYet):
            took(walk, appointment.id)
        assert walk.status(referral) == "placed"

    def test_an_assessment_takes_place_by_being_recorded(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        walk.clock.set(appointment.starts_at)
        with pytest.raises(booking.NotBookable):
            took(walk, appointment.id)

    def test_nothing_is_booked_of_an_ended_case(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        walk.withdrawn(referral)
        for change in (keeping.record_missed, keeping.record_took_place):
            with pytest.raises(booking.NothingBooked), transaction():
                change(appointment.id, by=walk.worker, now=walk.now + timedelta(days=9))
        with pytest.raises(booking.NotBookable):
            walk.booked(referral)


def disown(walk: Walk, referral: Referral) -> None:
    number = current_number(referral.person_id)
    assert number is not None
    case_id = walk.case(referral).id
    with transaction():
        opening.not_this_person(case_id, number.id, by=PARTICIPANT, now=walk.now)


class TestWhoRings:
    def whose(self, walk: Walk, referral: Referral, *, in_their_language: bool = False) -> str:
        """Who rings at a start at which all three are free."""
        with transaction():
            made = booking.book(
                walk.case(referral).id,
                starts_at=starts(walk, 20),
                in_their_language=in_their_language,
                by=Actor("key", 1),
                now=walk.now,
            )
        return next(who for who, one in walk.world.accounts.items() if one == made.worker_id)

    def speaks(self, walk: Walk, who: str, *languages: str) -> None:
        with transaction():
            rostering.set_languages(walk.world.accounts[who], languages, by=walk.lead, now=walk.now)

    def test_who_has_the_case_comes_first(self, walk: Walk, world: World) -> None:
        self.speaks(walk, "team_lead", "pl")
        referral = walk.referred(person=checked(language="pl"))
        with transaction():
            contacting.assign(
                walk.case(referral).id, world.accounts["drug_worker_2"], by=walk.lead, now=walk.now
            )
        assert self.whose(walk, referral) == "drug_worker_2"

    def test_then_who_speaks_their_language(self, walk: Walk) -> None:
        self.speaks(walk, "team_lead", "pl", "uk")
        assert self.whose(walk, walk.referred(person=checked(language="pl"))) == "team_lead"

    def test_then_who_has_the_fewest_calls_that_day(self, walk: Walk) -> None:
        other = walk.referred(person=checked(given_name="Alex", mobile="07700 900124"))
        booked_with(walk, other, "drug_worker", starts(walk, 24))
        assert self.whose(walk, walk.referred(person=checked())) == "team_lead"

    def test_a_worker_who_speaks_it_is_no_interpreter_unless_asked_for(self, walk: Walk) -> None:
        self.speaks(walk, "team_lead", "pl")
        needs = checked(language="pl", interpreter_needed=True)
        assert self.whose(walk, walk.referred(person=needs)) == "drug_worker"

    def test_whoever_speaks_it_may_be_asked_for(self, walk: Walk) -> None:
        self.speaks(walk, "team_lead", "pl")
        needs = checked(language="pl", interpreter_needed=True)
        assert self.whose(walk, walk.referred(person=needs), in_their_language=True) == "team_lead"
