"""The pathway by itself, without a door: what each step leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Place
from provider.domain.diary.queries import slots_between
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.submission import parse_submission
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
    offering,
    receiving,
    scheduling,
)
from tests.builders import World, add_session, build_world, referral_body
from tests.fakes import MovableClock


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def refer(world: World, clock: MovableClock, *, force: str = "midshire", **changes: object) -> Referral:
    now = clock.now()
    force_id = world.forces[force]
    with transaction():
        facts = receiving.facts_of(schemes_of(force_id, at=now))
        submission = parse_submission(referral_body(**changes), schemes=facts, now=now)
        received = receiving.receive(
            submission,
            force_id=force_id,
            warnings=warnings_of(submission),
            received_by="api",
            by=Actor("key", 1),
            now=now,
        )
    return db.session.get_one(Referral, received.referral_id)


def events_of(referral: Referral) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(ComplianceEvent.type)
            .where(ComplianceEvent.referral_id == referral.id)
            .order_by(ComplianceEvent.id)
        )
    )


def book_assessment(world: World, clock: MovableClock, case_id: int) -> datetime:
    worker = Actor("account", world.accounts["drug_worker"])
    slots = slots_between(clock.now(), clock.now() + timedelta(days=7), minutes=45, now=clock.now())
    with transaction():
        booking.book(case_id, starts_at=slots[4].starts_at, by=worker, now=clock.now())
    return slots[4].starts_at


def assess(world: World, clock: MovableClock, case_id: int, *, pathway: str = "group_course") -> None:
    worker = Actor("account", world.accounts["drug_worker"])
    with transaction():
        recorded = assessing.Recorded(
            limits_explained=True, answers={}, substances=(), audit_c=None, audit_full=None
        )
        assessing.save(case_id, recorded, by=worker, now=clock.now())
        decided = assessing.Decided(
            advice_version="1",
            advice=(),
            recommended_pathway="group_course",
            recommended_because="because",
            pathway=pathway,
            pathway_because=None,
            course_id=world.courses["awareness"],
        )
        assessing.finish(case_id, decided, by=worker, now=clock.now())


def test_a_referral_runs_to_completed(app: Flask, world: World, clock: MovableClock) -> None:
    worker = Actor("account", world.accounts["drug_worker"])
    facilitator = Actor("account", world.accounts["facilitator"])
    session_id = add_session(world, course="awareness", starts_at=clock.now() + timedelta(days=10))
    with app.app_context():
        referral = refer(world, clock)
        assert referral.status == "accepted"
        case_id = referral.case_id
        assert case_id is not None
        with transaction():
            contacting.take_on(case_id, by=worker, now=clock.now())
            contacting.record_attempt(case_id, outcome=AttemptOutcome.NO_ANSWER, by=worker, now=clock.now())
        clock.advance(hours=5)
        with transaction():
            contacting.record_attempt(
                case_id,
                outcome=AttemptOutcome.SPOKE_AND_BOOKED,
                number_confirmed=True,
                by=worker,
                now=clock.now(),
            )
        clock.set(book_assessment(world, clock, case_id))
        assess(world, clock, case_id)
        with transaction():
            place = allocating.give_place(case_id, session_id, by=worker, now=clock.now())
        clock.advance(days=20)
        with transaction():
            attending.mark(place.id, Attendance.ATTC, minutes=150, by=facilitator, now=clock.now())
            attending.confirm_register(session_id, by=facilitator, now=clock.now())
        db.session.refresh(referral)
        assert referral.status == "completed"
        assert referral.level == "intervention"
        assert events_of(referral) == [
            "referral.accepted",
            "assessment.booked",
            "assessment.attended",
            "referral.completed",
        ]
        assert db.session.get_one(Case, case_id).closed_at is not None


def test_who_never_answers_ends_not_engaged_and_comes_back(
    app: Flask, world: World, clock: MovableClock
) -> None:
    worker = Actor("account", world.accounts["drug_worker"])
    with app.app_context():
        referral = refer(
            world, clock, person={**referral_body()["person"], "contact": {"number_checked": True}}
        )
        case_id = referral.case_id
        assert case_id is not None
        for _ in range(6):
            case = db.session.get_one(Case, case_id, populate_existing=True)
            assert case.next_call_at is not None
            clock.set(max(case.next_call_at, clock.now()))
            with transaction():
                contacting.record_attempt(
                    case_id, outcome=AttemptOutcome.NO_ANSWER, by=worker, now=clock.now()
                )
        with pytest.raises(contacting.CallsNotDone), transaction():
            contacting.close_after_calls(case_id, by=worker, now=clock.now())
        clock.advance(days=4)
        with transaction():
            contacting.close_after_calls(case_id, by=worker, now=clock.now())
        db.session.refresh(referral)
        assert referral.status == "not_engaged"
        assert referral.bar_until is not None
        again = refer(world, clock)
        assert again.status == "declined"
        clock.advance(days=6)
        with transaction():
            closing.reopen(case_id, by=worker, now=clock.now())
        assert events_of(referral) == [
            "referral.accepted",
            "referral.not_engaged",
            "referral.reopened",
            "outcome.corrected",
        ]
        assert refer(world, clock).status == "accepted"


def test_two_forces_in_a_week_are_served_by_one_case(app: Flask, world: World, clock: MovableClock) -> None:
    with app.app_context():
        first = refer(world, clock)
        assert first.case_id is not None
        book_assessment(world, clock, first.case_id)
        tested = {"code": "drug_test_positive", "drugs": []}
        second = refer(world, clock, force="thamesford", scheme="custody-referral", offence=tested)
        assert second.case_id == first.case_id
        assert events_of(second) == ["referral.accepted", "assessment.booked"]
        assess(world, clock, first.case_id)
        assert second.status == "completed"
        assert db.session.get_one(Referral, first.id, populate_existing=True).status == "assessed"


def test_a_cancelled_session_puts_everybody_first_in_line(
    app: Flask, world: World, clock: MovableClock
) -> None:
    lead = Actor("account", world.accounts["team_lead"])
    session_id = add_session(world, course="awareness", starts_at=clock.now() + timedelta(days=10))
    other_id = add_session(world, course="awareness", starts_at=clock.now() + timedelta(days=12), capacity=1)
    with app.app_context():
        referral = refer(world, clock)
        assert referral.case_id is not None
        assess(world, clock, referral.case_id)
        with transaction():
            allocating.give_place(referral.case_id, session_id, by=lead, now=clock.now())
        with transaction():
            assert scheduling.cancel_session(session_id, by=lead, now=clock.now()) == 1
        db.session.refresh(referral)
        assert referral.status == "waiting"
        with transaction():
            assert offering.offer_free_places(other_id, now=clock.now(), by=lead) == 1
        with transaction():
            offering.accept_offer(referral.case_id, by=lead, now=clock.now())
        db.session.refresh(referral)
        assert referral.status == "placed"
        assert (
            db.session.scalars(sa.select(Place).where(Place.session_id == other_id)).one().case_id
            == referral.case_id
        )
