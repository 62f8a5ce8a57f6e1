"""Referrals that stand where a test needs them, written straight into the tables: fast, and without the doors.

For what led there see ``tests/journeys``. Functions commit, and open their own application context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import SchemeTerms
from provider.kernel.database import db, transaction
from provider.kernel.references import new_reference
from tests.builders import World
from tests.fakes import A_TUESDAY


@dataclass(frozen=True)
class Known:
    """The ids of somebody with one referral and the case that serves it."""

    reference: str
    referral_id: int
    case_id: int
    person_id: int


def add_case(
    world: World,
    *,
    status: Status = Status.ASSESSED,
    given_name: str = "Sam",
    family_name: str = "Example",
    born: date = date(2000, 5, 14),
    gender: str = "male",
    scheme: str = "divert-adult",
    pathway: str | None = "group_course",
    course: str | None = "awareness",
    mobile: str | None = "+447700900123",
    restricted: bool = False,
    at: datetime = A_TUESDAY,
) -> Known:
    """Somebody whose referral under ``scheme`` stands at ``status``, in the caseload of the first drug worker."""
    with world.app.app_context(), transaction():
        person = _person(
            given_name, family_name, date_of_birth=born, gender=gender, restricted=restricted, created_at=at
        )
        return _served(world, person, status, scheme, pathway, course, mobile, at=at)


def add_cases(world: World, how_many: int, *, at: datetime = A_TUESDAY) -> list[Known]:
    """So many people, all of whom are assessed: written together, as fast as may be."""
    with world.app.app_context(), transaction():
        born = date(2000, 5, 14)
        return [
            _served(
                world,
                _person(f"Sam{number}", "Example", date_of_birth=born, gender="male", created_at=at),
                *(Status.ASSESSED, "divert-adult", "group_course", "awareness"),
                f"+447700900{number % 1000:03}",
                at=at,
            )
            for number in range(how_many)
        ]


def _person(given_name: str, family_name: str, **more: Any) -> Person:
    key = f"{given_name} {family_name}".lower()
    return Person(given_name=given_name, family_name=family_name, name_key=key, **more)


def _served(
    world: World,
    person: Person,
    status: Status,
    scheme: str,
    pathway: str | None,
    course: str | None,
    mobile: str | None,
    *,
    at: datetime,
) -> Known:
    db.session.add(person)
    db.session.flush()
    if mobile is not None:
        db.session.add(_number(person.id, mobile, at=at))
    case = _case(world, person.id, status, pathway=pathway, course=course, at=at)
    referral = _referral(world, person.id, case.id, status, scheme=scheme, at=at)
    return Known(referral.reference, referral.id, case.id, person.id)


def status_of(world: World, known: Known) -> Status:
    with world.app.app_context():
        return Status(
            db.session.scalars(sa.select(Referral.status).where(Referral.id == known.referral_id)).one()
        )


def _number(person_id: int, mobile: str, *, at: datetime) -> PhoneNumber:
    return PhoneNumber(
        person_id=person_id,
        as_given=mobile,
        e164=mobile,
        confirmed_at=at,
        confirmed_by="voice",
        created_at=at,
    )


def _case(
    world: World, person_id: int, status: Status, *, pathway: str | None, course: str | None, at: datetime
) -> Case:
    decided = status not in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED}
    case = Case(
        person_id=person_id,
        assigned_to_id=world.accounts["drug_worker"],
        opened_at=at,
        first_contact_due=at + timedelta(days=2),
        pathway=pathway if decided else None,
        course_id=world.courses[course] if course is not None and decided else None,
    )
    db.session.add(case)
    db.session.flush()
    return case


def _referral(
    world: World, person_id: int, case_id: int, status: Status, *, scheme: str, at: datetime
) -> Referral:
    force = "midshire" if scheme.startswith("divert") else "thamesford"
    terms_id = db.session.scalars(
        sa.select(SchemeTerms.id).where(SchemeTerms.scheme_id == world.schemes[scheme])
    ).one()
    referral = Referral(
        reference=new_reference(),
        force_id=world.forces[force],
        scheme_id=world.schemes[scheme],
        terms_id=terms_id,
        person_id=person_id,
        case_id=case_id,
        status=status,
        status_at=at,
        level="none" if status in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED} else "assessment",
        received_at=at,
        received_by="api",
        first_contact_due=at + timedelta(days=2),
        occurred_at=at,
        setting="stop_and_search",
        disposal_outcome="8",
        offence_code="possession_controlled_drug",
        drugs=[],
        officer_collar_number="4312",
        risk_markers=[],
        warnings=[],
    )
    db.session.add(referral)
    db.session.flush()
    return referral
