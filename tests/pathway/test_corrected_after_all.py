"""A correction of long ago: what was missed before somebody came back, or was referred anew, belongs to then;
whoever is open again by it is somebody's work; and each linked referral stands where its own scheme says.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.caseload.own_calendar import own_calendar
from provider.domain.courses.attendance import Attendance
from provider.domain.diary.outcomes import CallOutcome
from provider.domain.diary.queries import slots_between
from provider.domain.referrals.models import Referral
from provider.kernel.database import transaction
from provider.pathway import keeping
from tests.builders import World
from tests.pathway.test_restating import HELD, MISSED, MOVED, OURS, correct, said
from tests.pathway.walking import Walk, checked, events, set_terms, tasks

UAAB, AAME, LEAC = Attendance.UAAB, Attendance.AAME, Attendance.LEAC


def chances(world: World, many: int) -> None:
    set_terms(world, "divert-adult", misses_allowed=many)
    set_terms(world, "diversion-deferred", misses_allowed=many)


def rung(walk: Walk) -> Referral:
    """Assessed, and to be rung for a one-to-one."""
    referral = walk.referred(person=checked())
    walk.assessed(referral, pathway="one_to_one")
    return referral


def attended(walk: Walk, referral: Referral, code: Attendance) -> int:
    session_id = walk.session(days=2)
    place_id = walk.placed(referral, session_id)
    walk.ran(session_id, {place_id: code})
    return place_id


def referred_elsewhere(walk: Walk) -> Referral:
    walk.clock.advance(days=1)
    return walk.deferred(person=checked(), occurred_at=walk.now.isoformat())


class TestWhatWasMissedBefore:
    def test_another_force_referred_ends_nothing_for_that_force(self, walk: Walk, world: World) -> None:
        chances(world, 0)
        call = said(walk, rung(walk), OURS)
        theirs = referred_elsewhere(walk)
        correct(walk, call, MISSED)
        assert walk.status(theirs) != "not_engaged"
        assert events(theirs)[-1].intelligence_log is None

    def test_another_force_referred_gives_no_chance_back_twice(self, walk: Walk, world: World) -> None:
        chances(world, 1)
        ours = rung(walk)
        call = said(walk, ours, MISSED)
        referred_elsewhere(walk)
        said(walk, ours, MISSED)
        assert walk.case(ours).misses == 1
        correct(walk, call, OURS)
        assert walk.case(ours).misses == 1

    def test_they_came_back_uses_none_of_the_chances_they_have_since(self, walk: Walk, world: World) -> None:
        chances(world, 0)
        sam = walk.referred(person=checked())
        walk.assessed(sam)
        excused, missed = attended(walk, sam, AAME), attended(walk, sam, UAAB)
        assert walk.status(sam) == "not_engaged"
        walk.clock.advance(days=1)
        walk.reopened(sam)
        for place_id, code in ((excused, UAAB), (missed, AAME), (missed, UAAB)):
            walk.corrected(place_id, code)
            assert walk.status(sam) != "not_engaged"


class TestOfTwoLinked:
    def test_the_one_that_is_not_completed_by_it_goes_on(self, walk: Walk, world: World) -> None:
        chances(world, 0)
        set_terms(world, "diversion-deferred", pathways={"one_to_one": {"appointments": 2}})
        ours, theirs = walk.referred(person=checked()), walk.deferred(person=checked())
        walk.assessed(ours, pathway="one_to_one")
        call = said(walk, ours, MISSED)
        assert [walk.status(one) for one in (ours, theirs)] == ["not_engaged"] * 2
        correct(walk, call, HELD)
        assert [walk.status(one) for one in (ours, theirs)] == ["completed", "assessed"]

    def test_the_one_whose_course_is_not_done_by_it_waits_for_the_next(
        self, walk: Walk, world: World
    ) -> None:
        chances(world, 0)
        set_terms(world, "divert-adult", pathways={"group_course": {"completed_by": "attended"}})
        ours, theirs = walk.referred(person=checked()), walk.deferred(person=checked())
        walk.assessed(ours)
        place_id = attended(walk, ours, UAAB)
        assert [walk.status(one) for one in (ours, theirs)] == ["not_engaged"] * 2
        walk.corrected(place_id, LEAC)
        assert [walk.status(one) for one in (ours, theirs)] == ["completed", "waiting"]


class TestOpenAgainByAnEarlierCall:
    @pytest.mark.parametrize("then", [OURS, MOVED])
    def test_a_one_to_one_is_somebodys_work(self, walk: Walk, world: World, then: CallOutcome) -> None:
        chances(world, 1)
        sam = rung(walk)
        first = said(walk, sam, MISSED)
        said(walk, sam, MISSED)
        assert walk.status(sam) == "not_engaged"
        correct(walk, first, then)
        assert (walk.status(sam), tasks(walk.case(sam))) == ("assessed", {"place"})

    def test_an_assessment_is_rung_about(self, walk: Walk, world: World) -> None:
        chances(world, 1)
        sam = walk.referred(person=checked())
        first = said(walk, sam, MISSED, kind="assessment")
        said(walk, sam, MISSED, kind="assessment")
        assert walk.status(sam) == "not_engaged"
        correct(walk, first, OURS)
        assert (walk.status(sam), walk.case(sam).next_call_at) == ("accepted", walk.now)


def test_a_call_said_otherwise_and_the_one_that_came_instead_are_two_in_the_workers_calendar(
    walk: Walk,
) -> None:
    call = walk.booked(rung(walk), kind="one_to_one")
    walk.clock.set(call.starts_at + timedelta(hours=1))
    slots = slots_between(walk.now, walk.now + timedelta(days=14), minutes=45, now=walk.now)
    with transaction():
        keeping.record_ours(call.id, instead=slots[5].starts_at, by=walk.worker, now=walk.now)
    correct(walk, call, MISSED)
    entries = own_calendar(call.worker_id, now=walk.now)
    assert len(entries) == 2
    assert len({(entry.kind, entry.number) for entry in entries}) == 2
