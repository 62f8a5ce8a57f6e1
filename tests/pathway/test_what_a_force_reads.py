"""What a force reads of a referral, event by event: the exact objects, each correction naming the event it puts right,
and the last event always agreeing with what the referral says of itself, its line in the report and its page.
"""

from __future__ import annotations

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from provider.caseload.force_outcomes import Filters, outcomes
from provider.domain.compliance.wire import EventType
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import BarReview
from provider.domain.referrals.reviews import Decision
from provider.kernel.database import db, transaction
from provider.pathway import ending, recognising, reviewing
from tests.doors.police import Police
from tests.pathway.walking import Walk, checked, person

UAAB, ATTC, AAME = Attendance.UAAB, Attendance.ATTC, Attendance.AAME
BAR = "2027-"
"""How the end of a bar begins that is set in these tests."""


@dataclass(frozen=True)
class Says:
    """One event as its force reads it: ``corrects`` is the place of the event that it names."""

    type: str
    level: str = "none"
    outcome: str = "open"
    barred: bool = False
    log: str | None = None
    corrects: int | None = None


ACCEPTED = Says("referral.accepted")
BOOKED = Says("assessment.booked")
ATTENDED = Says("assessment.attended", "assessment")
COMPLETED = Says("referral.completed", "intervention", "completed")
DECLINED_IT = Says("referral.not_engaged", "none", "not_engaged", barred=True, log="declined")
NO_ANSWER = Says("referral.not_engaged", "none", "not_engaged", barred=True, log="no_response")
MISSED_COURSE = Says(
    "referral.not_engaged", "assessment", "not_engaged", barred=True, log="missed_intervention"
)
NOT_REACHED = Says("referral.not_reached", "none", "not_reached")
REOPENED = Says("referral.reopened")
REOPENED_ASSESSED = Says("referral.reopened", "assessment")
WITHDRAWN = Says("referral.withdrawn", "none", "withdrawn")
DECLINED = Says("referral.declined", "none", "declined", barred=True)


def corrected(place: int, level: str = "none", outcome: str = "open") -> Says:
    return Says("outcome.corrected", level, outcome, corrects=place)


class Story:
    """One person's referral; after every step it is looked at through each of the force's doors."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.referral = walk.referred(person=checked())
        self.place_id = 0

    def look(self) -> list[dict[str, Any]]:
        """The events about the referral; the last agrees with everything else that the force reads."""
        read = [event for event in read_feed(self.walk) if event["reference"] == self.referral.reference]
        alone = asked(self.walk, f"/referrals/{self.referral.reference}").get_json()
        line = report_line(self.walk, self.referral.reference)
        shown = page_line(self.walk, self.referral.reference)
        if read:
            told = read[-1]["compliance"]
            assert alone["compliance"] == told
            assert line["level"] == shown.level == told["level"]
            assert line["may_reoffer"] == ("yes" if told["may_reoffer"] else "no")
            assert shown.may_reoffer == told["may_reoffer"]
            assert (line["bar_until"] or None, str(shown.bar_until or "") or None) == (told["bar_until"],) * 2
        assert line["status"] == shown.status == alone["status"]
        return read

    def tells(self, *expected: Says) -> None:
        read = self.look()
        assert [event["type"] for event in read] == [one.type for one in expected]
        for event, one in zip(read, expected, strict=True):
            self._is(event, one, read)

    def _is(self, event: dict[str, Any], one: Says, read: list[dict[str, Any]]) -> None:
        """The whole object, closed: nothing is in it that is not said here."""
        log, bar = event["intelligence_log"], event["compliance"]["bar_until"]
        assert (bar or "").startswith(BAR) if one.barred else bar is None
        assert event == {
            "id": event["id"],
            "sequence": event["sequence"],
            "type": one.type,
            "occurred_at": event["recorded_at"],
            "recorded_at": event["recorded_at"],
            "reference": self.referral.reference,
            "force_reference": self.referral.force_reference,
            "scheme": "divert-adult",
            "compliance": {
                "level": one.level,
                "outcome": one.outcome,
                "may_reoffer": not one.barred,
                "bar_until": bar,
                "rule": "divert-adult v1",
            },
            "intelligence_log": None if one.log is None else {"text": log["text"], "reason": one.log},
            "corrects": None if one.corrects is None else read[one.corrects]["id"],
        }
        assert one.log is None or self.referral.reference in log["text"]
        assert re.fullmatch(r"evt_[0-9a-f]{24}", event["id"])

    def declined(self) -> None:
        self.walk.rung(self.referral, AttemptOutcome.DECLINED)

    def missed(self, times: int) -> None:
        for _ in range(times):
            self.came(UAAB)

    def came(self, code: Attendance) -> None:
        session_id = self.walk.session(days=2)
        self.place_id = self.walk.placed(self.referral, session_id)
        self.walk.ran(session_id, {self.place_id: code})

    def reviewed(self, decision: Decision) -> None:
        with transaction():
            reviewing.ask(
                self.referral, words="Look again", through="force", by=self.walk.lead, now=self.walk.now
            )
        review_id = db.session.scalars(sa.select(BarReview.id).order_by(BarReview.id.desc())).first() or 0
        with transaction():
            reviewing.decide(
                review_id, decision=decision, reason="They were ill", by=self.walk.lead, now=self.walk.now
            )


@pytest.fixture
def story(walk: Walk) -> Story:
    return Story(walk)


def asked(walk: Walk, path: str) -> Any:
    """What the force's system is answered, in a request of its own."""
    police = Police(walk.world.app.test_client(), walk.world.keys["midshire"])
    db.session.rollback()
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(police.get, path).result()


def read_feed(walk: Walk) -> list[dict[str, Any]]:
    return list(asked(walk, "/compliance-events?limit=500").get_json()["events"])


def report_line(walk: Walk, reference: str) -> dict[str, str]:
    lines = csv.DictReader(io.StringIO(asked(walk, "/compliance-report.csv").text))
    return next(line for line in lines if line["reference"] == reference)


def page_line(walk: Walk, reference: str) -> Any:
    lines = outcomes(walk.world.forces["midshire"], Filters(), page=1, today=walk.now.date()).lines
    return next(line for line in lines if line.reference == reference)


def end_not_reached(story: Story) -> None:
    case_id = story.walk.case(story.referral).id
    with transaction():
        ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=story.walk.worker, now=story.walk.now)


def test_the_whole_way(story: Story) -> None:
    story.tells(ACCEPTED)
    story.walk.booked(story.referral)
    story.tells(ACCEPTED, BOOKED)
    story.walk.assessed(story.referral)
    story.tells(ACCEPTED, BOOKED, ATTENDED)
    story.walk.placed(story.referral, story.walk.session())
    story.tells(ACCEPTED, BOOKED, ATTENDED)


def test_a_time_that_is_moved_called_off_or_missed_is_not_told(story: Story) -> None:
    story.walk.booked(story.referral)
    story.walk.missed(story.referral)
    story.tells(ACCEPTED, BOOKED)
    story.walk.booked(story.referral)
    story.tells(ACCEPTED, BOOKED, BOOKED)


def test_who_declined_and_came_back(story: Story) -> None:
    story.declined()
    story.tells(ACCEPTED, DECLINED_IT)
    story.walk.reopened(story.referral)
    story.tells(ACCEPTED, DECLINED_IT, REOPENED, corrected(1))


def test_who_never_answered_and_came_back_twice(story: Story) -> None:
    for _ in range(2):
        story.walk.rung_until_over(story.referral)
        story.walk.closed_after_calls(story.referral)
        story.look()
        story.walk.reopened(story.referral)
    again = [NO_ANSWER, REOPENED]
    story.tells(ACCEPTED, *again, corrected(1), *again, corrected(4))


def test_who_was_not_reached_and_came_back(story: Story) -> None:
    end_not_reached(story)
    story.tells(ACCEPTED, NOT_REACHED)
    story.walk.reopened(story.referral)
    story.tells(ACCEPTED, NOT_REACHED, REOPENED)


def test_who_missed_the_course_and_came_back(story: Story) -> None:
    story.walk.assessed(story.referral)
    story.missed(2)
    story.tells(ACCEPTED, ATTENDED, MISSED_COURSE)
    story.walk.reopened(story.referral)
    back = (REOPENED_ASSESSED, corrected(2, "assessment"))
    story.tells(ACCEPTED, ATTENDED, MISSED_COURSE, *back)
    story.came(ATTC)
    story.tells(ACCEPTED, ATTENDED, MISSED_COURSE, *back, COMPLETED)


def test_an_attendance_that_was_marked_wrongly(story: Story) -> None:
    story.walk.assessed(story.referral)
    story.missed(2)
    story.walk.corrected(story.place_id, ATTC)
    before = (ACCEPTED, ATTENDED, MISSED_COURSE)
    first = corrected(2, "intervention", "completed")
    story.tells(*before, first)
    story.walk.corrected(story.place_id, AAME)
    second = corrected(3, "assessment")
    story.tells(*before, first, second)
    story.walk.corrected(story.place_id, ATTC)
    story.tells(*before, first, second, COMPLETED)


def test_a_miss_that_had_a_reason_after_all(story: Story) -> None:
    story.walk.assessed(story.referral)
    story.missed(2)
    story.walk.corrected(story.place_id, AAME)
    story.tells(ACCEPTED, ATTENDED, MISSED_COURSE, corrected(2, "assessment"))


def test_who_had_not_come_after_all(story: Story) -> None:
    story.walk.assessed(story.referral)
    story.missed(1)
    story.came(ATTC)
    story.tells(ACCEPTED, ATTENDED, COMPLETED)
    story.walk.corrected(story.place_id, UAAB)
    story.tells(ACCEPTED, ATTENDED, COMPLETED, corrected(2, "assessment"), MISSED_COURSE)


def test_a_bar_that_is_lifted_takes_its_log_along(story: Story) -> None:
    story.declined()
    story.reviewed(Decision.LIFT)
    story.tells(ACCEPTED, DECLINED_IT, corrected(1, "none", "not_engaged"))


def test_a_bar_that_is_kept_is_told_once(story: Story) -> None:
    story.declined()
    story.reviewed(Decision.KEEP)
    story.tells(ACCEPTED, DECLINED_IT)


def test_what_is_taken_back_by_its_force(story: Story) -> None:
    story.walk.withdrawn(story.referral)
    story.tells(ACCEPTED, WITHDRAWN)
    story.walk.withdrawn(story.referral)
    story.tells(ACCEPTED, WITHDRAWN)


def test_who_is_declined_at_the_door(story: Story) -> None:
    story.declined()
    story.referral = story.walk.referred(person=checked())
    story.tells(DECLINED)


@pytest.mark.parametrize(("same", "says"), [(False, ACCEPTED), (True, DECLINED)])
def test_nothing_is_told_of_who_is_held_until_it_is_said_who_it_is(
    story: Story, same: bool, says: Says
) -> None:
    known = story.referral.person_id
    story.declined()
    elsewhere = {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}
    story.referral = story.walk.referred(person=person(mobile="07700 900456", address=elsewhere))
    assert story.look() == []
    with transaction():
        recognising.settle_match(
            story.referral.id, same_as=known if same else None, by=story.walk.worker, now=story.walk.now
        )
    story.tells(says)


def test_every_type_there_is_was_told_in_these_stories() -> None:
    """A type that is new needs a story of its own here."""
    told = {one.type for one in globals().values() if isinstance(one, Says)}
    assert told | {"outcome.corrected"} == set(get_args(EventType))
