"""The register: what each mark means for the person and the force, and what a correction puts right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.comings import Stay
from provider.domain.courses.models import CourseSession
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import attending, closing, ending, registering, tapping
from tests.builders import World, count
from tests.pathway.walking import Walk, checked, events, person, places, set_terms, tasks, texts, told

ATTC, UAAB, AAME, ATSS, LEFT = (
    Attendance.ATTC,
    Attendance.UAAB,
    Attendance.AAME,
    Attendance.ATSS,
    Attendance.LEFT,
)


@pytest.fixture
def sam(walk: Walk) -> Referral:
    """Assessed, and waiting for a place to be given."""
    referral = walk.referred(person=checked())
    walk.assessed(referral)
    return referral


def attended(walk: Walk, referral: Referral, code: Attendance, *, days: float = 2) -> int:
    """A session they have a place in takes place, and is marked so; answers the place."""
    session_id = walk.session(days=days)
    place_id = walk.placed(referral, session_id)
    walk.ran(session_id, {place_id: code})
    return place_id


def last(referral: Referral) -> ComplianceEvent:
    return events(referral)[-1]


class TestTheRegister:
    def test_opens_shortly_before_the_session(self, walk: Walk, sam: Referral) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.clock.advance(days=1, minutes=-16)
        with pytest.raises(attending.RegisterNotOpen), transaction():
            attending.mark(place_id, ATTC, minutes=None, by=walk.facilitator, now=walk.now)
        walk.clock.advance(minutes=2)
        with transaction():
            attending.mark(place_id, ATTC, minutes=None, by=walk.facilitator, now=walk.now)
        with pytest.raises(attending.RegisterNotOpen), transaction():
            attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
        assert count("attendance_marks") == 1

    def test_is_confirmed_whole_and_once(self, walk: Walk, sam: Referral) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.clock.advance(days=1)
        with pytest.raises(attending.RegisterIncomplete), transaction():
            attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
        assert walk.status(sam) == "placed"
        walk.ran(session_id, {place_id: ATTC})
        with pytest.raises(attending.RegisterClosed), transaction():
            attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
        with pytest.raises(attending.RegisterClosed), transaction():
            attending.mark(place_id, UAAB, minutes=None, by=walk.facilitator, now=walk.now)
        assert told(sam).count("referral.completed") == 1

    @pytest.mark.parametrize("code", list(Attendance))
    def test_is_not_confirmed_while_it_runs_and_somebody_may_be_there_or_come(
        self, walk: Walk, sam: Referral, code: Attendance
    ) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.clock.advance(days=1)
        with transaction():
            attending.mark(place_id, code, minutes=None, by=walk.facilitator, now=walk.now)
        if code in {ATTC, Attendance.AFTC, UAAB}:
            with pytest.raises(attending.StillRunning), transaction():
                attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
            assert walk.status(sam) == "placed"
            walk.clock.advance(minutes=150)
        with transaction():
            attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
        assert walk.status(sam) in {"completed", "waiting"}

    def test_who_left_after_the_minimum_has_left(self, walk: Walk, sam: Referral) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.clock.advance(days=1, minutes=121)
        with transaction():
            how = attending.How(Stay(left=120))
            attending.mark(place_id, ATTC, minutes=120, how=how, by=walk.facilitator, now=walk.now)
            attending.confirm_register(session_id, by=walk.facilitator, now=walk.now)
        assert walk.status(sam) == "completed"

    def test_is_confirmed_as_it_was_seen_and_never_with_a_mark_that_stands_again(
        self, walk: Walk, sam: Referral
    ) -> None:
        """The last mark that was made stands on another line: it is the same before and after."""
        alex = walk.referred(person=checked(given_name="Alex"))
        walk.assessed(alex)
        session_id = walk.session(days=1)
        mine, theirs = walk.placed(sam, session_id), walk.placed(alex, session_id)
        walk.clock.advance(days=1, hours=3)
        with transaction():
            for place_id, code in ((mine, UAAB), (mine, ATTC), (theirs, ATTC)):
                attending.mark(place_id, code, minutes=None, by=walk.facilitator, now=walk.now)
        seen = {place_id: mark.id for place_id, mark in attending.latest_marks([mine, theirs]).items()}
        with transaction():
            tapping.unmark(session_id, mine, seen=seen[mine], by=walk.lead, now=walk.now)
        as_seen = registering.as_it_stands(seen)
        with pytest.raises(registering.RegisterChanged), transaction():
            registering.confirm_as_seen(session_id, seen=as_seen, by=walk.facilitator, now=walk.now)
        assert (walk.status(sam), walk.case(sam).misses) == ("placed", 0)
        again = {one: latest.id for one, latest in attending.latest_marks([mine, theirs]).items()}
        with transaction():
            registering.confirm_as_seen(
                session_id, seen=registering.as_it_stands(again), by=walk.facilitator, now=walk.now
            )
        assert walk.case(sam).misses == 1

    def test_does_not_have_who_was_merely_offered_a_place(self, walk: Walk, sam: Referral) -> None:
        walk.waiting(sam)
        session_id = walk.session(days=1)
        walk.offered(session_id)
        [offered] = places(walk.case(sam))
        walk.clock.advance(days=1)
        with pytest.raises(attending.PlaceGone), transaction():
            attending.mark(offered.id, UAAB, minutes=None, by=walk.facilitator, now=walk.now)

    def test_a_place_given_back_is_gone(self, walk: Walk, sam: Referral) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.withdrawn(sam)
        walk.clock.advance(days=1)
        with pytest.raises(attending.PlaceGone), transaction():
            attending.mark(place_id, UAAB, minutes=None, by=walk.facilitator, now=walk.now)

    @pytest.mark.parametrize("code", list(Attendance))
    def test_what_each_mark_means(self, walk: Walk, sam: Referral, code: Attendance) -> None:
        attended(walk, sam, code)
        case = walk.case(sam)
        if code.counts_as_completed:
            assert (walk.status(sam), set(texts(case)), tasks(case)) == ("completed", {"survey"}, set())
            assert last(sam).compliance["level"] == "intervention"
            return
        assert walk.status(sam) == "waiting"
        assert case.misses == (1 if code.missed else 0)
        assert set(texts(case)) == {"missed_course" if code.missed else "course_another"}
        assert tasks(case) == ({"rebook"} if code.missed else set())
        assert told(sam) == ["referral.accepted", "assessment.attended"]

    def test_our_fault_never_uses_a_chance_however_often(self, walk: Walk, sam: Referral) -> None:
        for _ in range(4):
            attended(walk, sam, Attendance.RSSR)
        assert (walk.case(sam).misses, walk.status(sam)) == (0, "waiting")

    def test_a_course_missed_on_a_dead_number_is_nobodys_fault(self, walk: Walk, sam: Referral) -> None:
        """Neither reminder nor link can have reached them."""
        for _ in range(3):
            session_id = walk.session(days=2)
            place_id = walk.placed(sam, session_id)
            walk.rung(sam, AttemptOutcome.NUMBER_NOT_IN_USE)
            walk.ran(session_id, {place_id: UAAB})
        assert (walk.case(sam).misses, walk.status(sam)) == (0, "assessed")
        assert {"number_suspect", "rebook"} <= tasks(walk.case(sam))


class TestCorrectedToAttended:
    def test_withdraws_bar_and_log_by_a_correction_that_names_the_event(
        self, walk: Walk, sam: Referral
    ) -> None:
        attended(walk, sam, UAAB)
        place_id = attended(walk, sam, UAAB)
        not_engaged = last(sam)
        assert not_engaged.intelligence_log is not None
        walk.clock.advance(days=3)
        walk.corrected(place_id, ATTC)
        event = last(sam)
        assert (event.type, event.corrects) == ("outcome.corrected", not_engaged.public_id)
        assert event.compliance == {
            "level": "intervention",
            "outcome": "completed",
            "may_reoffer": True,
            "bar_until": None,
            "rule": "divert-adult v1",
        }
        assert event.intelligence_log is None
        fresh = walk.fresh(sam)
        assert (fresh.status, fresh.may_reoffer, fresh.bar_until, fresh.ended_reason) == (
            "completed",
            True,
            None,
            None,
        )
        assert walk.referred(person=person()).status == "accepted"

    def test_while_it_goes_on_completes_it(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        coming = walk.placed(sam, walk.session(days=5))
        walk.corrected(place_id, ATTC)
        assert told(sam)[-1] == "referral.completed"
        assert next(place for place in places(walk.case(sam)) if place.id == coming).released_at is not None
        assert set(texts(walk.case(sam))) == {"survey"}

    def test_corrects_also_who_was_not_reached_since(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        case_id = walk.case(sam).id
        with transaction():
            ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=walk.worker, now=walk.now)
        told_before = last(sam)
        walk.corrected(place_id, ATTC)
        assert (last(sam).type, last(sam).corrects) == ("outcome.corrected", told_before.public_id)
        assert walk.status(sam) == "completed"

    def test_leaves_a_withdrawn_one_withdrawn(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        walk.withdrawn(sam)
        walk.corrected(place_id, ATTC)
        assert told(sam)[-1] == "referral.withdrawn"

    def test_each_force_hears_a_correction_of_its_own_event(self, walk: Walk, sam: Referral) -> None:
        other = walk.deferred(person=person())
        attended(walk, sam, UAAB)
        place_id = attended(walk, sam, UAAB)
        walk.corrected(place_id, ATTC)
        for referral in (sam, other):
            by_type = {event.type: event for event in events(referral)}
            assert by_type["outcome.corrected"].corrects == by_type["referral.not_engaged"].public_id


class TestCorrectedToAcceptable:
    def test_who_was_ended_by_the_miss_goes_on(self, walk: Walk, sam: Referral) -> None:
        """It was never a chance used: bar and log go, and another place is offered."""
        attended(walk, sam, UAAB)
        place_id = attended(walk, sam, UAAB)
        not_engaged = last(sam)
        walk.corrected(place_id, AAME)
        assert (last(sam).type, last(sam).corrects) == ("outcome.corrected", not_engaged.public_id)
        assert last(sam).compliance["outcome"] == "open"
        assert last(sam).compliance["level"] == "assessment"
        assert (last(sam).compliance["may_reoffer"], last(sam).compliance["bar_until"]) == (True, None)
        case = walk.case(sam)
        assert (walk.status(sam), case.misses, case.closed_at) == ("waiting", 1, None)

    def test_who_declined_since_has_declined(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        case_id = walk.case(sam).id
        with transaction():
            ending.end_declined(case_id, by=walk.worker, now=walk.now)
        walk.corrected(place_id, AAME)
        assert told(sam)[-1] == "referral.not_engaged"

    def test_while_it_goes_on_gives_the_chance_back(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        walk.corrected(place_id, AAME)
        assert walk.case(sam).misses == 0
        assert told(sam) == ["referral.accepted", "assessment.attended"]

    def test_one_missed_before_they_came_back_gives_back_none_of_those_they_have_since(
        self, walk: Walk, sam: Referral
    ) -> None:
        attended(walk, sam, UAAB)
        before = attended(walk, sam, UAAB)
        walk.reopened(sam)
        attended(walk, sam, UAAB)
        assert (walk.status(sam), walk.case(sam).misses) == ("waiting", 1)
        walk.corrected(before, AAME)
        assert walk.case(sam).misses == 1

    def test_another_code_of_the_same_meaning_changes_nothing(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        walk.corrected(place_id, LEFT)
        assert walk.case(sam).misses == 1
        assert places(walk.case(sam))[0].attendance == "LEFT"


class TestCorrectedToNotAttended:
    def test_takes_completed_back_and_offers_another(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, ATTC)
        completed = last(sam)
        walk.clock.advance(days=2)
        walk.corrected(place_id, AAME)
        assert (last(sam).type, last(sam).corrects) == ("outcome.corrected", completed.public_id)
        assert (last(sam).compliance["outcome"], last(sam).compliance["level"]) == ("open", "assessment")
        case = walk.case(sam)
        assert (walk.status(sam), case.misses, case.closed_at) == ("waiting", 0, None)
        assert "survey" not in texts(case)

    def test_who_completes_after_all_is_asked_how_it_went(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, ATTC)
        walk.corrected(place_id, AAME)
        walk.corrected(place_id, ATTC)
        assert set(texts(walk.case(sam))) == {"survey"}

    def test_to_a_miss_uses_a_chance(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, ATTC)
        walk.corrected(place_id, UAAB)
        assert (walk.status(sam), walk.case(sam).misses) == ("waiting", 1)

    def test_to_a_miss_with_no_chance_left_ends_with_bar_and_log(self, walk: Walk, sam: Referral) -> None:
        attended(walk, sam, UAAB)
        place_id = attended(walk, sam, ATTC)
        walk.corrected(place_id, UAAB)
        assert told(sam)[-3:] == ["referral.completed", "outcome.corrected", "referral.not_engaged"]
        assert last(sam).compliance["may_reoffer"] is False
        log = last(sam).intelligence_log
        assert log is not None
        assert log["reason"] == "missed_intervention"
        assert walk.case(sam).closed_at is not None

    def test_leaves_alone_who_completed_by_the_assessment(self, walk: Walk, sam: Referral) -> None:
        """The other force's scheme asked for no more than that."""
        custody = walk.in_custody(person=person())
        before = told(custody)
        place_id = attended(walk, sam, ATTC)
        walk.corrected(place_id, AAME)
        assert (told(custody), walk.status(custody)) == (before, "completed")
        assert walk.status(sam) == "waiting"

    def test_who_came_to_another_session_has_completed_all_the_same(self, walk: Walk, sam: Referral) -> None:
        first = attended(walk, sam, UAAB)
        second = attended(walk, sam, ATTC)
        walk.corrected(first, ATTC)
        before = told(sam)
        walk.corrected(second, AAME)
        assert (told(sam), walk.status(sam)) == (before, "completed")

    def test_is_refused_where_they_were_referred_again_since(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, ATTC)
        again = walk.referred(person=person())
        with pytest.raises(closing.HasAnotherCase):
            walk.corrected(place_id, UAAB)
        assert walk.status(sam) == "completed"
        assert walk.status(again) == "accepted"
        assert places(walk.case(sam))[0].attendance == "ATTC"

    def test_what_a_limit_had_used_up_is_free_again(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", repeat_rule="up_to", repeat_limit=1)
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        place_id = attended(walk, referral, ATTC)
        assert last(referral).compliance["may_reoffer"] is False
        walk.corrected(place_id, AAME)
        assert last(referral).compliance["may_reoffer"] is True


class TestACorrection:
    def test_needs_a_reason(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        with pytest.raises(attending.ReasonNeeded):
            walk.corrected(place_id, ATTC, reason="  ")
        assert places(walk.case(sam))[0].attendance == "UAAB"

    def test_is_not_for_an_open_register(self, walk: Walk, sam: Referral) -> None:
        session_id = walk.session(days=1)
        place_id = walk.placed(sam, session_id)
        walk.clock.advance(days=2)
        with pytest.raises(attending.RegisterNotOpen):
            walk.corrected(place_id, ATTC)

    def test_keeps_the_mark_before_it(self, walk: Walk, sam: Referral) -> None:
        place_id = attended(walk, sam, UAAB)
        walk.corrected(place_id, ATTC)
        assert count("attendance_marks", place_id=place_id) == 2


def test_reminders_end_with_the_session(walk: Walk, sam: Referral) -> None:
    session_id = walk.session(days=10)
    place_id = walk.placed(sam, session_id)
    session = db.session.get_one(CourseSession, session_id)
    assert texts(walk.case(sam))["course_reminder_1h"] == session.starts_at - timedelta(hours=1)
    walk.ran(session_id, {place_id: AAME})
    assert set(texts(walk.case(sam))) == {"course_another"}
