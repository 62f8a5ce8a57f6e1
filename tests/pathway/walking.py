"""Walks people along the pathway without a door, one step and one committed transaction at a time.

A test says *given* and *when* with these, and *then* with what it reads back. Needs an application context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.audit.models import AuditEntry
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.ladder import NextCall, StopCalling
from provider.domain.contact.models import Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.messaging.models import Text, TextLink
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import (
    allocating,
    assessing,
    attending,
    booking,
    closing,
    contacting,
    keeping,
    offering,
    receiving,
)
from tests.builders import World, add_session, referral_body
from tests.fakes import MovableClock

CUSTODY = {"force": "thamesford", "scheme": "custody-referral"}
DEFERRED = {"force": "thamesford", "scheme": "diversion-deferred"}
YOUNG = {"scheme": "divert-young-people"}


def person(**changes: Any) -> dict[str, Any]:
    """The person of a referral's body, with changes; ``contact`` is merged in."""
    sent: dict[str, Any] = {**referral_body()["person"], **changes}
    if "contact" in changes:
        sent["contact"] = {**referral_body()["person"]["contact"], **changes["contact"]}
    return sent


def checked(**changes: Any) -> dict[str, Any]:
    """Somebody whose number the officer checked at the scene."""
    return person(**{"contact": {"number_checked": True}, **changes})


@dataclass
class Walk:
    """The steps of the journey, as the worker, the lead or the facilitator takes them at the clock's time."""

    world: World
    clock: MovableClock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def worker(self) -> Actor:
        return Actor("account", self.world.accounts["drug_worker"])

    @property
    def lead(self) -> Actor:
        return Actor("account", self.world.accounts["team_lead"])

    @property
    def facilitator(self) -> Actor:
        return Actor("account", self.world.accounts["facilitator"])

    def referred(self, *, force: str = "midshire", **changes: Any) -> Referral:
        """Somebody is referred by a force's key."""
        force_id = self.world.forces[force]
        with transaction():
            facts = receiving.facts_of(schemes_of(force_id, at=self.now))
            sent = parse_submission(referral_body(**changes), schemes=facts, now=self.now)
            received = receiving.receive(
                sent,
                force_id=force_id,
                warnings=warnings_of(sent),
                received_by="api",
                by=Actor("key", 1),
                now=self.now,
            )
        return db.session.get_one(Referral, received.referral_id)

    def in_custody(self, **changes: Any) -> Referral:
        """The other force refers after a drug test in custody: its scheme asks for no more than the assessment."""
        tested = {"code": "drug_test_positive", "drugs": []}
        return self.referred(**{**CUSTODY, "offence": tested, **changes})

    def deferred(self, **changes: Any) -> Referral:
        """The other force refers under its deferred scheme, which asks for the course as well."""
        return self.referred(**{**DEFERRED, **changes})

    def case(self, referral: Referral) -> Case:
        found = self.fresh(referral)
        assert found.case_id is not None
        return db.session.get_one(Case, found.case_id, populate_existing=True)

    def fresh(self, referral: Referral) -> Referral:
        return db.session.get_one(Referral, referral.id, populate_existing=True)

    def status(self, referral: Referral) -> str:
        return self.fresh(referral).status

    def rung(
        self, referral: Referral, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER, **more: Any
    ) -> NextCall | StopCalling | None:
        case_id = self.case(referral).id
        with transaction():
            return contacting.record_attempt(
                case_id, outcome=outcome, **{"by": self.worker, "now": self.now, **more}
            )

    def rung_until_over(self, referral: Referral, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER) -> int:
        """Ring whenever the ladder says, until it says that calling is over; answers how many calls that took."""
        for calls in range(1, 40):
            next_call_at = self.case(referral).next_call_at
            assert next_call_at is not None
            self.clock.set(max(next_call_at, self.now))
            if isinstance(self.rung(referral, outcome), StopCalling):
                return calls
        raise AssertionError("the ladder has no end")

    def closed_after_calls(self, referral: Referral) -> str:
        self.clock.advance(days=5)
        case_id = self.case(referral).id
        with transaction():
            return contacting.close_after_calls(case_id, by=self.worker, now=self.now)

    def booked(
        self, referral: Referral, *, kind: str = "assessment", nth: int = 4, by: Actor | None = None
    ) -> Appointment:
        """A call is put in the diary, the ``nth`` open start from now."""
        slots = slots_between(self.now, self.now + timedelta(days=14), minutes=45, now=self.now)
        case_id = self.case(referral).id
        with transaction():
            return booking.book(
                case_id, starts_at=slots[nth].starts_at, kind=kind, by=by or self.worker, now=self.now
            )

    def missed(self, referral: Referral) -> None:
        """The coming call comes, and they do not answer."""
        appointment = booked_appointment(self.case(referral).id)
        assert appointment is not None
        self.clock.set(max(appointment.starts_at, self.now) + timedelta(minutes=10))
        with transaction():
            keeping.record_missed(appointment.id, by=self.worker, now=self.now)

    def took_place(self, referral: Referral) -> None:
        appointment = booked_appointment(self.case(referral).id)
        assert appointment is not None
        self.clock.set(max(appointment.starts_at, self.now) + timedelta(minutes=40))
        with transaction():
            keeping.record_took_place(appointment.id, by=self.worker, now=self.now)

    def assessed(
        self, referral: Referral, *, pathway: str = "group_course", course: str = "awareness"
    ) -> None:
        case_id = self.case(referral).id
        with transaction():
            recorded = assessing.Recorded(
                limits_explained=True, answers={}, substances=(), audit_c=None, audit_full=None
            )
            assessing.save(case_id, recorded, by=self.worker, now=self.now)
        with transaction():
            assessing.finish(case_id, self.decided(pathway, course), by=self.worker, now=self.now)

    def decided(self, pathway: str = "group_course", course: str = "awareness") -> assessing.Decided:
        return assessing.Decided(
            advice_version="1",
            advice=(),
            recommended_pathway=pathway,
            recommended_because="because",
            pathway=pathway,
            pathway_because=None,
            course_id=self.world.courses[course],
        )

    def spoken_to(self, referral: Referral) -> None:
        """They answered, and it is their number."""
        self.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, number_confirmed=True)

    def session(self, *, days: float = 10, course: str = "awareness", capacity: int = 12) -> int:
        return add_session(
            self.world, course=course, starts_at=self.now + timedelta(days=days), capacity=capacity
        )

    def placed(self, referral: Referral, session_id: int) -> int:
        case_id = self.case(referral).id
        with transaction():
            return allocating.give_place(case_id, session_id, by=self.worker, now=self.now).id

    def waiting(self, referral: Referral, course: str = "awareness") -> Waiting:
        case_id = self.case(referral).id
        with transaction():
            return allocating.wait_for_place(
                case_id, self.world.courses[course], by=self.worker, now=self.now
            )

    def offered(self, session_id: int) -> int:
        with transaction():
            return offering.offer_free_places(session_id, by=self.lead, now=self.now)

    def ran(self, session_id: int, marks: dict[int, Attendance]) -> None:
        """The session takes place, is marked and confirmed, three hours after it began."""
        session = db.session.get_one(CourseSession, session_id, populate_existing=True)
        self.clock.set(max(session.starts_at + timedelta(hours=3), self.now))
        with transaction():
            for place_id, code in marks.items():
                attending.mark(place_id, code, minutes=None, by=self.facilitator, now=self.now)
            attending.confirm_register(session_id, by=self.facilitator, now=self.now)

    def corrected(self, place_id: int, code: Attendance, *, reason: str = "marked wrongly") -> None:
        with transaction():
            attending.correct(place_id, code, minutes=None, reason=reason, by=self.facilitator, now=self.now)

    def reopened(self, referral: Referral) -> None:
        case_id = self.case(referral).id
        with transaction():
            closing.reopen(case_id, by=self.worker, now=self.now)

    def withdrawn(self, referral: Referral, reason: str = "other") -> bool:
        with transaction():
            found = db.session.get_one(Referral, referral.id)
            return closing.withdraw(found, reason=reason, by=Actor("key", 1), now=self.now)


def events(referral: Referral) -> list[ComplianceEvent]:
    """What its force has been told of a referral, oldest first."""
    return list(
        db.session.scalars(
            sa.select(ComplianceEvent)
            .where(ComplianceEvent.referral_id == referral.id)
            .order_by(ComplianceEvent.id)
            .execution_options(populate_existing=True)
        )
    )


def told(referral: Referral) -> list[str]:
    return [event.type for event in events(referral)]


def texts(case: Case, *, state: str | None = "planned") -> dict[str, datetime]:
    """Kinds of text of a case in one state (None is every one), with when each is due."""
    found = sa.select(Text.kind, Text.due_at).where(Text.case_id == case.id).order_by(Text.due_at, Text.id)
    if state is not None:
        found = found.where(Text.state == state)
    return {row.kind: row.due_at for row in db.session.execute(found)}


def tasks(case: Case) -> set[str]:
    """Kinds of work that wait for somebody about a case."""
    return set(
        db.session.scalars(sa.select(Task.kind).where(Task.case_id == case.id, Task.done_at.is_(None)))
    )


def numbers(person_id: int) -> list[PhoneNumber]:
    """Every number somebody has had, oldest first."""
    found = sa.select(PhoneNumber).where(PhoneNumber.person_id == person_id).order_by(PhoneNumber.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def places(case: Case) -> list[Place]:
    found = sa.select(Place).where(Place.case_id == case.id).order_by(Place.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def appointments(case: Case) -> list[Appointment]:
    found = sa.select(Appointment).where(Appointment.case_id == case.id).order_by(Appointment.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def waits(case: Case) -> Waiting | None:
    found = sa.select(Waiting).where(Waiting.case_id == case.id, Waiting.left_at.is_(None))
    return db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def audited(*, subject: str, subject_id: int) -> list[str]:
    """What the trail says was done to something, oldest first."""
    found = sa.select(AuditEntry.action).where(
        AuditEntry.subject == subject, AuditEntry.subject_id == subject_id
    )
    return list(db.session.scalars(found.order_by(AuditEntry.id)))


def add_link(case: Case, number: PhoneNumber, *, now: datetime) -> TextLink:
    """A link that went out to a number."""
    with transaction():
        link = TextLink(
            token_hash=f"hash-{case.id}-{number.id}", case_id=case.id, number_id=number.id, created_at=now
        )
        db.session.add(link)
    return link


def set_terms(world: World, scheme: str, **changes: Any) -> None:
    """A scheme's only terms with changes: before anybody is referred under them."""
    with transaction():
        row = db.session.scalars(
            sa.select(SchemeTerms).where(SchemeTerms.scheme_id == world.schemes[scheme])
        ).one()
        row.terms = {**row.terms, **changes}
    db.session().info.pop("schemes", None)
    db.session().info.pop("schemes_of", None)
