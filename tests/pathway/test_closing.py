"""How a referral ends: what its force reads of it, and what it means for next time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Referral
from provider.domain.referrals.requests import EligibilityCheck
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.kernel.parsing import parse
from provider.pathway import closing, contacting, ending, weighing
from provider.pathway.checking import check_eligibility
from tests.builders import World
from tests.pathway.walking import Walk, checked, events, person, places, set_terms, tasks, texts, told


def ended(referral: Referral) -> dict[str, Any]:
    """What the force read last, with the log beside it."""
    last = events(referral)[-1]
    return {"type": last.type, **last.compliance, "log": last.intelligence_log}


def asked(walk: Walk, *, force: str = "midshire", scheme: str = "divert-adult") -> tuple[str, str]:
    """What an officer is told who asks about the same person."""
    sent = {
        "scheme": scheme,
        "person": {
            "given_name": "Sam",
            "family_name": "Example",
            "date_of_birth": "2003-05-14",
            "postcode": "B1 1AA",
        },
    }
    with transaction():
        answer = check_eligibility(
            parse(EligibilityCheck, sent), force_id=walk.world.forces[force], by=Actor("key", 1), now=walk.now
        )
    return answer.answer, answer.reason


def never_answered(walk: Walk, referral: Referral) -> None:
    walk.rung_until_over(referral)
    walk.closed_after_calls(referral)


def completed(walk: Walk, referral: Referral) -> None:
    walk.assessed(referral)
    session_id = walk.session(days=2)
    walk.ran(session_id, {walk.placed(referral, session_id): Attendance.ATTC})


class TestNotEngaged:
    def test_the_force_reads_a_log_and_a_bar_with_an_end(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        read = ended(referral)
        assert read["type"] == "referral.not_engaged"
        assert (read["level"], read["outcome"], read["may_reoffer"]) == ("none", "not_engaged", False)
        assert read["bar_until"] == walk.now.date().replace(year=2027).isoformat()
        assert read["log"]["reason"] == "no_response"
        text = read["log"]["text"]
        assert referral.reference in text
        assert "6 times" in text
        assert "24 November 2026" in text

    def test_a_scheme_without_a_limit_bars_nobody(self, walk: Walk) -> None:
        referral = walk.deferred(person=checked())
        never_answered(walk, referral)
        read = ended(referral)
        assert (read["may_reoffer"], read["bar_until"]) == (True, None)
        assert read["log"]["reason"] == "no_response"
        assert asked(walk, force="thamesford", scheme="diversion-deferred") == ("offer", "did_not_engage")

    def test_while_engaging_is_not_offered_until_the_bar_ends(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        assert asked(walk) == ("do_not_offer", "did_not_engage")
        walk.clock.advance(days=366)
        assert asked(walk)[0] == "offer"

    def test_a_scheme_that_bars_for_no_time_bars_nobody(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", bar_months=None)
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        assert (ended(referral)["may_reoffer"], ended(referral)["bar_until"]) == (True, None)

    def test_missing_what_was_offered_says_so_and_keeps_the_level_reached(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        for _ in range(2):
            session_id = walk.session(days=2)
            walk.ran(session_id, {walk.placed(referral, session_id): Attendance.UAAB})
        read = ended(referral)
        assert (read["level"], read["outcome"]) == ("assessment", "not_engaged")
        assert read["log"]["reason"] == "missed_intervention"

    def test_nothing_is_planned_or_kept_after_it(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral)
        case_id = walk.case(referral).id
        with transaction():
            ending.end_declined(case_id, by=walk.worker, now=walk.now)
        assert texts(walk.case(referral)) == {}
        assert tasks(walk.case(referral)) == set()
        assert walk.case(referral).next_call_at is None


class TestUpToSoManyTimes:
    @pytest.fixture(autouse=True)
    def _twice(self, world: World) -> None:
        with world.app.app_context():
            set_terms(world, "divert-adult", repeat_rule="up_to", repeat_limit=2)

    def test_the_first_leaves_one_more_and_the_second_none(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        completed(walk, first)
        assert ended(first)["may_reoffer"] is True
        second = walk.referred(person=checked())
        never_answered(walk, second)
        assert (ended(second)["may_reoffer"], ended(second)["bar_until"]) == (False, None)
        assert walk.referred(person=checked()).decline_reason == "limit_reached"

    def test_one_that_is_open_beside_it_is_no_earlier_one(self, walk: Walk) -> None:
        """Two referrals of one week are served by one course: the first to end is the first use."""
        first = walk.referred(person=checked())
        second = walk.referred(person=checked())
        completed(walk, first)
        assert [ended(first)["may_reoffer"], ended(second)["may_reoffer"]] == [True, False]

    def test_not_reached_uses_nothing_up(self, walk: Walk) -> None:
        for _ in range(3):
            referral = walk.referred(person=person())
            assert referral.status == "accepted"
            case_id = walk.case(referral).id
            with transaction():
                ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=walk.worker, now=walk.now)
            assert ended(referral)["may_reoffer"] is True


class TestNotReached:
    @pytest.mark.parametrize("reason", list(NotReached))
    def test_the_force_reads_neither_log_nor_bar_nor_reason(self, walk: Walk, reason: NotReached) -> None:
        referral = walk.referred(person=checked())
        case_id = walk.case(referral).id
        with transaction():
            ending.end_unreachable(case_id, reason=reason, by=walk.worker, now=walk.now)
        assert ended(referral) == {
            "type": "referral.not_reached",
            "level": "none",
            "outcome": "not_reached",
            "may_reoffer": True,
            "bar_until": None,
            "rule": "divert-adult v1",
            "log": None,
        }

    def test_an_ended_one_cannot_end_again(self, walk: Walk) -> None:
        referral = walk.referred()
        case_id = walk.case(referral).id
        with transaction():
            ending.end_declined(case_id, by=walk.worker, now=walk.now)
        with pytest.raises(closing.AlreadyEnded), transaction():
            ending.end_unreachable(case_id, reason=NotReached.NUMBER, by=walk.worker, now=walk.now)
        assert told(referral) == ["referral.accepted", "referral.not_engaged"]


class TestReopened:
    def test_bar_and_log_are_withdrawn_by_a_correction_that_names_the_event(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        walk.clock.advance(days=6)
        walk.reopened(referral)
        *_, not_engaged, reopened, corrected = events(referral)
        assert reopened.type == "referral.reopened"
        assert (corrected.type, corrected.corrects) == ("outcome.corrected", not_engaged.public_id)
        for event in (reopened, corrected):
            assert event.compliance["outcome"] == "open"
            assert (event.compliance["may_reoffer"], event.compliance["bar_until"]) == (True, None)
            assert event.intelligence_log is None
        assert asked(walk)[0] == "offer"

    def test_they_are_rung_at_once_by_a_ladder_that_begins_anew(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        walk.clock.advance(days=6)
        walk.reopened(referral)
        assert walk.case(referral).next_call_at == walk.now
        case_id = walk.case(referral).id
        with pytest.raises(contacting.CallsNotDone), transaction():
            contacting.close_after_calls(case_id, by=walk.worker, now=walk.now)
        assert walk.rung_until_over(referral) == 6

    def test_who_declined_and_came_back_is_not_ended_by_what_they_said_then(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.rung(referral, AttemptOutcome.DECLINED)
        assert walk.status(referral) == "not_engaged"
        walk.reopened(referral)
        walk.rung(referral, AttemptOutcome.NO_ANSWER)
        assert walk.status(referral) == "accepted"
        assert walk.case(referral).next_call_at is not None

    def test_after_the_assessment_somebody_offers_a_place(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        case_id = walk.case(referral).id
        with transaction():
            ending.end_declined(case_id, by=walk.worker, now=walk.now)
        walk.reopened(referral)
        assert walk.status(referral) == "assessed"
        assert "place" in tasks(walk.case(referral))
        assert events(referral)[-1].compliance["level"] == "assessment"

    def test_who_was_not_reached_comes_back_without_a_correction(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE)
        walk.closed_after_calls(referral)
        walk.reopened(referral)
        assert told(referral) == ["referral.accepted", "referral.not_reached", "referral.reopened"]

    def test_too_late_is_refused_and_changes_nothing(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        walk.clock.advance(days=28, seconds=1)
        with pytest.raises(closing.TooLateToReopen):
            walk.reopened(referral)
        assert told(referral)[-1] == "referral.not_engaged"
        assert walk.case(referral).closed_at is not None

    def test_on_the_last_day_it_is_not(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        never_answered(walk, referral)
        walk.clock.advance(days=28)
        walk.reopened(referral)
        assert walk.status(referral) == "accepted"

    def test_who_was_referred_again_since_goes_on_there(self, walk: Walk) -> None:
        referral = walk.deferred(person=checked())
        never_answered(walk, referral)
        again = walk.deferred(person=checked())
        with pytest.raises(closing.HasAnotherCase):
            walk.reopened(referral)
        assert walk.status(again) == "accepted"
        assert walk.status(referral) == "not_engaged"

    def test_only_the_force_that_was_told_hears_and_each_of_its_own(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        second = walk.deferred(person=checked())
        never_answered(walk, first)
        walk.reopened(first)
        for referral in (first, second):
            by_type = {event.type: event for event in events(referral)}
            assert by_type["outcome.corrected"].corrects == by_type["referral.not_engaged"].public_id

    def test_a_withdrawn_one_stays_withdrawn(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        second = walk.deferred(person=checked())
        walk.withdrawn(second)
        never_answered(walk, first)
        walk.reopened(first)
        assert walk.status(second) == "withdrawn"
        assert told(second) == ["referral.accepted", "referral.withdrawn"]


class TestWithdrawn:
    def test_the_last_one_gives_back_slot_and_texts(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        appointment = walk.booked(referral)
        assert texts(walk.case(referral))
        assert walk.withdrawn(referral) is True
        walk_again = walk.referred(person=person(given_name="Alex"))
        assert texts(walk.case(referral)) == {}
        assert walk.case(referral).closed_at == walk.now
        assert walk.booked(walk_again).starts_at == appointment.starts_at
        read = ended(referral)
        assert (read["outcome"], read["level"], read["may_reoffer"], read["log"]) == (
            "withdrawn",
            "none",
            True,
            None,
        )

    def test_the_last_one_gives_back_its_place(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        session_id = walk.session(capacity=1)
        walk.placed(referral, session_id)
        walk.withdrawn(referral)
        assert [place.released_because for place in places(walk.case(referral))] == ["closed"]
        assert texts(walk.case(referral)) == {}

    def test_a_second_time_nothing_happens(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.withdrawn(referral)
        assert walk.withdrawn(referral) is False
        assert told(referral) == ["referral.accepted", "referral.withdrawn"]

    def test_an_ended_one_is_refused(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.DECLINED)
        with pytest.raises(closing.AlreadyEnded):
            walk.withdrawn(referral)

    def test_a_held_one_leaves_no_work_behind(self, walk: Walk) -> None:
        walk.referred()
        elsewhere = {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}
        held = walk.referred(person=person(mobile="07700 900456", address=elsewhere))
        assert held.status == "held"
        walk.withdrawn(held)
        assert told(held) == ["referral.withdrawn"]

    def test_while_the_other_goes_on_everything_is_kept(self, walk: Walk) -> None:
        first = walk.referred(person=checked())
        second = walk.deferred(person=checked())
        walk.assessed(first)
        session_id = walk.session()
        walk.placed(first, session_id)
        before = texts(walk.case(first))
        walk.withdrawn(first)
        case = walk.case(second)
        assert (case.closed_at, texts(case)) == (None, before)
        assert [place.released_at for place in places(case)] == [None]
        assert told(first)[-1] == "referral.withdrawn"
        assert told(second) == ["referral.accepted", "assessment.attended"]
        walk.withdrawn(second)
        assert texts(walk.case(second)) == {}
        assert places(walk.case(second))[0].released_at is not None


def test_a_safeguarding_note_outlives_the_referral(walk: Walk) -> None:
    """A concern that nobody has acknowledged is not over because the referral is."""
    referral = walk.referred()
    case_id = walk.case(referral).id
    with transaction():
        contacting.write_note(
            case_id, kind="safeguarding", text="A child is at risk.", by=walk.worker, now=walk.now
        )
        ending.end_declined(case_id, by=walk.worker, now=walk.now)
    assert tasks(walk.case(referral)) == {"safeguarding"}


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 24), 12, date(2027, 11, 24)),
    ],
)
def test_a_bar_ends_on_the_same_day_of_a_later_month(day: date, months: int, then: date) -> None:
    assert weighing.add_months(day, months) == then
