"""Everything that takes locks, at once and in every order: nobody waits for somebody who waits for them.

A deadlock would be an OperationalError, which ``at_once`` raises; a refusal is an answer.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place, SessionFacilitator, Waiting
from provider.domain.courses.queries import on_the_register
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.models import Appointment, DiaryCell
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.requests import Correction, PersonCorrection
from provider.domain.referrals.status import OPEN, Status
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import (
    allocating,
    altering,
    attending,
    booking,
    closing,
    contacting,
    correcting,
    ending,
    offering,
    receiving,
    recognising,
    rostering,
    running,
    scheduling,
    sending,
    shifting,
    shutting,
)
from tests.builders import World, add_session, build_world, referral_body
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, at_once

KEY, WORKER = Actor("key", 1), Actor("account", 1)
NOW = A_TUESDAY
RINGS = ("drug_worker", "drug_worker_2")
NAMES = ("Alex", "Billie", "Chris", "Dana", "Eli", "Fran", "Gray", "Hero")
DONE: dict[str, Any] = {"by": WORKER, "now": NOW}
THREADS, EACH = 5, 24


class Storm:
    """One thread's changes, each in a transaction of its own, chosen by dice."""

    def __init__(
        self, world: World, people: list[Somebody], sessions: list[int], begun: int, seed: int
    ) -> None:
        self.world, self.people, self.sessions, self.begun = world, people, sessions, begun
        self.dice = random.Random(seed)
        self.course = world.courses["awareness"]
        self.refused = 0

    def __call__(self) -> int:
        """How many changes were made."""
        made = 0
        for _ in range(EACH):
            change = self.dice.choice(self.changes())
            try:
                with transaction():
                    change()
                    time.sleep(self.dice.choice((0, 0.002, 0.01)))
                made += 1
            except Refusal:
                self.refused += 1
            db.session.rollback()
        return made

    def changes(self) -> list[Callable[[], Any]]:
        known, session_id = self.dice.choice(self.people), self.dice.choice(self.sessions)
        case_id, by = known.case_id, DONE
        usual: list[Callable[[], Any]] = [
            lambda: allocating.give_place(case_id, session_id, **by),
            lambda: allocating.move_place(case_id, session_id, **by),
            lambda: allocating.give_back_place(case_id, because="asked", **by),
            lambda: allocating.wait_for_place(case_id, self.course, **by),
            lambda: offering.accept_offer(case_id, **by),
            lambda: offering.refuse_offer(case_id, **by),
            lambda: offering.offer_free_places(session_id, by=SYSTEM, now=NOW),
            lambda: self.end_offers(),
            lambda: self.book(case_id),
            lambda: self.call_off(case_id),
            lambda: contacting.record_attempt(case_id, outcome=AttemptOutcome.NO_ANSWER, **by),
            lambda: self.patch(known),
            lambda: sending.claim_due(limit=10, worker="w", public_url="http://localhost", now=NOW),
        ]
        rare: list[Callable[[], Any]] = [
            lambda: closing.withdraw(
                db.session.get_one(Referral, known.referral_id), reason="other", by=KEY, now=NOW
            ),
            lambda: ending.end_declined(case_id, **by),
            lambda: closing.reopen(case_id, **by),
            lambda: closing.reopen(case_id, **by),
            lambda: scheduling.call_session_off(session_id, **by),
            lambda: scheduling.offer_course_places(self.course, by=SYSTEM, now=NOW),
            lambda: self.refer(known),
            lambda: self.settle(),
            lambda: self.confirm(),
            lambda: self.correct(),
            lambda: altering.put_to(session_id, self.lead, **by),
            lambda: altering.take_off(session_id, self.lead, cover_id=None, because="ill", **by),
            lambda: self.swap(session_id),
            lambda: self.shift(session_id),
            lambda: self.spread(case_id),
            lambda: self.be_away(),
            lambda: self.shut(),
            lambda: running.stop_course(self.course, **by),
            lambda: running.run_again(self.course, **by),
            lambda: running.run_again(self.course, **by),
        ]
        return usual * 2 + rare

    @property
    def lead(self) -> int:
        """Who both rings people and runs sessions."""
        return self.world.accounts["team_lead"]

    def swap(self, session_id: int) -> None:
        """The facilitator and the lead cover for each other."""
        two = [self.world.accounts["facilitator"], self.lead]
        self.dice.shuffle(two)
        altering.take_off(session_id, two[0], cover_id=two[1], because="ill", **DONE)

    def shift(self, session_id: int) -> None:
        """To another time of working days, where calls are booked."""
        to = NOW + timedelta(days=self.dice.choice((1, 2, 3)), minutes=30 * self.dice.randrange(12))
        shifting.move_session(session_id, starts_at=to, **DONE)

    def spread(self, case_id: int) -> None:
        appointment = booked_appointment(case_id)
        if appointment is not None:
            to = self.dice.choice([self.lead, *(self.world.accounts[one] for one in RINGS)])
            booking.hand_over(appointment.id, worker_id=to, **DONE)

    def be_away(self) -> None:
        absence = rostering.enter_absence(
            self.lead,
            reason=AbsenceReason.OTHER_WORK,
            starts_at=NOW + timedelta(days=1),
            ends_at=NOW + timedelta(days=1, hours=2),
            **DONE,
        )
        rostering.end_absence(absence.id, **DONE)

    def shut(self) -> None:
        """A day, and open again: sooner or later in the same transaction."""
        day = (NOW + timedelta(days=self.dice.choice((2, 20)))).date()
        shutting.open_again(shutting.shut(day, day, name=None, **DONE).id, **DONE)

    def end_offers(self) -> None:
        found = sa.select(Waiting.id).where(Waiting.offered_place_id.is_not(None), Waiting.left_at.is_(None))
        for waiting_id in db.session.scalars(found.limit(1)).all():
            offering.end_offer(waiting_id, now=NOW + timedelta(days=30))

    def book(self, case_id: int) -> None:
        starts = slots_between(NOW, NOW + timedelta(days=3), minutes=45, now=NOW)
        starts_at = self.dice.choice(starts).starts_at
        booking.book(case_id, starts_at=starts_at, kind="one_to_one", by=WORKER, now=NOW)

    def call_off(self, case_id: int) -> None:
        appointment = booked_appointment(case_id)
        if appointment is not None:
            booking.call_off(appointment.id, ours=True, by=WORKER, now=NOW)

    def patch(self, known: Somebody) -> None:
        referral = db.session.get_one(Referral, known.referral_id)
        mobile = f"07700 900{self.dice.randrange(200, 300)}"
        correcting.correct(referral, Correction(person=PersonCorrection(mobile=mobile)), by=KEY, now=NOW)

    def refer(self, known: Somebody) -> None:
        force_id = self.world.forces["thamesford"]
        person = {**referral_body()["person"], "given_name": known.given_name, "date_of_birth": "2000-05-14"}
        body = referral_body(scheme="diversion-deferred", person={**person, "mobile": known.mobile})
        facts = receiving.facts_of(schemes_of(force_id, at=NOW))
        sent = parse_submission(body, schemes=facts, now=NOW)
        receiving.receive(sent, force_id=force_id, warnings=(), received_by="api", by=KEY, now=NOW)

    def settle(self) -> None:
        found = sa.select(PossibleMatch).where(PossibleMatch.settled_at.is_(None))
        matches = db.session.scalars(found).all()
        if matches:
            match = self.dice.choice(matches)
            recognising.settle_match(match.referral_id, same_as=match.person_id, **DONE)

    def confirm(self) -> None:
        for place_id in db.session.scalars(sa.select(Place.id).where(on_the_register(self.begun))).all():
            attending.mark(place_id, Attendance.UAAB, minutes=None, by=WORKER, now=NOW)
        attending.confirm_register(self.begun, by=WORKER, now=NOW)

    def correct(self) -> None:
        places = db.session.scalars(
            sa.select(Place.id).where(Place.session_id == self.begun, Place.attendance.is_not(None))
        ).all()
        if places:
            code = self.dice.choice((Attendance.ATTC, Attendance.UAAB, Attendance.AAME))
            attending.correct(
                self.dice.choice(places), code, minutes=None, reason="wrong", by=WORKER, now=NOW
            )


@dataclass(frozen=True)
class Somebody:
    """Somebody with one referral, and what they are found by."""

    referral_id: int
    case_id: int
    given_name: str
    mobile: str


def somebody(world: World, given_name: str, mobile: str) -> Somebody:
    known = add_case(world, given_name=given_name, mobile="+44" + mobile.replace(" ", "")[1:])
    return Somebody(known.referral_id, known.case_id, given_name, mobile)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_waits_for_ever_and_everything_agrees(world: World, seed: int) -> None:
    people = [somebody(world, name, f"07700 9001{number:02}") for number, name in enumerate(NAMES)]
    begun = add_session(world, course="awareness", starts_at=NOW - timedelta(hours=3))
    sessions = [
        add_session(world, course="awareness", starts_at=NOW + timedelta(days=days), capacity=2)
        for days in (3, 5, 7, 9)
    ]
    with world.app.app_context():
        for known in people[:3]:
            with transaction():
                allocating.give_place(known.case_id, begun, by=WORKER, now=NOW - timedelta(days=1))
    storms = [Storm(world, people, sessions, begun, seed * 100 + thread) for thread in range(THREADS)]
    made = at_once(world.app, storms)
    assert sum(made) > THREADS
    with world.app.app_context():
        for case in db.session.scalars(sa.select(Case)).all():
            agree(case)
        overfull(sessions)
        nobody_in_two_places()


def nobody_in_two_places() -> None:
    """Calls that are booked and sessions that are run take all of their time, and the table gives each quarter once."""
    held = {(row.worker_id, row.cell): row for row in db.session.scalars(sa.select(DiaryCell))}
    for call in db.session.scalars(sa.select(Appointment).where(Appointment.state == "booked")):
        cells = quarter_hours(call.starts_at, call.minutes)
        assert {held[call.worker_id, cell].appointment_id for cell in cells} == {call.id}
    runs = sa.select(SessionFacilitator.account_id, CourseSession).join(
        CourseSession, CourseSession.id == SessionFacilitator.session_id
    )
    standing = runs.where(SessionFacilitator.ended_at.is_(None), CourseSession.state == "open")
    for account_id, session in db.session.execute(standing.where(CourseSession.starts_at > NOW)):
        cells = quarter_hours(session.starts_at, session.minutes)
        assert {held[account_id, cell].session_id for cell in cells} == {session.id}


def agree(case: Case) -> None:
    """What a case holds is what its open referrals' status says, and they say the same."""
    statuses = set(
        db.session.scalars(
            sa.select(Referral.status).where(Referral.case_id == case.id, Referral.status.in_(OPEN))
        )
    )
    waiting = db.session.scalars(
        sa.select(Waiting).where(Waiting.case_id == case.id, Waiting.left_at.is_(None))
    ).one_or_none()
    held = db.session.scalars(
        sa.select(Place.id).where(
            Place.case_id == case.id, Place.released_at.is_(None), Place.attendance.is_(None)
        )
    ).one_or_none()
    call = db.session.scalars(
        sa.select(Appointment.id).where(Appointment.case_id == case.id, Appointment.state == "booked")
    ).one_or_none()
    offered = waiting.offered_place_id if waiting is not None else None
    assert len(statuses) == (0 if case.closed_at is not None else 1)
    assert (waiting is not None) == (Status.WAITING in statuses)
    assert offered is None or offered == held
    taken = held is not None and held != offered
    assert (taken or call is not None) == bool(statuses & {Status.PLACED, Status.ASSESSMENT_BOOKED})
    assert not (taken and call is not None)


def overfull(sessions: list[int]) -> None:
    for session_id in sessions:
        session = db.session.get_one(CourseSession, session_id)
        held = db.session.scalars(
            sa.select(Place.number).where(Place.session_id == session_id, Place.released_at.is_(None))
        ).all()
        assert len(held) == len(set(held)) <= (session.capacity if session.state == "open" else 0)


class TestAPlaceGivenWhileItsSessionIsCalledOff:
    @pytest.fixture
    def both(self, world: World, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        """Somebody is given the very place that they were offered; the session is called off at that moment."""
        known = add_case(world)
        session_id = add_session(world, course="awareness", starts_at=NOW + timedelta(days=3), capacity=1)
        with world.app.app_context(), transaction():
            allocating.wait_for_place(known.case_id, world.courses["awareness"], **DONE)
            assert offering.offer_free_places(session_id, **DONE) == 1
        case_held = threading.Event()

        def require_placeable(case: Case) -> None:
            case_held.set()
            time.sleep(0.3)

        monkeypatch.setattr(allocating, "require_placeable", require_placeable)

        def give() -> str:
            with transaction():
                allocating.give_place(known.case_id, session_id, **DONE)
            return "given"

        def call_off() -> str:
            assert case_held.wait(PATIENCE)
            with transaction():
                scheduling.call_session_off(session_id, **DONE)
            return "called off"

        return [give, call_off]

    def test_each_takes_its_turn(self, world: World, both: list[Callable[[], Any]]) -> None:
        assert at_once(world.app, both) == ["given", "called off"]
        with world.app.app_context():
            assert db.session.scalars(sa.select(Place.id).where(Place.released_at.is_(None))).all() == []

    def test_control_without_keeping_the_session_first_they_wait_for_each_other(
        self,
        world: World,
        both: list[Callable[[], Any]],
        monkeypatch: pytest.MonkeyPatch,
        engine_name: str,
    ) -> None:
        monkeypatch.setattr(allocating, "keep_open", lambda session_id: None)
        if engine_name == "sqlite":
            assert at_once(world.app, both) == ["given", "called off"]
            return
        with pytest.raises(OperationalError, match="deadlock"):
            at_once(world.app, both)
