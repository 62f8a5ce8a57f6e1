"""What is done every day of that year: texts, offers, the team lead's morning."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.domain.contact.tasks import DONE_BY_HAND
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.sessions import PlannedSession
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import Text
from provider.domain.needs.queries import needs_of
from provider.domain.needs.rules import NeedKind, Way
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.jobs.offering import offer_places
from provider.jobs.shift import Shift
from provider.kernel.actors import Actor
from provider.kernel.calendar import at_london, is_working_day, london_date, next_polite
from provider.kernel.database import db
from provider.pathway import hearing, meeting_needs, scheduling, sending
from provider.pathway.acknowledging import acknowledge
from provider.pathway.facilitating import FacilitatorBusy
from provider.pathway.steps import lock_case
from tests.year.evenings import Evening
from tests.year.service import Service
from tests.year.turns import Turns

CAPACITY = 12
COURSES = ("awareness", "cannabis", "stimulants", "young-people")
SHARE = {"awareness": 2, "cannabis": 4, "stimulants": 6, "young-people": 6}
"""One in so many of those on the way will come to need it."""

STARTS = ((0, time(16, 30)), (1, time(18)), (2, time(18)), (3, time(10)), (3, time(18)), (4, time(13)))
HOW = dict.fromkeys(NeedKind, Way.DIAL_IN) | {
    NeedKind.INTERPRETER: Way.INTERPRETER,
    NeedKind.OTHER: Way.INTERPRETER,
    NeedKind.HEARING: Way.INTERPRETER,
    NeedKind.READING: Way.CALL,
}
"""How what somebody needs is met. A private place somebody finds for them: then it is no need any more."""

ANSWERS = 0.12
REPLIES = (("1", 8), ("ok thanks", 3), ("👍", 2), ("can u ring after 5 pls", 2), ("2", 2), ("STOP", 1))


@dataclass
class Mail:
    """Every few hours of the day, or when the next is due, texts go out, and now and then somebody answers."""

    random: Random
    by_itself: bool = field(default=False, init=False)
    sent: int = field(default=0, init=False)

    def act(self, now: datetime) -> datetime:
        while dispatch.anything_expired(now=now) and sending.drop_expired(limit=200, now=now):
            pass
        while dispatch.anything_due(now=now):
            claimed = sending.claim_due(limit=200, worker="year", public_url="http://localhost", now=now)
            for ready in claimed.ready:
                sending.sent(ready, Sent("SM" + secrets.token_hex(16), "delivered"), now=now)
                self._perhaps_answered(ready.to, now)
            self.sent += len(claimed.ready)
        return next_polite(min(max(self._next_due(now), now + timedelta(hours=1)), now + timedelta(hours=3)))

    def _next_due(self, now: datetime) -> datetime:
        planned = sa.select(Text.due_at).where(Text.state == "planned").order_by(Text.due_at).limit(1)
        return db.session.scalars(planned).first() or now + timedelta(days=1)

    def _perhaps_answered(self, e164: str, now: datetime) -> None:
        if self.random.random() < ANSWERS:
            body = self.random.choices([words for words, _ in REPLIES], [often for _, often in REPLIES])[0]
            hearing.reply("SM" + secrets.token_hex(16), from_e164=e164, body=body, opt_out=None, now=now)


@dataclass
class Offers:
    """The workers' own job, some times a day."""

    shift: Shift
    by_itself: bool = field(default=True, init=False)

    def act(self, now: datetime) -> datetime:
        offer_places(self.shift)
        return now + timedelta(hours=6)


@dataclass
class Lead:
    """Every working morning: work that only a word ends. Every Monday: sessions for who will need a place."""

    service: Service
    turns: Turns
    random: Random
    by_itself: bool = field(default=False, init=False)

    def act(self, now: datetime) -> datetime:
        day = london_date(now)
        if is_working_day(day):
            self._see_to_tasks(now)
        if day.weekday() == 0:
            for code in COURSES:
                self._put_sessions_on(code, now)
        return at_london(day + timedelta(days=1), time(9, 5))

    def _see_to_tasks(self, now: datetime) -> None:
        waiting = sa.select(Task.id).where(Task.done_at.is_(None), Task.kind.in_(DONE_BY_HAND))
        for task_id in db.session.scalars(waiting.order_by(Task.id)).all():
            acknowledge(task_id, by=self.service.lead, now=now)
        for case_id in db.session.scalars(
            sa.select(Case.id)
            .join(Task, Task.case_id == Case.id)
            .where(Task.done_at.is_(None), Task.kind == "need")
            .order_by(Task.id)
        ).all():
            self._meet_needs(case_id, now)

    def _meet_needs(self, case_id: int, now: datetime) -> None:
        """Whatever somebody needs is arranged: an interpreter, the telephone, a private place."""
        case = lock_case(case_id)
        needs = [NeedKind(need.kind) for need in needs_of(case.person_id)]
        ways: dict[NeedKind, Way | None] = {
            kind: HOW[kind] for kind in needs if kind is not NeedKind.NO_PRIVATE_PLACE
        }
        meeting_needs.say_needs(case, ways, by=self.service.lead, now=now)

    def _put_sessions_on(self, code: str, now: datetime) -> None:
        course_id = self.service.courses[code]
        missing = self._wanted(course_id, code) - self._free(course_id, now)
        for number in range(-(-missing // CAPACITY)):
            self._put_on(course_id, code, number, now)

    def _wanted(self, course_id: int, code: str) -> int:
        """Who waits or is to be placed, a share of who is on the way, and half a session more."""
        waiting = sa.select(sa.func.count()).where(
            Waiting.course_id == course_id, Waiting.left_at.is_(None), Waiting.offered_place_id.is_(None)
        )
        cases = sa.select(sa.func.count(sa.distinct(Referral.case_id)))
        to_place = cases.join(Case, Case.id == Referral.case_id).where(
            Case.course_id == course_id, Referral.status == Status.ASSESSED
        )
        on_the_way = cases.where(Referral.status.in_((Status.ACCEPTED, Status.ASSESSMENT_BOOKED)))
        return (
            (db.session.scalar(waiting) or 0)
            + (db.session.scalar(to_place) or 0)
            + (db.session.scalar(on_the_way) or 0) // SHARE[code]
            + CAPACITY // 2
        )

    def _free(self, course_id: int, now: datetime) -> int:
        held = (
            sa.select(sa.func.count())
            .select_from(Place)
            .where(Place.session_id == CourseSession.id, Place.released_at.is_(None))
            .correlate(CourseSession)
            .scalar_subquery()
        )
        free = sa.select(sa.func.coalesce(sa.func.sum(CourseSession.capacity - held), 0)).where(
            CourseSession.course_id == course_id,
            CourseSession.state == "open",
            CourseSession.starts_at > now,
        )
        return int(db.session.scalar(free) or 0)

    def _put_on(self, course_id: int, code: str, number: int, now: datetime) -> None:
        """Next week or the week after, at the first time at which somebody can run it."""
        monday = london_date(now) + timedelta(days=7 + 7 * (number % 2))
        for weekday, start in self.random.sample(STARTS, len(STARTS)):
            day = monday + timedelta(days=weekday)
            for facilitator_id in self.random.sample(
                self.service.facilitators, len(self.service.facilitators)
            ):
                if is_working_day(day) and self._runs(
                    course_id, code, at_london(day, start), facilitator_id, now
                ):
                    return

    def _runs(
        self, course_id: int, code: str, starts_at: datetime, facilitator_id: int, now: datetime
    ) -> bool:
        planned = PlannedSession(
            course_id=course_id,
            starts_at=starts_at,
            minutes=90 if code == "young-people" else 150,
            capacity=CAPACITY,
            facilitator_id=facilitator_id,
            join_url="https://meet.example/j/1",
            dial_in="0330 088 5830, then 1#",
        )
        try:
            with db.session.begin_nested():
                session = scheduling.put_session_on(planned, by=self.service.lead, now=now)
        except FacilitatorBusy:
            return False
        evening = Evening(self.service, session.id, Actor("account", facilitator_id), self.random)
        self.turns.add(evening, at=starts_at - timedelta(hours=26))
        return True
