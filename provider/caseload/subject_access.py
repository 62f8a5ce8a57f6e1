"""Everything held about one person, as they may ask for it, and what a named person has to look at first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.whole_person import WholePerson, replies_of
from provider.domain.assessments.models import AdviceGiven, AssessedSubstance, Assessment
from provider.domain.audit.models import AuditEntry
from provider.domain.compliance.models import ComplianceEvent, EligibilityCheck
from provider.domain.contact.models import ContactAttempt, Note, Task
from provider.domain.courses.models import AttendanceMark, CourseSession, MarkTakenBack, Place, Waiting
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.meetings.models import JoinPress, MeetingJoin, Registrant
from provider.domain.messaging.models import Letter, Reply, Text
from provider.domain.needs.models import Need
from provider.domain.people.models import NonAssociation, Person, PhoneNumber
from provider.domain.referrals.models import BarReview, Case, Referral, ReferralChange, ReferralEvent
from provider.domain.surveys.models import SurveyAnswer
from provider.kernel.calendar import age_on
from provider.kernel.database import Base, db

Row = dict[str, Any]

OURS = frozenset(
    {
        "name_key",
        "family_key",
        "duplicate_key",
        "body_digest",
        "alias",
        "once_key",
        "claimed_by",
        "lease_until",
        "claim",
        "sealed_link",
    }
)
"""Columns that are only how we find and send things."""


@dataclass(frozen=True)
class ToReview:
    """A row somebody has to look at before the export leaves: ``what`` as in ``notes:12``, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Held:
    """Rows by what they are about, and which of them have to be looked at."""

    rows: Mapping[str, tuple[Row, ...]]
    to_review: tuple[ToReview, ...]


def held_about(person: WholePerson, *, today: date) -> Held:
    """All of it, one query for each kind of row."""
    rows = {name: _rows(model, which) for name, model, which in _kinds(person)}
    return Held(rows, tuple(_to_review(rows, today=today)))


def without(held: Held, left_out: Collection[str]) -> dict[str, list[Row]]:
    """The rows without those named, as in ``notes:12``; how many were left out is said. ValueError for one unknown."""
    known = {f"{name}:{row['id']}" for name, rows in held.rows.items() for row in rows}
    if not set(left_out) <= known:
        raise ValueError(f"there is no {', '.join(sorted(set(left_out) - known))}")
    return {
        name: [row for row in rows if f"{name}:{row['id']}" not in left_out]
        for name, rows in held.rows.items()
    }


def _kinds(who: WholePerson) -> Iterable[tuple[str, type[Base], sa.ColumnElement[bool]]]:
    assessments = sa.select(Assessment.id).where(Assessment.case_id.in_(who.cases))
    sessions = sa.select(Place.session_id).where(Place.id.in_(who.places))
    calls = sa.select(Appointment.id).where(Appointment.case_id.in_(who.cases))
    marks = sa.select(AttendanceMark.id).where(AttendanceMark.place_id.in_(who.places))
    return (
        ("people", Person, Person.id.in_(who.people)),
        ("phone_numbers", PhoneNumber, PhoneNumber.person_id.in_(who.people)),
        ("needs", Need, Need.person_id.in_(who.people)),
        (
            "kept_apart",
            NonAssociation,
            sa.or_(NonAssociation.first_id.in_(who.people), NonAssociation.second_id.in_(who.people)),
        ),
        ("referrals", Referral, Referral.id.in_(who.referrals)),
        ("referral_events", ReferralEvent, ReferralEvent.referral_id.in_(who.referrals)),
        ("referral_changes", ReferralChange, ReferralChange.referral_id.in_(who.referrals)),
        ("bar_reviews", BarReview, BarReview.referral_id.in_(who.referrals)),
        ("told_to_forces", ComplianceEvent, ComplianceEvent.referral_id.in_(who.referrals)),
        ("eligibility_checks", EligibilityCheck, EligibilityCheck.person_id.in_(who.people)),
        ("cases", Case, Case.id.in_(who.cases)),
        ("contact_attempts", ContactAttempt, ContactAttempt.case_id.in_(who.cases)),
        ("notes", Note, Note.case_id.in_(who.cases)),
        ("tasks", Task, sa.or_(Task.case_id.in_(who.cases), Task.referral_id.in_(who.referrals))),
        ("appointments", Appointment, Appointment.case_id.in_(who.cases)),
        ("how_calls_went", AppointmentOutcome, AppointmentOutcome.appointment_id.in_(calls)),
        ("assessments", Assessment, Assessment.case_id.in_(who.cases)),
        ("substances", AssessedSubstance, AssessedSubstance.assessment_id.in_(assessments)),
        ("advice", AdviceGiven, AdviceGiven.assessment_id.in_(assessments)),
        ("sessions", CourseSession, CourseSession.id.in_(sessions)),
        ("places", Place, Place.id.in_(who.places)),
        ("attendance", AttendanceMark, AttendanceMark.place_id.in_(who.places)),
        ("attendance_taken_back", MarkTakenBack, MarkTakenBack.mark_id.in_(marks)),
        ("meeting_joins", MeetingJoin, MeetingJoin.place_id.in_(who.places)),
        ("registrants", Registrant, Registrant.place_id.in_(who.places)),
        ("join_presses", JoinPress, JoinPress.place_id.in_(who.places)),
        ("waiting_list", Waiting, Waiting.case_id.in_(who.cases)),
        ("texts", Text, Text.case_id.in_(who.cases)),
        ("letters", Letter, Letter.case_id.in_(who.cases)),
        ("replies", Reply, replies_of(who)),
        ("survey_answers", SurveyAnswer, SurveyAnswer.case_id.in_(who.cases)),
        ("who_looked", AuditEntry, AuditEntry.person_id.in_(who.people)),
    )


def _rows(model: type[Base], which: sa.ColumnElement[bool]) -> tuple[Row, ...]:
    table = Base.metadata.tables[model.__tablename__]
    columns = [column for column in table.columns if column.key not in OURS]
    return tuple(
        {key: _plain(value) for key, value in row.items()}
        for row in db.session.execute(sa.select(*columns).where(which).order_by(table.c.id)).mappings()
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _to_review(rows: Mapping[str, tuple[Row, ...]], *, today: date) -> Iterable[ToReview]:
    person = rows["people"][0]
    if age_on(date.fromisoformat(person["date_of_birth"]), today) < 18:
        yield ToReview(
            "people", "They are under 18: is it they who ask, and if a parent asks, may they have it?"
        )
    for note in rows["notes"]:
        serious = "serious harm, perhaps" if note["kind"] == "safeguarding" else "others may be named"
        yield ToReview(f"notes:{note['id']}", f"A {note['kind']} note: {serious}.")
    for referral in rows["referrals"]:
        if referral["responsible_adult"] or referral["risk_note"] or referral["risk_markers"]:
            yield ToReview(f"referrals:{referral['id']}", "What the force wrote of an adult, or of risk.")
    for pair in rows["kept_apart"]:
        yield ToReview(f"kept_apart:{pair['id']}", "Somebody else, whom they are kept apart from.")
    for number in rows["phone_numbers"]:
        if number["relation"]:
            yield ToReview(
                f"phone_numbers:{number['id']}", "The number of somebody else: a responsible adult."
            )
    for review in rows["bar_reviews"]:
        if review["asked_through"] == "force":
            yield ToReview(f"bar_reviews:{review['id']}", "What an officer wrote of a bar.")
    for reply in rows["replies"]:
        yield ToReview(f"replies:{reply['id']}", "A text from the number: did they write it themselves?")
