"""One setting, and what differs: every field of a scheme's terms is honoured, shown by changing nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import render_template

from provider.caseload.deadlines import unmet_dues
from provider.caseload.numbers_to_ring import numbers_to_ring
from provider.caseload.referral_page import referral_page
from provider.domain.contact.ladder import NextCall, StopCalling
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.queries import slots_between
from provider.domain.people.records import current_number
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import Decision
from provider.domain.schemes.queries import schemes_of
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway import booking, contacting, giving_back, reviewing
from provider.reporting.places import places_of_force
from tests.builders import World
from tests.desk import somebody
from tests.pathway.walking import Walk, checked, events, set_terms, texts, told, waits

SCHEME = "divert-adult"
YOUNG = {"scheme": "divert-young-people"}
YOUNG_ONES = (
    {"given_name": "Abel", "family_name": "Quill", "date_of_birth": "2011-02-03"},
    {"given_name": "Zoe", "family_name": "Verity", "date_of_birth": "2009-07-29"},
)
Scenario = Callable[[Walk, int], Any]


@dataclass(frozen=True)
class Row:
    """A setting, the value it is changed to, and what the scenario answers before and after.

    ``given`` holds for both: settings without which this one cannot be seen.
    """

    setting: str
    changed: Any
    scenario: Scenario
    before: Any
    after: Any
    given: Mapping[str, Any] = field(default_factory=dict)
    scheme: str = SCHEME


def refer(walk: Walk, who: int, **changes: Any) -> Referral:
    person = checked(**{**somebody(who), **changes.pop("person", {})})
    return walk.referred(person=person, **changes)


def refused(walk: Walk, who: int, **changes: Any) -> str:
    """Where a referral is refused and why, or its status."""
    try:
        return refer(walk, who, **changes).status
    except Invalid as invalid:
        return f"{invalid.errors[0].pointer} {invalid.errors[0].code}"


def of_age(born: str) -> Scenario:
    return lambda walk, who: refused(walk, who, person={"date_of_birth": born})


def without_agreement(walk: Walk, who: int) -> str:
    return refused(walk, who, agreement={"given": None})


def declines(walk: Walk, who: int, **changes: Any) -> Referral:
    referral = refer(walk, who, **changes)
    walk.rung(referral, AttemptOutcome.DECLINED)
    return walk.fresh(referral)


def declines_and_is_sent_again(walk: Walk, who: int) -> str:
    declines(walk, who)
    return refer(walk, who, force_reference=None).status


def after_another_force(walk: Walk, who: int) -> str:
    shared = {"shares_history": True, "repeat_rule": "while_engaging", "bar_months": 12}
    set_terms(walk.world, "diversion-deferred", **shared)
    declines(walk, who, force="thamesford", scheme="diversion-deferred")
    return refer(walk, who).status


def first_contact_due(walk: Walk, who: int) -> str:
    return str(london_date(refer(walk, who).first_contact_due))


def assessment_due(walk: Walk, who: int) -> str:
    due = walk.case(refer(walk, who)).assessment_due
    assert due is not None
    return str(london_date(due))


def course_due(walk: Walk, who: int) -> str:
    referral = refer(walk, who)
    walk.assessed(referral)
    due = walk.case(referral).course_due
    assert due is not None
    return str(london_date(due))


def four_days_without_a_number(walk: Walk, who: int) -> str:
    """Nobody could be rung for four days: is the first call late on the day that a number is found?"""
    address = {"line_1": "1 Example Street", "postcode": "B1 1AA"}
    referral = refer(walk, who, person={"mobile": None, "address": address})
    case_id = walk.case(referral).id
    walk.clock.advance(days=6)
    with transaction():
        contacting.change_number(
            case_id, f"07700 9005{who:02}", confirmed_by=None, by=walk.worker, now=walk.now
        )
    (due, *_rest) = unmet_dues([case_id], now=walk.now)[case_id]
    return "late" if due.late else "in time"


def three_calls_in_an_hour(walk: Walk, who: int) -> str:
    referral, answer = refer(walk, who), None
    for _ in range(3):
        walk.clock.advance(minutes=10)
        answer = walk.rung(referral)
    return type(answer).__name__


def days_to_the_second_call(walk: Walk, who: int) -> int:
    answer = walk.rung(refer(walk, who))
    assert isinstance(answer, NextCall)
    return (london_date(answer.at) - london_date(walk.now)).days


def days_to_ring_back(walk: Walk, who: int) -> int:
    answer = walk.rung(refer(walk, who))
    assert isinstance(answer, StopCalling)
    return (london_date(answer.not_before) - london_date(walk.now)).days


def misses_the_assessment(walk: Walk, who: int) -> str:
    referral = refer(walk, who)
    walk.booked(referral)
    walk.missed(referral)
    return walk.status(referral)


def moves_it_themselves(walk: Walk, who: int) -> str:
    appointment = walk.booked(refer(walk, who))
    themselves = Actor("participant", who)
    try:
        with transaction():
            booking.move_appointment(
                appointment.id,
                starts_at=appointment.starts_at + timedelta(hours=2),
                why=THEY_ASKED,
                by=themselves,
                now=walk.now,
            )
    except Refusal as refusal:
        return refusal.code
    return "moved"


def gives_a_place_back(walk: Walk, who: int) -> str:
    referral = refer(walk, who)
    walk.assessed(referral)
    walk.placed(referral, walk.session())
    try:
        with transaction():
            giving_back.cannot_come(walk.case(referral).id, by=Actor("participant", who), now=walk.now)
    except Refusal as refusal:
        return refusal.code
    return walk.status(referral)


def is_assessed(walk: Walk, who: int) -> str:
    referral = refer(walk, who)
    walk.assessed(referral)
    return walk.status(referral)


def attends(code: Attendance, *, young: bool = False) -> Scenario:
    course = "young-people" if young else "awareness"

    def scenario(walk: Walk, who: int) -> tuple[str, int]:
        changes = {**YOUNG, "person": YOUNG_ONES[who - 1]} if young else {}
        referral = refer(walk, who, **changes)
        walk.assessed(referral, course=course)
        session = walk.session(course=course)
        walk.ran(session, {walk.placed(referral, session): code})
        return walk.status(referral), walk.case(referral).misses

    return scenario


def one_call(kind: str, pathway: str, *, missed: bool) -> Scenario:
    def scenario(walk: Walk, who: int) -> tuple[str, int]:
        referral = refer(walk, who)
        walk.assessed(referral, pathway=pathway)
        walk.booked(referral, kind=kind)
        (walk.missed if missed else walk.took_place)(referral)
        return walk.status(referral), walk.case(referral).misses

    return scenario


def what_the_notice_says_of_prosecution(walk: Walk, _who: int) -> bool:
    scheme = schemes_of(walk.world.forces["midshire"], at=walk.now)[SCHEME]
    with walk.world.app.test_request_context():
        read_out = render_template("officer/notices/2026-1.html", scheme=scheme, notice="2026-1")
    return "you may still be prosecuted" in read_out


def what_the_force_hears(walk: Walk, who: int) -> list[str]:
    referral = refer(walk, who)
    walk.booked(referral)
    walk.assessed(referral)
    return told(referral)


def what_is_logged(walk: Walk, who: int) -> str | None:
    log = events(declines(walk, who))[-1].intelligence_log
    return log["text"] if log is not None else None


def whom_to_ring(at: int) -> Scenario:
    def scenario(walk: Walk, who: int) -> str:
        number = current_number(refer(walk, who).person_id)
        assert number is not None
        return numbers_to_ring(number.e164 or "", now=walk.now)[0][at]

    return scenario


def barred_until(walk: Walk, who: int) -> str:
    return str(declines(walk, who).bar_until)


def asks_for_a_review(walk: Walk, who: int) -> str:
    referral = declines(walk, who)
    try:
        with transaction():
            reviewing.ask(referral, words="Please", through="desk", by=walk.worker, now=walk.now)
    except Refusal as refusal:
        return refusal.code
    review = db.session.query(BarReview).filter_by(referral_id=referral.id).one()
    return str((london_date(review.due_at) - london_date(walk.now)).days)


def asks_again(walk: Walk, who: int) -> str:
    referral = declines(walk, who)
    with transaction():
        reviewing.ask(referral, words="Please", through="desk", by=walk.worker, now=walk.now)
    review = db.session.query(BarReview).filter_by(referral_id=referral.id).one()
    with transaction():
        reviewing.decide(review.id, decision=Decision.KEEP, reason="Because", by=walk.lead, now=walk.now)
    try:
        with transaction():
            reviewing.ask(referral, words="Again", through="desk", by=walk.worker, now=walk.now)
    except Refusal as refusal:
        return refusal.code
    return "asked"


def comes_back_after_five_days(walk: Walk, who: int) -> str:
    referral = declines(walk, who)
    walk.clock.advance(days=5)
    try:
        walk.reopened(referral)
    except Refusal as refusal:
        return refusal.code
    return walk.status(referral)


def minutes_of_the_call(walk: Walk, who: int) -> int:
    return walk.booked(refer(walk, who)).minutes


def minutes_told_to_the_force(walk: Walk, _who: int) -> int:
    key = {"Authorization": f"Bearer {walk.world.keys['midshire']}"}
    answer = walk.world.app.test_client().get("/api/v1/schemes", headers=key)
    return next(int(one["course_minutes"]) for one in answer.json["schemes"] if one["code"] == SCHEME)  # type: ignore[index]


def reminders(walk: Walk, who: int) -> list[str]:
    referral = refer(walk, who)
    walk.booked(referral, nth=140)
    return [kind for kind in texts(walk.case(referral)) if kind.startswith("assessment_reminder")]


def announced(walk: Walk, who: int) -> list[str]:
    """What says that somebody rings, after one call that was not answered."""
    referral = refer(walk, who)
    walk.rung(referral)
    return list(texts(walk.case(referral)))


def hours_until_another_is_offered(walk: Walk, who: int) -> float | None:
    referral = refer(walk, who)
    walk.booked(referral, nth=0)
    walk.missed(referral)
    due = texts(walk.case(referral)).get("missed_assessment")
    return None if due is None else (due - walk.now).total_seconds() / 3600


def reminders_at_christmas(walk: Walk, who: int) -> list[str]:
    """The days of December on which a call on the 29th is reminded of."""
    walk.clock.set(datetime(2026, 12, 15, 11, 0, tzinfo=UTC))
    referral = refer(walk, who)
    walk.booked(referral, nth=[one.day for one in open_starts(walk)].index(29))
    due = texts(walk.case(referral)).items()
    return [f"{london_date(at).day}" for kind, at in due if kind.endswith(("3d", "1d"))]


def open_starts(walk: Walk) -> list[datetime]:
    until = walk.now + timedelta(days=14)
    return [slot.starts_at for slot in slots_between(walk.now, until, minutes=45, now=walk.now)]


def days_until_it_is_asked(walk: Walk, who: int) -> int | None:
    referral = refer(walk, who)
    walk.assessed(referral)
    session_id = walk.session(days=1)
    place_id = walk.placed(referral, session_id)
    walk.ran(session_id, {place_id: Attendance.ATTC})
    due = texts(walk.case(referral)).get("survey")
    return None if due is None else (london_date(due) - london_date(walk.now)).days


def hours_of_an_offer(walk: Walk, who: int) -> float:
    referral = refer(walk, who)
    walk.assessed(referral)
    walk.waiting(referral)
    walk.offered(walk.session())
    waiting = waits(walk.case(referral))
    assert waiting is not None
    assert waiting.offer_ends_at is not None
    return (waiting.offer_ends_at - walk.now).total_seconds() / 3600


def slots_for_officers(walk: Walk, _who: int) -> bool:
    key = {"Authorization": f"Bearer {walk.world.keys['midshire']}"}
    answer = walk.world.app.test_client().get(f"/api/v1/schemes/{SCHEME}/assessment-slots", headers=key)
    return bool(answer.json["slots"])  # type: ignore[index]


def places_counted(walk: Walk, _who: int) -> list[int]:
    counted = places_of_force(walk.world.forces["midshire"], now=walk.now)
    return sorted(one.bought for one in counted if one.scheme == "Midshire Divert (adults)")


def what_the_record_is_kept_on(walk: Walk, who: int) -> bool:
    page = referral_page(refer(walk, who).id, reads_sensitive=False, now=walk.now)
    return any("The record is kept on: Article 6" in line for reason in page.why for line in reason.sentences)


ONE_CALL = {"contact_attempts": 1, "contact_days": 1, "contact_parts_of_day": 1}
THREE_CALLS = {**ONE_CALL, "contact_attempts": 3}
LOG = "No part was taken under {reference}: tried {times} ({dates}). This is not evidence."


def pathways(name: str, **rule: Any) -> dict[str, Any]:
    rules = Terms(service_name="", phone="", intelligence_sentence="").pathways.model_dump()
    return {**rules, name: {**rules[name], **rule}}


ROWS = (
    Row("age_from", 21, of_age("2007-01-01"), "accepted", "/person/date_of_birth age_not_in_scheme"),
    Row("age_to", 30, of_age("1990-01-01"), "accepted", "/person/date_of_birth age_not_in_scheme"),
    Row("basis", "required_by_law", without_agreement, "/agreement/given agreement_required", "accepted"),
    Row("lawful_basis", "Article 6", what_the_record_is_kept_on, False, True),
    Row("disposals", ["22", "none"], refused, "accepted", "/disposal/outcome not_in_list"),
    Row("areas", ["Coventry"], refused, "accepted", "declined"),
    Row("repeat_rule", "unlimited", declines_and_is_sent_again, "declined", "accepted"),
    Row(
        "repeat_limit",
        2,
        declines_and_is_sent_again,
        "declined",
        "accepted",
        given={"repeat_rule": "up_to", "repeat_limit": 1},
    ),
    Row("level_that_counts", "assessment", is_assessed, "assessed", "completed"),
    Row(
        "pathways",
        pathways("group_course", completed_by="attended"),
        attends(Attendance.LEFT),
        ("waiting", 1),
        ("completed", 0),
    ),
    Row(
        "pathways",
        pathways("group_course", miss_uses_chance=False),
        attends(Attendance.UAAB),
        ("waiting", 1),
        ("waiting", 0),
    ),
    Row(
        "pathways",
        pathways("young_people_course", completed_by="attended"),
        attends(Attendance.LEFT, young=True),
        ("waiting", 1),
        ("completed", 0),
        scheme="divert-young-people",
    ),
    Row(
        "pathways",
        pathways("one_to_one", appointments=2),
        one_call("one_to_one", "one_to_one", missed=False),
        ("completed", 0),
        ("assessed", 0),
    ),
    Row(
        "pathways",
        pathways("one_to_one", miss_uses_chance=False),
        one_call("one_to_one", "one_to_one", missed=True),
        ("assessed", 1),
        ("assessed", 0),
    ),
    Row(
        "pathways",
        pathways("structured_treatment", appointments=3),
        one_call("treatment", "structured_treatment", missed=False),
        ("completed", 0),
        ("assessed", 0),
    ),
    Row(
        "pathways",
        pathways("structured_treatment", miss_uses_chance=False),
        one_call("treatment", "structured_treatment", missed=True),
        ("assessed", 1),
        ("assessed", 0),
    ),
    Row("may_prosecute", True, what_the_notice_says_of_prosecution, False, True),
    Row("shares_history", True, after_another_force, "accepted", "declined"),
    Row(
        "told",
        ["assessment.attended"],
        what_the_force_hears,
        ["referral.accepted", "assessment.booked", "assessment.attended"],
        ["referral.accepted", "assessment.attended"],
    ),
    Row(
        "told",
        [],
        what_the_force_hears,
        ["referral.accepted", "assessment.booked", "assessment.attended"],
        ["referral.accepted"],
    ),
    Row("intelligence_log", False, lambda walk, who: what_is_logged(walk, who) is None, False, True),
    Row(
        "intelligence_sentence",
        LOG,
        lambda walk, who: "No part was taken" in (what_is_logged(walk, who) or ""),
        False,
        True,
    ),
    Row("service_name", "Evenings", whom_to_ring(0), "Waymark Midshire", "Evenings"),
    Row("phone", "0121 496 0199", whom_to_ring(1), "0121 496 0100", "0121 496 0199"),
    Row("first_contact_days", 5, first_contact_due, "2026-11-26", "2026-12-01"),
    Row(
        "first_contact_day_kind",
        "calendar",
        first_contact_due,
        "2026-12-01",
        "2026-11-29",
        given={"first_contact_days": 5},
    ),
    Row("assessment_days", 3, assessment_due, "2026-12-08", "2026-11-27"),
    Row("assessment_day_kind", "calendar", assessment_due, "2026-12-08", "2026-12-04"),
    Row("course_days", 5, course_due, "2027-01-08", "2026-12-01"),
    Row("course_day_kind", "calendar", course_due, "2027-01-08", "2026-12-24"),
    Row("clock_stops", [], four_days_without_a_number, "in time", "late"),
    Row(
        "contact_attempts",
        4,
        three_calls_in_an_hour,
        "StopCalling",
        "NextCall",
        given=THREE_CALLS,
    ),
    Row("contact_days", 2, three_calls_in_an_hour, "StopCalling", "NextCall", given=THREE_CALLS),
    Row("contact_parts_of_day", 2, three_calls_in_an_hour, "StopCalling", "NextCall", given=THREE_CALLS),
    Row("contact_within_working_days", 1, days_to_the_second_call, 1, 0),
    Row("ring_back_working_days", 3, days_to_ring_back, 1, 3, given=ONE_CALL),
    Row("misses_allowed", 0, misses_the_assessment, "accepted", "not_engaged"),
    Row("moves_allowed", 0, moves_it_themselves, "moved", "no_more_moves"),
    Row("moves_allowed", 0, gives_a_place_back, "waiting", "given_back_too_often"),
    Row("bar_months", 6, barred_until, "2027-11-24", "2027-05-24"),
    Row("bar_review", False, asks_for_a_review, "14", "not_reviewed"),
    Row("bar_review_working_days", 5, asks_for_a_review, "14", "7"),
    Row("bar_review_after_days", 0, asks_again, "too_soon_to_review", "asked"),
    Row("back_within_days", 4, comes_back_after_five_days, "accepted", "too_late_to_reopen"),
    Row("assessment_minutes", 30, minutes_of_the_call, 45, 30),
    Row("course_minutes", 90, minutes_told_to_the_force, 150, 90),
    Row("first_contact_texts", [2], announced, ["first_contact_again"], ["first_contact_soon"]),
    Row("reminder_days", [2], reminders, None, ["assessment_reminder_2d", "assessment_reminder_1h"]),
    Row("reminder_hour_before", False, reminders, ["assessment_reminder_1h"], [], {"reminder_days": []}),
    Row("missed_text_hours", 3, hours_until_another_is_offered, 0.0, 3.0),
    Row("missed_text_hours", None, hours_until_another_is_offered, 0.0, None),
    Row("texts_on_bank_holidays", False, reminders_at_christmas, ["26", "28"], ["24", "27"]),
    Row("survey_weeks", 8, days_until_it_is_asked, 42, 56),
    Row("survey_weeks", None, days_until_it_is_asked, 42, None),
    Row("offer_hours", 48, hours_of_an_offer, 24.0, 48.0),
    Row("offers_first_call_at_roadside", False, slots_for_officers, True, False),
    Row("places_bought", [], places_counted, [420, 480], []),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.setting}-{ROWS.index(row)}")
def test_a_setting_and_what_differs(walk: Walk, world: World, row: Row) -> None:
    began = walk.now
    set_terms(world, row.scheme, **row.given)
    before = row.scenario(walk, 1)
    walk.clock.set(began)
    set_terms(world, row.scheme, **{row.setting: row.changed})
    after = row.scenario(walk, 2)
    if row.before is not None:
        assert before == row.before
    assert after == row.after
    assert before != after


def test_no_setting_is_left_out() -> None:
    assert {row.setting for row in ROWS} == set(Terms.model_fields)
