"""Somebody who was referred, from the roadside to the end: every step is a call of the pathway, at its own moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo.bodies import body
from provider.commands.demo.play import at_work
from provider.commands.demo.telephone import telephone
from provider.domain.assessments.pathway import Pathway
from provider.domain.contact.models import Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.contact.tasks import NUMBER_TASKS
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import coming_place
from provider.domain.courses.sessions import coming_sessions
from provider.domain.courses.waiting import free_places, waiting_of
from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.people.models import Person
from provider.domain.people.reach import Competence, TextsTo, WhoSees, is_adult
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.status import ENDED, Status
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.pathway import (
    allocating,
    assessing,
    booking,
    closing,
    contacting,
    ending,
    keeping,
    offering,
    reaching,
    recognising,
)
from provider.pathway.reaching import Agreed
from provider.pathway.receiving import DuplicateReferral, facts_of, receive
from tests.year.people import Sent
from tests.year.service import Service

_A = AttemptOutcome
NO_VOICE = (_A.NO_ANSWER, _A.NO_ANSWER, _A.VOICEMAIL_LEFT, _A.NO_VOICEMAIL, _A.CALL_SCREENED)
IN_A_GROUP = frozenset({Pathway.GROUP_COURSE, Pathway.YOUNG_PEOPLE_COURSE})
TOO_BUSY, MOVES, GIVES_BACK, TAKES_OFFER = 0.06, 0.08, 0.04, 0.8
BETWEEN = frozenset({Status.ACCEPTED, Status.ASSESSED, Status.WAITING})
ENOUGH = 3
"""So often for nothing, the lead says that they cannot be reached."""


@dataclass
class Referred:
    """One referral on its way; its case may serve another as well, whose person it then is too."""

    service: Service
    sent: Sent
    random: Random
    by_itself: bool = field(default=False, init=False)
    referral_id: int | None = field(default=None, init=False)
    _came_back: bool = field(default=False, init=False)

    def act(self, now: datetime) -> datetime | None:
        if self.referral_id is None:
            return self._received(now)
        referral = db.session.get_one(Referral, self.referral_id)
        status = Status(referral.status)
        if status in ENDED:
            return self._after_the_end(referral, now)
        if self.random.random() < self.sent.part.withdrawn:
            closing.withdraw(referral, reason="charged", by=self.force_system, now=now)
            return None
        if status in BETWEEN and self._came_to_nothing(self._case(referral)) >= ENOUGH:
            ending.end_unreachable(
                self._case(referral).id, reason=NotReached.OPTED_OUT, by=self.service.lead, now=now
            )
            return None
        return STEPS[status](self, referral, now)

    def _came_to_nothing(self, case: Case) -> int:
        """How often a call or a place was for nothing. Where their number is in doubt that uses none of their chances:
        then only a person says that it is enough.
        """
        calls = sa.select(sa.func.count()).where(
            Appointment.case_id == case.id, Appointment.state == "did_not_answer"
        )
        places = sa.select(sa.func.count()).where(
            Place.case_id == case.id, Place.attendance.in_([code for code in Attendance if code.missed])
        )
        return (db.session.scalar(calls) or 0) + (db.session.scalar(places) or 0)

    @property
    def force_system(self) -> Actor:
        return Actor("key", self.service.keys[self.sent.event.force])

    def _received(self, now: datetime) -> datetime | None:
        force_id = self.service.forces[self.sent.event.force]
        sent = parse_submission(
            body(self.sent.event, self.random), schemes=facts_of(schemes_of(force_id, at=now)), now=now
        )
        try:
            received = receive(
                sent,
                force_id=force_id,
                warnings=warnings_of(sent),
                received_by="api",
                by=self.force_system,
                now=now,
            )
        except DuplicateReferral:
            return None
        self.referral_id = received.referral_id
        self.service.part_of[received.reference] = self.sent.part
        return at_work(now, self.random)

    def recognised(self, referral: Referral, now: datetime) -> datetime:
        """A worker looks at a likeness by the end of the next working day: here they are always two people."""
        candidates = sa.select(PossibleMatch.id).where(
            PossibleMatch.referral_id == referral.id, PossibleMatch.settled_at.is_(None)
        )
        if db.session.scalars(candidates).first() is not None:
            recognising.settle_match(referral.id, same_as=None, by=self.service.worker(referral.id), now=now)
        return at_work(now, self.random)

    def rung(self, referral: Referral, now: datetime) -> datetime:
        """The next call of the ladder; when they pick up, the assessment is booked."""
        case = self._case(referral)
        if self._is_asked_for_number(case):
            return self._another_number(case, now)
        due = case.next_call_at
        if due is None:
            contacting.close_after_calls(case.id, by=self._worker(case), now=now)
            return now
        if due > now or self.random.random() < TOO_BUSY:
            return max(due, now) + timedelta(minutes=self.random.randint(2, 50))
        self._ring(case, now)
        return at_work(now, self.random)

    def _ring(self, case: Case, now: datetime) -> None:
        part, worker = self.sent.part, self._worker(case)
        if part.unreachable is not None and self.random.random() < 0.5:
            ending.end_unreachable(case.id, reason=part.unreachable, by=worker, now=now)
            return
        outcome = self._how_it_went()
        spoke = outcome is _A.SPOKE_AND_BOOKED
        contacting.record_attempt(
            case.id,
            outcome=outcome,
            number_confirmed=spoke,
            who_sees=self._who_sees() if spoke else None,
            by=worker,
            now=now,
        )
        if spoke:
            self._say_whose_texts(case, now)
            self._book(case, "assessment", now)

    def _how_it_went(self) -> AttemptOutcome:
        if self.sent.part.number_dead:
            return _A.NUMBER_NOT_IN_USE
        if self.random.random() < self.sent.part.answers:
            return _A.DECLINED if self.sent.part.declines else _A.SPOKE_AND_BOOKED
        return _A.SOMEONE_ELSE_ANSWERED if self.random.random() < 0.12 else self.random.choice(NO_VOICE)

    def _who_sees(self) -> WhoSees:
        drawn = self.random.random()
        return WhoSees.NOBODY if drawn > 0.2 else WhoSees.OTHERS_FINE if drawn > 0.05 else WhoSees.SAY_NOTHING

    def _say_whose_texts(self, case: Case, now: datetime) -> None:
        """Somebody under 18 says at the first call that the texts are to come to themselves."""
        born = db.session.get_one(Person, case.person_id).date_of_birth
        if not is_adult(born, now=now):
            agreed = Agreed(TextsTo.CHILD, Competence.COMPETENT)
            reaching.agree(case.id, agreed, by=self._worker(case), now=now)

    def _is_asked_for_number(self, case: Case) -> bool:
        waiting = sa.select(Task.id).where(
            Task.case_id == case.id, Task.kind.in_(NUMBER_TASKS), Task.done_at.is_(None)
        )
        return case.next_call_at is None and db.session.scalars(waiting).first() is not None

    def _another_number(self, case: Case, now: datetime) -> datetime:
        """Two in five times the force has another; else the ladder's end is what it is."""
        if self.random.random() < 0.4:
            number = self.service.crowd.mobile()
            contacting.change_number(case.id, number, confirmed_by=None, by=self._worker(case), now=now)
            self.sent = Sent(self.sent.event, self.sent.at, type(self.sent.part)())
        else:
            contacting.close_after_calls(case.id, by=self._worker(case), now=now)
        return at_work(now, self.random)

    def _book(self, case: Case, kind: str, now: datetime) -> None:
        minutes = 45
        found = slots_between(now + timedelta(hours=4), now + timedelta(days=6), minutes=minutes, now=now)
        start = self.random.choice(found[:60]).starts_at
        booking.book(case.id, starts_at=start, kind=kind, by=self._worker(case), now=now)

    def spoken_to(self, referral: Referral, now: datetime) -> datetime:
        """The call that was booked: kept, moved by the person beforehand, or missed."""
        case = self._case(referral)
        appointment = booked_appointment(case.id)
        if appointment is None:
            return at_work(now, self.random)
        over = appointment.starts_at + timedelta(minutes=appointment.minutes + 5)
        if now < over:
            return self._perhaps_moved(case, appointment, now) or over
        worker = Actor("account", appointment.worker_id)
        if appointment.kind != "assessment":
            kept = self.random.random() < self.sent.part.comes
            happened = keeping.record_took_place if kept else keeping.record_missed
            happened(appointment.id, by=worker, now=now)
        elif self.random.random() < self.sent.part.keeps_calls:
            self._assess(case, referral, worker, now)
        else:
            keeping.record_missed(appointment.id, by=worker, now=now)
        return at_work(now, self.random)

    def _perhaps_moved(self, case: Case, appointment: Appointment, now: datetime) -> datetime | None:
        if self.random.random() >= MOVES or appointment.starts_at < now + timedelta(hours=30):
            return None
        found = slots_between(now + timedelta(days=1), now + timedelta(days=6), minutes=45, now=now)
        start = self.random.choice(found[:40]).starts_at
        by = Actor("participant", case.id)
        booking.move_appointment(appointment.id, starts_at=start, why=THEY_ASKED, by=by, now=now)
        return start + timedelta(minutes=50)

    def _assess(self, case: Case, referral: Referral, worker: Actor, now: datetime) -> None:
        born = db.session.get_one(Person, case.person_id).date_of_birth
        spoken = telephone(
            self.random,
            substances=[drug["substance"] for drug in referral.drugs],
            age=age_on(born, london_date(now)),
            courses=self.service.courses,
        )
        assessing.save(case.id, spoken.recorded, by=worker, now=now - timedelta(minutes=9))
        assessing.finish(case.id, spoken.decided, by=worker, now=now)

    def allocated(self, referral: Referral, now: datetime) -> datetime:
        """A place in one of the next sessions, or on the waiting list; a call where that was decided instead."""
        case = self._case(referral)
        if case.pathway == Pathway.ADVICE_ONLY:
            assessing.nothing_further(case.id, by=self._worker(case), now=now)
        elif case.pathway in IN_A_GROUP:
            self._place(case, now)
        else:
            kind = "treatment" if case.pathway == Pathway.STRUCTURED_TREATMENT else "one_to_one"
            self._book(case, kind, now)
        return at_work(now, self.random)

    def _place(self, case: Case, now: datetime) -> None:
        course_id = self._course(case, now)
        sessions = coming_sessions(course_id, now=now + timedelta(days=1))[:4]
        free = free_places(list(sessions))
        open_ones = [one for one in sessions if free.get(one)]
        if open_ones:
            allocating.give_place(case.id, open_ones[0], by=self._worker(case), now=now)
        else:
            allocating.wait_for_place(case.id, course_id, by=self._worker(case), now=now)

    def _course(self, case: Case, now: datetime) -> int:
        """The course that was chosen; somebody who is about to turn 18 goes among adults."""
        courses = self.service.courses
        born = db.session.get_one(Person, case.person_id).date_of_birth
        if age_on(born, london_date(now + timedelta(days=14))) < 18:
            return courses["young-people"]
        chosen = case.course_id
        return chosen if chosen is not None and chosen != courses["young-people"] else courses["awareness"]

    def waited(self, referral: Referral, now: datetime) -> datetime:
        """On the waiting list: an offer is taken, or refused; else another day goes by."""
        case = self._case(referral)
        waiting = waiting_of(case.id)
        if waiting is not None and waiting.offered_place_id is not None:
            by = Actor("participant", case.id)
            answer = offering.accept_offer if self.random.random() < TAKES_OFFER else offering.refuse_offer
            answer(case.id, by=by, now=now)
        return now + timedelta(hours=self.random.randint(5, 14))

    def attended(self, referral: Referral, now: datetime) -> datetime:
        """Whoever has a place waits for the session and its register; now and then somebody gives the place back."""
        case = self._case(referral)
        place = coming_place(case.id)
        if place is None:
            return self.spoken_to(referral, now)
        session = db.session.get_one(CourseSession, place.session_id)
        if session.starts_at > now + timedelta(days=2) and self.random.random() < GIVES_BACK:
            allocating.give_back_place(case.id, because="asked", by=self._worker(case), now=now)
            return at_work(now, self.random)
        return max(session.starts_at + timedelta(minutes=session.minutes), now) + timedelta(hours=26)

    def _after_the_end(self, referral: Referral, now: datetime) -> datetime | None:
        """Some ring back some days after it was closed."""
        if not self.sent.part.comes_back or self._came_back or referral.status != Status.NOT_ENGAGED:
            return None
        self._came_back = True
        closing.reopen(self._case(referral).id, by=self.service.worker(referral.id), now=now)
        self.sent = Sent(self.sent.event, self.sent.at, type(self.sent.part)(answers=0.9))
        return at_work(now, self.random)

    def _case(self, referral: Referral) -> Case:
        return db.session.get_one(Case, referral.case_id)

    def _worker(self, case: Case) -> Actor:
        return Actor("account", case.assigned_to_id) if case.assigned_to_id else self.service.worker(case.id)


STEPS: Mapping[Status, Callable[[Referred, Referral, datetime], datetime]] = {
    Status.HELD: Referred.recognised,
    Status.ACCEPTED: Referred.rung,
    Status.ASSESSMENT_BOOKED: Referred.spoken_to,
    Status.ASSESSED: Referred.allocated,
    Status.WAITING: Referred.waited,
    Status.PLACED: Referred.attended,
}
