"""One call and one course serve everybody who referred the same person; each force hears exactly its own."""

from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa

from provider.domain.contact.ladder import NextCall
from provider.domain.contact.models import Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.referrals.models import Referral
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db
from tests.builders import World, count
from tests.pathway.walking import YOUNG, Walk, checked, events, person, set_terms, tasks, told

CHILD = {"date_of_birth": "2010-02-03"}


def as_read(referral: Referral) -> list[dict[str, object]]:
    """What a force reads of a referral, without identifiers and times."""
    return [
        {
            "type": event.type,
            "compliance": {**event.compliance, "bar_until": event.compliance["bar_until"] is not None},
            "intelligence_log": event.intelligence_log,
            "corrects": event.corrects is not None,
        }
        for event in events(referral)
    ]


class TestJoiningLate:
    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("accepted", []),
            ("booked", ["assessment.booked"]),
            ("assessed after booking", ["assessment.booked", "assessment.attended"]),
            ("assessed at once", ["assessment.attended"]),
            ("waiting", ["assessment.attended"]),
            ("placed", ["assessment.booked", "assessment.attended"]),
        ],
    )
    def test_a_force_hears_what_the_first_one_heard(self, walk: Walk, step: str, expected: list[str]) -> None:
        first = walk.referred(person=checked())
        if step in {"booked", "assessed after booking", "placed"}:
            walk.booked(first)
        if step not in {"accepted", "booked"}:
            walk.assessed(first)
        if step == "waiting":
            walk.waiting(first)
        if step == "placed":
            walk.placed(first, walk.session())
        second = walk.deferred(person=person())
        assert walk.case(second).id == walk.case(first).id
        assert told(second) == told(first) == ["referral.accepted", *expected]
        assert walk.status(second) == walk.status(first)

    def test_one_course_then_completes_both(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.assessed(first)
        session_id = walk.session()
        place_id = walk.placed(first, session_id)
        second = walk.deferred(person=person())
        walk.ran(session_id, {place_id: Attendance.ATTC})
        for referral in (first, second):
            assert told(referral)[-1] == "referral.completed"
            assert events(referral)[-1].compliance["level"] == "intervention"
            assert events(referral)[-1].scheme != ""
        assert [event.force_id for event in events(first)] == [walk.world.forces["midshire"]] * 3
        assert {event.force_id for event in events(second)} == {walk.world.forces["thamesford"]}

    def test_where_the_assessment_counts_it_completes_at_once_and_the_other_goes_on(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.assessed(first)
        second = walk.in_custody(person=person())
        assert told(second) == ["referral.accepted", "assessment.attended", "referral.completed"]
        assert events(second)[-1].compliance["level"] == "assessment"
        assert walk.status(first) == "assessed"
        assert walk.case(first).closed_at is None

    def test_a_slot_that_comes_too_late_does_not_stand_in_the_way(self, walk: Walk) -> None:
        """The officer chose a first call; the person has been assessed since the other force referred them."""
        first = walk.referred(person=checked())
        walk.assessed(first)
        slot = f"diversion-deferred.{walk.now:%Y%m}25T1000Z"
        second = walk.deferred(person=person(), assessment_slot_id=slot)
        assert walk.status(second) == "assessed"
        assert count("appointments") == 0


class TestAnotherYes:
    def test_the_log_of_a_force_knows_no_call_from_before_it_referred(self, walk: Walk) -> None:
        """That anybody rang earlier would say that another force had referred."""
        first = walk.referred(person=checked())
        early = london_date(walk.now)
        walk.rung(first)
        walk.clock.set(at_london(early.replace(day=early.day + 2), time(9)))
        second = walk.deferred(person=person())
        walk.rung_until_over(first)
        walk.closed_after_calls(first)
        logs = {referral.id: events(referral)[-1].intelligence_log for referral in (first, second)}
        said = f"{early.day} November 2026"
        assert said in str(logs[first.id])
        assert said not in str(logs[second.id])
        assert "7 times" in str(logs[first.id])
        assert "6 times" in str(logs[second.id])

    def test_begins_the_ladder_anew(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        walk.rung_until_over(first)
        assert walk.case(first).next_call_at is None
        walk.clock.advance(days=3)
        walk.deferred(person=person())
        assert walk.case(first).next_call_at is not None
        assert tasks(walk.case(first)) == set()
        assert isinstance(walk.rung(first), NextCall)

    def test_keeps_the_time_that_was_agreed_with_them(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        at = walk.now.replace(day=27, hour=15)
        walk.rung(first, AttemptOutcome.SPOKE_CALL_BACK_LATER, call_back_at=at)
        walk.clock.advance(hours=3)
        walk.deferred(person=person())
        assert walk.case(first).next_call_at == at

    def test_gives_every_chance_again(self, walk: Walk) -> None:
        """What was missed before the second force referred is not that force's miss."""
        first = walk.referred(person=checked())
        walk.booked(first)
        walk.missed(first)
        second = walk.deferred(person=person())
        walk.booked(first)
        walk.missed(first)
        assert walk.status(first) == walk.status(second) == "accepted"
        walk.booked(first)
        walk.missed(first)
        assert walk.status(first) == walk.status(second) == "not_engaged"

    def test_the_scheme_that_gives_more_chances_gives_them(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", misses_allowed=0)
        first = walk.referred(person=checked())
        second = walk.deferred(person=person())
        walk.booked(first)
        walk.missed(first)
        assert walk.status(first) == walk.status(second) == "accepted"


class TestAChild:
    def test_without_a_responsible_adult_there_is_work_for_the_same_day(self, walk: Walk) -> None:
        referral = walk.referred(**YOUNG, person=person(**CHILD))
        assert referral.status == "accepted"
        case = walk.case(referral)
        assert "responsible_adult" in tasks(case)
        task = db.session.scalars(
            sa.select(Task).where(Task.case_id == case.id, Task.kind == "responsible_adult")
        ).one()
        assert london_date(task.due_at) == london_date(walk.now)
        assert task.due_at > walk.now

    def test_with_one_there_is_none(self, walk: Walk) -> None:
        adult = {"name": "Jo Example", "relationship": "mother", "mobile": None}
        referral = walk.referred(**YOUNG, person=person(**CHILD, responsible_adult=adult))
        assert "responsible_adult" not in tasks(walk.case(referral))


@pytest.mark.parametrize("ending", ["completed", "missed"])
def test_whatever_the_pathway_the_force_reads_the_same(walk: Walk, ending: str) -> None:
    """Group course, one-to-one and treatment: the same types, levels and words, in the same order."""
    read = []
    for number, pathway in enumerate(("group_course", "one_to_one", "structured_treatment")):
        sent = checked(given_name=("Alex", "Billie", "Chris")[number], mobile=f"07700 90012{number}")
        referral = walk.referred(person=sent)
        walk.booked(referral, nth=number)
        walk.assessed(referral, pathway=pathway)
        for _ in range(2 if ending == "missed" else 1):
            walk_on(walk, referral, pathway, came=ending == "completed")
        said = as_read(referral)
        for event in said:
            log = event["intelligence_log"]
            if isinstance(log, dict):
                log["text"] = log["text"].replace(referral.reference, "REFERENCE")
        read.append(said)
    assert read[0] == read[1] == read[2]
    assert read[0][-1]["type"] == ("referral.completed" if ending == "completed" else "referral.not_engaged")


def walk_on(walk: Walk, referral: Referral, pathway: str, *, came: bool) -> None:
    if pathway == "group_course":
        session_id = walk.session(days=2)
        code = Attendance.ATTC if came else Attendance.UAAB
        walk.ran(session_id, {walk.placed(referral, session_id): code})
        return
    walk.booked(referral, kind="one_to_one" if pathway == "one_to_one" else "treatment")
    (walk.took_place if came else walk.missed)(referral)
