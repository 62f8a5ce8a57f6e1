"""It was said wrongly how a call went: a table of what was said, what is said instead, and what stands after that."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.clock import moves_of, stops_of
from provider.domain.assessments.models import Assessment
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.outcomes import CallOutcome, said_of
from provider.domain.diary.queries import moves_by_person
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import booking, closing, correctable, ending, keeping, restating
from tests.builders import World
from tests.pathway.walking import (
    Walk,
    appointments,
    audited,
    checked,
    events,
    places,
    set_terms,
    tasks,
    texts,
    told,
    waits,
)

HELD, MISSED, OURS, MOVED = (
    CallOutcome.TOOK_PLACE,
    CallOutcome.DID_NOT_ANSWER,
    CallOutcome.OURS_TO_BLAME,
    CallOutcome.MOVED,
)
WHY = "Noted on another page"


def correct(walk: Walk, call: Appointment, outcome: CallOutcome, *, why: str = WHY) -> AppointmentOutcome:
    said = said_of([call.id])
    with transaction():
        return restating.correct(
            call.id, outcome, seen=said[-1].id if said else None, reason=why, by=walk.lead, now=walk.now
        )


def said(walk: Walk, referral: Referral, outcome: CallOutcome, *, kind: str = "one_to_one") -> Appointment:
    """A call was booked, came, and it was said how it went."""
    call = walk.booked(referral, kind=kind)
    walk.clock.set(call.starts_at + timedelta(hours=1))
    with transaction():
        if outcome is HELD:
            keeping.record_took_place(call.id, by=walk.worker, now=walk.now)
        elif outcome is MISSED:
            keeping.record_missed(call.id, by=walk.worker, now=walk.now)
        else:
            keeping.record_ours(call.id, instead=None, by=walk.worker, now=walk.now)
    walk.clock.advance(hours=1)
    return call


def state(walk: Walk, call: Appointment) -> str:
    return db.session.get_one(Appointment, call.id, populate_existing=True).state


@pytest.fixture
def chances() -> int:
    """How many calls the scheme lets somebody miss."""
    return 1


@pytest.fixture
def one_to_one(walk: Walk, world: World, chances: int) -> Referral:
    set_terms(world, "divert-adult", misses_allowed=chances)
    referral = walk.referred(person=checked())
    walk.assessed(referral, pathway="one_to_one")
    return referral


@pytest.fixture
def new(walk: Walk, world: World, chances: int) -> Referral:
    """Somebody who is still to be assessed."""
    set_terms(world, "divert-adult", misses_allowed=chances)
    return walk.referred(person=checked())


TABLE = [
    # said at first, then, status after, chances used, chance kept with the row, what the force is told by it
    (HELD, MISSED, "assessed", 1, True, ["outcome.corrected"]),
    (HELD, OURS, "assessed", 0, False, ["outcome.corrected"]),
    (HELD, MOVED, "assessed", 0, False, ["outcome.corrected"]),
    (MISSED, HELD, "completed", 0, False, ["referral.completed"]),
    (MISSED, OURS, "assessed", 0, False, []),
    (MISSED, MOVED, "assessed", 0, False, []),
    (OURS, HELD, "completed", 0, False, ["referral.completed"]),
    (OURS, MISSED, "assessed", 1, True, []),
    (OURS, MOVED, "assessed", 0, False, []),
]


@pytest.mark.parametrize(("first", "then", "status", "misses", "used", "hears"), TABLE)
def test_while_there_are_chances(
    walk: Walk,
    one_to_one: Referral,
    first: CallOutcome,
    then: CallOutcome,
    status: str,
    misses: int,
    used: bool,
    hears: list[str],
) -> None:
    call = said(walk, one_to_one, first)
    before = told(one_to_one)
    row = correct(walk, call, then)
    case = walk.case(one_to_one)
    assert (walk.status(one_to_one), case.misses, row.used_chance) == (status, misses, used)
    assert told(one_to_one)[len(before) :] == hears
    assert state(walk, call) == then
    kept = [(one.outcome, one.reason, one.by_id) for one in said_of([call.id])]
    assert kept == [(first, None, walk.worker.account_id), (then, WHY, walk.lead.account_id)]
    assert audited(subject="appointment", subject_id=call.id)[-1] == "appointment.corrected"
    owed = {"place"} if status == "assessed" else set()
    assert tasks(case) == owed | ({"rebook"} if then is MISSED else set())


@pytest.mark.parametrize("chances", [0])
class TestTheLastChance:
    @pytest.mark.parametrize("then", [OURS, MOVED])
    def test_given_back_opens_what_ended_by_it(
        self, walk: Walk, one_to_one: Referral, then: CallOutcome
    ) -> None:
        call = said(walk, one_to_one, MISSED)
        ended = events(one_to_one)[-1]
        assert (ended.type, walk.fresh(one_to_one).bar_until is not None) == ("referral.not_engaged", True)
        correct(walk, call, then)
        after = walk.fresh(one_to_one)
        assert (after.status, after.bar_until, after.may_reoffer) == ("assessed", None, True)
        assert (after.ended_reason, after.closed_at) == (None, None)
        correction = events(one_to_one)[-1]
        assert (correction.type, correction.corrects) == ("outcome.corrected", ended.public_id)
        assert correction.intelligence_log is None
        assert WHY not in repr(correction.compliance)
        case = walk.case(one_to_one)
        assert (case.closed_at, case.misses, tasks(case)) == (None, 0, {"place"})

    def test_or_completes_it(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        ended = events(one_to_one)[-1]
        correct(walk, call, HELD)
        correction = events(one_to_one)[-1]
        assert (correction.type, correction.corrects) == ("outcome.corrected", ended.public_id)
        assert walk.status(one_to_one) == "completed"
        assert walk.case(one_to_one).closed_at is not None

    @pytest.mark.parametrize("first", [HELD, OURS])
    def test_used_ends_it_with_bar_and_log(
        self, walk: Walk, one_to_one: Referral, first: CallOutcome
    ) -> None:
        correct(walk, said(walk, one_to_one, first), MISSED)
        last = events(one_to_one)[-1]
        assert (last.type, last.intelligence_log is not None) == ("referral.not_engaged", True)
        assert walk.fresh(one_to_one).bar_until is not None

    def test_of_the_assessment_begins_calling_again(self, walk: Walk, new: Referral) -> None:
        call = said(walk, new, MISSED, kind="assessment")
        assert walk.status(new) == "not_engaged"
        correct(walk, call, OURS)
        case = walk.case(new)
        assert walk.status(new) == "accepted"
        assert (case.next_call_at, case.next_call_why) == (walk.now, booking.OFFER_ANOTHER)
        assert set(texts(case)) == {"assessment_sorry"}
        stops = stops_of([case.id], moves_of([case.id]))[case.id]
        assert [(stop.why, stop.since) for stop in stops] == [("our_fault", call.starts_at)]

    def test_that_was_an_assessment_which_took_place_is_to_be_recorded(
        self, walk: Walk, new: Referral
    ) -> None:
        call = said(walk, new, MISSED, kind="assessment")
        correct(walk, call, HELD)
        case = walk.case(new)
        assert (walk.status(new), case.next_call_why) == ("accepted", restating.TO_RECORD)
        walk.assessed(new)
        recorded = db.session.scalars(sa.select(Assessment)).one()
        assert recorded.appointment_id == call.id
        attended = next(event for event in events(new) if event.type == "assessment.attended")
        assert attended.occurred_at == call.starts_at

    def test_who_ended_otherwise_since_has_ended(self, walk: Walk, one_to_one: Referral) -> None:
        call = walk.booked(one_to_one, kind="one_to_one")
        walk.clock.set(call.starts_at + timedelta(hours=1))
        case_id = walk.case(one_to_one).id
        with transaction():
            ending.end_declined(case_id, by=walk.worker, now=walk.now)
        with transaction():
            keeping.record_missed(call.id, by=walk.worker, now=walk.now)
        before = told(one_to_one)
        correct(walk, call, OURS)
        assert (walk.status(one_to_one), told(one_to_one)) == ("not_engaged", before)

    def test_is_refused_where_they_were_referred_again_since(
        self, walk: Walk, world: World, one_to_one: Referral
    ) -> None:
        call = said(walk, one_to_one, MISSED)
        walk.clock.advance(days=400)
        again = walk.referred(person=checked(), occurred_at=walk.now.isoformat())
        assert walk.status(again) == "accepted"
        with pytest.raises(closing.HasAnotherCase):
            correct(walk, call, OURS)
        assert (state(walk, call), len(said_of([call.id]))) == ("did_not_answer", 1)

    def test_a_bar_that_came_from_a_call_of_before_they_came_back_is_gone_already(
        self, walk: Walk, one_to_one: Referral
    ) -> None:
        call = said(walk, one_to_one, MISSED)
        walk.reopened(one_to_one)
        other = said(walk, one_to_one, MISSED)
        assert (other.id != call.id, walk.status(one_to_one)) == (True, "not_engaged")
        correct(walk, call, OURS)
        assert (walk.status(one_to_one), walk.case(one_to_one).misses) == ("not_engaged", 1)


class TestWhatWasPlanned:
    def test_a_text_that_offers_another_time_is_not_sent(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        assert "missed_one_to_one" in texts(walk.case(one_to_one))
        correct(walk, call, MOVED)
        assert texts(walk.case(one_to_one)) == {}

    def test_what_is_ours_is_said_to_be(self, walk: Walk, one_to_one: Referral) -> None:
        correct(walk, said(walk, one_to_one, MISSED), OURS)
        assert set(texts(walk.case(one_to_one))) == {"one_to_one_sorry"}

    def test_a_new_time_that_is_booked_stays(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        later = walk.booked(one_to_one, kind="one_to_one", nth=8)
        before = texts(walk.case(one_to_one))
        del before["missed_one_to_one"]
        correct(walk, call, OURS)
        case = walk.case(one_to_one)
        assert [one.state for one in appointments(case)] == ["ours_to_blame", "booked"]
        assert (texts(case), tasks(case), walk.status(one_to_one)) == (before, set(), "placed")
        stops = stops_of([case.id], moves_of([case.id]))[case.id]
        assert [stop.since for stop in stops] == [call.starts_at]
        assert all(stop.until is not None and stop.until < later.starts_at for stop in stops)

    def test_what_is_called_a_miss_beside_a_new_time_needs_no_other(
        self, walk: Walk, one_to_one: Referral
    ) -> None:
        call = said(walk, one_to_one, OURS)
        walk.booked(one_to_one, kind="one_to_one", nth=8)
        assert correct(walk, call, MISSED).used_chance
        assert (tasks(walk.case(one_to_one)), walk.status(one_to_one)) == (set(), "placed")

    def test_a_turn_on_the_waiting_list_ends_with_the_referral(
        self, walk: Walk, one_to_one: Referral
    ) -> None:
        call = said(walk, one_to_one, MISSED)
        walk.waiting(one_to_one)
        correct(walk, call, HELD)
        assert (walk.status(one_to_one), waits(walk.case(one_to_one))) == ("completed", None)

    def test_one_that_they_had_moved_is_one_of_their_moves(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        correct(walk, call, MOVED)
        assert moves_by_person(call.case_id) == 1
        correct(walk, call, OURS)
        assert moves_by_person(call.case_id) == 0


class TestIsRefused:
    def unchanged(self, walk: Walk, call: Appointment, was: str) -> bool:
        return (state(walk, call), [one.reason for one in said_of([call.id]) if one.reason]) == (was, [])

    def test_without_a_reason(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        with pytest.raises(restating.WhyCorrected):
            correct(walk, call, OURS, why="  ")
        assert self.unchanged(walk, call, "did_not_answer")

    def test_before_anybody_has_said_how_it_went(self, walk: Walk, one_to_one: Referral) -> None:
        call = walk.booked(one_to_one, kind="one_to_one")
        for after in (timedelta(), timedelta(days=30)):
            walk.clock.advance(seconds=after.total_seconds())
            with pytest.raises(correctable.NothingSaid):
                correct(walk, call, OURS)

    def test_of_a_call_that_was_moved_or_called_off_before_its_time(
        self, walk: Walk, one_to_one: Referral
    ) -> None:
        call = walk.booked(one_to_one, kind="one_to_one")
        with transaction():
            booking.call_off(call.id, ours=True, by=walk.worker, now=walk.now)
        walk.clock.advance(days=9)
        with pytest.raises(correctable.GivenUp):
            correct(walk, call, MISSED)

    def test_of_a_call_that_really_was_at_another_time(self, walk: Walk, one_to_one: Referral) -> None:
        call = walk.booked(one_to_one, kind="one_to_one")
        walk.clock.set(call.starts_at + timedelta(hours=5))
        with transaction():
            really = call.starts_at + timedelta(hours=2)
            keeping.record_took_place(call.id, at=really, by=walk.worker, now=walk.now)
        with pytest.raises(correctable.GivenUp):
            correct(walk, call, MISSED)
        correct(walk, appointments(walk.case(one_to_one))[-1], MISSED)
        assert walk.status(one_to_one) == "assessed"

    def test_as_what_was_said_already(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        with pytest.raises(correctable.SaidAlready):
            correct(walk, call, MISSED)

    def test_on_what_somebody_else_has_corrected_meanwhile(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, MISSED)
        seen = said_of([call.id])[-1].id
        correct(walk, call, MOVED)
        with pytest.raises(correctable.SaidMeanwhile), transaction():
            restating.correct(call.id, OURS, seen=seen, reason=WHY, by=walk.worker, now=walk.now)

    def test_of_an_assessment_that_is_recorded(self, walk: Walk, new: Referral) -> None:
        call = walk.booked(new)
        walk.clock.set(call.starts_at + timedelta(hours=1))
        walk.assessed(new)
        with pytest.raises(correctable.IsRecorded):
            correct(walk, call, MISSED)

    def test_where_the_assessment_was_another_call(self, walk: Walk, new: Referral) -> None:
        call = said(walk, new, MISSED, kind="assessment")
        other = walk.booked(new)
        walk.clock.set(other.starts_at + timedelta(hours=1))
        walk.assessed(new)
        with pytest.raises(correctable.RecordedForAnother):
            correct(walk, call, HELD)
        correct(walk, call, OURS)
        assert (walk.case(new).misses, walk.status(new)) == (0, "assessed")

    @pytest.mark.parametrize("chances", [0])
    def test_where_they_have_gone_on_to_a_session(self, walk: Walk, one_to_one: Referral) -> None:
        call = said(walk, one_to_one, OURS)
        walk.placed(one_to_one, walk.session())
        for then in (MISSED, HELD):
            with pytest.raises(correctable.WentOn):
                correct(walk, call, then)
        assert (walk.status(one_to_one), places(walk.case(one_to_one))[0].released_at) == ("placed", None)
        assert state(walk, call) == "ours_to_blame"

    def test_where_the_assessment_is_still_to_come(self, walk: Walk, new: Referral) -> None:
        call = said(walk, new, MISSED, kind="assessment")
        walk.booked(new, nth=8)
        with pytest.raises(correctable.WentOn):
            correct(walk, call, HELD)


def test_one_that_was_called_off_after_its_time_can_be_put_right(walk: Walk, one_to_one: Referral) -> None:
    call = walk.booked(one_to_one, kind="one_to_one")
    walk.clock.set(call.starts_at + timedelta(hours=1))
    with transaction():
        booking.call_off(call.id, ours=False, by=walk.worker, now=walk.now)
    correct(walk, call, HELD)
    assert walk.status(one_to_one) == "completed"


def test_of_two_that_were_asked_for_one_is_not_enough(walk: Walk, world: World) -> None:
    paths = {"one_to_one": {"appointments": 2}}
    set_terms(world, "divert-adult", pathways=paths, misses_allowed=1)
    referral = walk.referred(person=checked())
    walk.assessed(referral, pathway="one_to_one")
    first = said(walk, referral, HELD)
    second = said(walk, referral, MISSED)
    correct(walk, second, HELD)
    assert walk.status(referral) == "completed"
    correct(walk, first, OURS)
    assert walk.status(referral) == "assessed"


def test_each_force_hears_a_correction_of_its_own_event(walk: Walk, world: World) -> None:
    set_terms(world, "divert-adult", misses_allowed=0)
    set_terms(world, "diversion-deferred", misses_allowed=0)
    ours, theirs = walk.referred(person=checked()), walk.deferred(person=checked())
    walk.assessed(ours, pathway="one_to_one")
    call = said(walk, ours, MISSED)
    ended = [events(one)[-1].public_id for one in (ours, theirs)]
    correct(walk, call, MOVED)
    assert [events(one)[-1].corrects for one in (ours, theirs)] == ended


def test_a_number_in_doubt_used_no_chance_and_gives_none_back(walk: Walk, world: World) -> None:
    set_terms(world, "divert-adult", misses_allowed=1)
    referral = walk.referred()
    call = said(walk, referral, MISSED, kind="assessment")
    with transaction():
        walk.case(referral).misses = 1
    correct(walk, call, OURS)
    assert walk.case(referral).misses == 1
