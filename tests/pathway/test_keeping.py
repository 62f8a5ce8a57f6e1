"""How a call went, said afterwards: at the time agreed, at another, or one that nobody had booked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.deadlines import dues_of_case
from provider.domain.diary.models import Appointment, DiaryCell
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.outcomes import said_of
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Referral
from provider.domain.schemes.queries import scheme_under
from provider.kernel.database import db, transaction
from provider.pathway import assessing, booking, ending, keeping
from tests.pathway.walking import Walk, appointments, audited, checked, events, tasks, texts, told, waits


def took(walk: Walk, appointment: Appointment, *, at: datetime | None = None) -> None:
    with transaction():
        keeping.record_took_place(appointment.id, at=at, by=walk.worker, now=walk.now)


def held(walk: Walk, referral: Referral, *, at: datetime, kind: str = "one_to_one") -> Appointment:
    case_id = walk.case(referral).id
    with transaction():
        return keeping.record_without_booking(case_id, kind, at=at, by=walk.worker, now=walk.now)


def assess(walk: Walk, referral: Referral, *, at: datetime | None) -> None:
    case_id = walk.case(referral).id
    with transaction():
        recorded = assessing.Recorded(True, {}, (), None, None)
        assessing.save(case_id, recorded, by=walk.worker, now=walk.now)
    with transaction():
        assessing.finish(case_id, walk.decided(), took_place_at=at, by=walk.worker, now=walk.now)


@pytest.fixture
def one_to_one(walk: Walk) -> Referral:
    """Somebody who needs a one-to-one."""
    referral = walk.referred(person=checked())
    walk.assessed(referral, pathway="one_to_one")
    return referral


class TestAtAnotherTime:
    def test_they_rang_back_and_it_was_done_then(self, walk: Walk, one_to_one: Referral) -> None:
        booked = walk.booked(one_to_one, kind="one_to_one")
        walk.clock.set(booked.starts_at + timedelta(days=1))
        really = booked.starts_at + timedelta(hours=6)
        took(walk, booked, at=really)
        first, second = appointments(walk.case(one_to_one))
        assert (first.state, second.state) == ("moved", "took_place")
        assert (second.starts_at, second.minutes, second.worker_id) == (really, 45, first.worker_id)
        assert first.replaced_by_id == second.id
        assert walk.status(one_to_one) == "completed"
        assert audited(subject="appointment", subject_id=first.id)[-1] == "appointment.moved"
        assert audited(subject="appointment", subject_id=second.id) == ["appointment.took_place"]

    def test_before_its_time_gives_the_time_back(self, walk: Walk, one_to_one: Referral) -> None:
        booked = walk.booked(one_to_one, kind="one_to_one", nth=60)
        assert booked.starts_at > walk.now
        took(walk, booked, at=walk.now)
        assert db.session.scalars(sa.select(DiaryCell)).all() == []
        assert set(texts(walk.case(one_to_one))) == {"survey"}

    def test_nothing_is_said_of_what_is_to_come(self, walk: Walk, one_to_one: Referral) -> None:
        booked = walk.booked(one_to_one, kind="one_to_one")
        for at in (None, booked.starts_at, walk.now + timedelta(minutes=1)):
            with pytest.raises(keeping.NotYet):
                took(walk, booked, at=at)
        assert [one.state for one in appointments(walk.case(one_to_one))] == ["booked"]

    def test_nor_of_a_time_before_they_came(self, walk: Walk, one_to_one: Referral) -> None:
        booked = walk.booked(one_to_one, kind="one_to_one")
        with pytest.raises(keeping.BeforeTheyCame):
            took(walk, booked, at=walk.case(one_to_one).opened_at - timedelta(minutes=1))


class TestWithoutABooking:
    def test_it_counts_like_any_other(self, walk: Walk, one_to_one: Referral) -> None:
        walk.clock.advance(days=1)
        at = walk.now - timedelta(hours=3)
        appointment = held(walk, one_to_one, at=at)
        assert (appointment.state, appointment.starts_at, appointment.worker_id) == (
            "took_place",
            at,
            walk.worker.account_id,
        )
        assert told(one_to_one)[-1] == "referral.completed"
        assert tasks(walk.case(one_to_one)) == set()

    def test_who_waited_for_a_place_gives_up_the_turn(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        walk.waiting(referral)
        held(walk, referral, at=walk.now)
        assert waits(walk.case(referral)) is None

    def test_where_a_time_is_booked_that_is_the_one_to_speak_of(
        self, walk: Walk, one_to_one: Referral
    ) -> None:
        walk.booked(one_to_one, kind="one_to_one")
        with pytest.raises(booking.AlreadyBooked):
            held(walk, one_to_one, at=walk.now)

    def test_not_before_the_assessment_nor_ahead_of_its_time(self, walk: Walk, one_to_one: Referral) -> None:
        with pytest.raises(keeping.NotYet):
            held(walk, one_to_one, at=walk.now + timedelta(minutes=1))
        with pytest.raises(booking.NotBookable):
            held(walk, walk.referred(person=checked(given_name="Alex")), at=walk.now)

    def test_a_force_reads_of_it_when_it_was_recorded(self, walk: Walk, one_to_one: Referral) -> None:
        """Or the time would show who was on no course: a register is confirmed when it is."""
        walk.clock.advance(days=1)
        held(walk, one_to_one, at=walk.now - timedelta(hours=3))
        last = events(one_to_one)[-1]
        assert last.occurred_at == last.recorded_at == walk.now


class TestAnAssessment:
    def test_written_down_the_day_after_was_in_time(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        case, terms = walk.case(referral), scheme_under(referral.terms_id).terms
        assert case.assessment_due is not None
        spoke = case.assessment_due - timedelta(hours=2)
        walk.clock.set(case.assessment_due + timedelta(hours=20))
        assess(walk, referral, at=spoke)
        dues = dues_of_case(case.id, {referral.id: terms}, now=walk.now)[referral.id]
        assert {due.stage: due.late for due in dues}["assessment"] is False
        attended = events(referral)[-1]
        assert (attended.type, attended.occurred_at, attended.recorded_at) == (
            "assessment.attended",
            spoke,
            walk.now,
        )

    def test_at_another_time_than_booked_is_what_the_diary_says(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        booked = walk.booked(referral)
        walk.clock.set(booked.starts_at + timedelta(days=1))
        assess(walk, referral, at=booked.starts_at + timedelta(hours=2))
        first, second = appointments(walk.case(referral))
        assert (first.state, second.state) == ("moved", "took_place")
        assert second.starts_at == booked.starts_at + timedelta(hours=2)

    def test_done_early_never_stands_in_the_diary_as_done_in_the_future(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral, nth=60)
        assess(walk, referral, at=None)
        assert all(one.starts_at <= walk.now for one in appointments(walk.case(referral)) if took_place(one))

    @pytest.mark.parametrize("wrong", [timedelta(minutes=1), timedelta(days=-400)])
    def test_is_refused_for_the_future_and_before_they_came(self, walk: Walk, wrong: timedelta) -> None:
        referral = walk.referred(person=checked())
        with pytest.raises((keeping.NotYet, keeping.BeforeTheyCame)):
            assess(walk, referral, at=walk.now + wrong)
        assert walk.status(referral) == "accepted"


def test_who_said_how_it_went_is_kept(walk: Walk, one_to_one: Referral) -> None:
    appointment = walk.booked(one_to_one, kind="one_to_one")
    walk.missed(one_to_one)
    (said,) = said_of([appointment.id])
    assert (said.outcome, said.by_id, said.at) == ("did_not_answer", walk.worker.account_id, walk.now)
    assert said.used_chance


class TestACallThatWasStillToBeSaid:
    """It is over, the referral ends before anybody says how it went, and that can still be said."""

    def over(self, walk: Walk, referral: Referral, kind: str) -> Appointment:
        appointment = walk.booked(referral, kind=kind)
        walk.clock.set(appointment.starts_at + timedelta(hours=2))
        return appointment

    @pytest.mark.parametrize("ends", ["withdrawn", "declined", "hospital"])
    def test_is_never_called_off_by_the_ending(self, walk: Walk, one_to_one: Referral, ends: str) -> None:
        call, case_id = self.over(walk, one_to_one, "one_to_one"), walk.case(one_to_one).id
        if ends == "withdrawn":
            walk.withdrawn(one_to_one)
        else:
            with transaction():
                if ends == "declined":
                    ending.end_declined(case_id, by=walk.worker, now=walk.now)
                else:
                    ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=walk.worker, now=walk.now)
        assert [one.state for one in appointments(walk.case(one_to_one))] == ["booked"]
        before, misses = told(one_to_one), walk.case(one_to_one).misses
        with transaction():
            keeping.record_missed(call.id, by=walk.worker, now=walk.now)
        case = walk.case(one_to_one)
        assert [one.state for one in appointments(case)] == ["did_not_answer"]
        assert (told(one_to_one), case.misses, tasks(case), case.next_call_at) == (
            before,
            misses,
            set(),
            None,
        )
        assert texts(case) == {}
        assert [said.used_chance for said in said_of([call.id])] == [False]

    def test_one_that_was_still_to_come_is(self, walk: Walk, one_to_one: Referral) -> None:
        walk.booked(one_to_one, kind="one_to_one")
        walk.withdrawn(one_to_one)
        assert [one.state for one in appointments(walk.case(one_to_one))] == ["cancelled"]

    def test_an_assessment_too_and_that_took_place(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        call = self.over(walk, referral, "assessment")
        with pytest.raises(booking.NotBookable):
            took(walk, call)
        walk.withdrawn(referral)
        took(walk, call)
        assert [one.state for one in appointments(walk.case(referral))] == ["took_place"]
        assert walk.status(referral) == "withdrawn"

    def test_ours_to_blame_tells_nobody_and_gives_no_new_time(self, walk: Walk, one_to_one: Referral) -> None:
        call = self.over(walk, one_to_one, "one_to_one")
        walk.withdrawn(one_to_one)
        with pytest.raises(booking.HasEnded), transaction():
            keeping.record_ours(call.id, instead=walk.now + timedelta(days=1), by=walk.worker, now=walk.now)
        with transaction():
            keeping.record_ours(call.id, instead=None, by=walk.worker, now=walk.now)
        case = walk.case(one_to_one)
        assert [one.state for one in appointments(case)] == ["ours_to_blame"]
        assert (texts(case), tasks(case), case.next_call_at) == ({}, set(), None)

    def test_it_is_neither_moved_nor_called_off_any_more(self, walk: Walk, one_to_one: Referral) -> None:
        call = self.over(walk, one_to_one, "one_to_one")
        walk.withdrawn(one_to_one)
        later = walk.now + timedelta(days=1)
        with pytest.raises(booking.HasEnded), transaction():
            booking.move_appointment(call.id, starts_at=later, why=THEY_ASKED, by=walk.worker, now=walk.now)
        with pytest.raises(booking.HasEnded), transaction():
            booking.call_off(call.id, ours=False, by=walk.worker, now=walk.now)

    def test_who_came_back_since_has_every_chance(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        call, case_id = self.over(walk, referral, "assessment"), walk.case(referral).id
        with transaction():
            ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=walk.worker, now=walk.now)
        walk.clock.advance(days=2)
        walk.reopened(referral)
        with transaction():
            keeping.record_missed(call.id, by=walk.worker, now=walk.now)
        assert walk.case(referral).misses == 0
        assert [said.used_chance for said in said_of([call.id])] == [False]


def took_place(appointment: Appointment) -> bool:
    return appointment.state == "took_place"
