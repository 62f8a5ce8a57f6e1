"""What follows the assessment: the place somebody has, waits for or was offered, and the sessions there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.needs_page import NeedLine, need_lines
from provider.caseload.open_sessions import CourseForAge, OpenSession, courses_for, sessions_for
from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.assessments.pathway import PATHWAY_LABELS, Pathway
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.courses.waiting import AHEAD, IN_TURN, Ahead
from provider.domain.diary.models import Appointment
from provider.domain.needs.rules import Setting, Standing, met_in
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db

PLACEABLE = frozenset({Status.ASSESSED, Status.WAITING, Status.PLACED})
BY_CALL = frozenset({Pathway.ONE_TO_ONE, Pathway.STRUCTURED_TREATMENT})


@dataclass(frozen=True)
class HeldPlace:
    """A place whose attendance is not settled yet. ``begun``: what follows is said on the session's register."""

    session_id: int
    number: int
    course: str
    starts_at: datetime
    minutes: int
    begun: bool
    setting: Setting


@dataclass(frozen=True)
class Turn:
    """Their turn on a waiting list; ``offered`` the place that is kept for them until ``offer_ends_at``.

    ``missed_at``: the session they did not keep, so that they are in line again; ``because``: why they were put ahead.
    """

    course_id: int
    course: str
    since: datetime
    ahead: int
    offered_at: datetime | None
    offer_ends_at: datetime | None
    missed_at: datetime | None
    because: str | None
    short_notice: datetime | None


@dataclass(frozen=True)
class CoursePage:
    """``recommended`` are the sessions of the course that was decided on, ``others`` those of other courses."""

    facts: ReferralFacts
    pathway: Pathway | None
    place: HeldPlace | None
    turn: Turn | None
    call_at: datetime | None
    courses: tuple[CourseForAge, ...]
    course: CourseForAge | None
    recommended: tuple[OpenSession, ...]
    others: tuple[OpenSession, ...]
    needs: tuple[NeedLine, ...]

    @property
    def unmet(self) -> tuple[NeedLine, ...]:
        """The needs that the session they have a place in leaves unmet."""
        return self.unmet_in(self.place) if self.place is not None else ()

    def unmet_in(self, session: HeldPlace | OpenSession) -> tuple[NeedLine, ...]:
        """The needs that a session would leave unmet."""
        return tuple(
            need for need in self.needs if not met_in(Standing(need.kind, need.way), session.setting)
        )

    @property
    def pathway_words(self) -> str | None:
        return PATHWAY_LABELS[self.pathway] if self.pathway is not None else None

    @property
    def placeable(self) -> bool:
        return self.facts.status in PLACEABLE and self.call_at is None

    @property
    def by_call(self) -> bool:
        """Whether a call in the diary was decided on, and not a course."""
        return self.pathway in BY_CALL

    @property
    def nothing_further(self) -> bool:
        """Whether no more than advice was decided on, and nothing else is under way."""
        idle = self.place is None and self.turn is None and self.call_at is None
        return self.pathway == Pathway.ADVICE_ONLY and self.facts.status == Status.ASSESSED and idle

    @property
    def full(self) -> bool:
        """Whether the course decided on has no free place in any coming session."""
        return not any(session.free for session in self.recommended)


def course_page(referral_id: int, *, now: datetime) -> CoursePage:
    """The page of the case that serves a referral, in eight queries."""
    facts = referral_facts(referral_id, today=london_date(now))
    case_id = facts.case.id if facts.case is not None else 0
    place, call_at, course_id = _held(case_id, now=now)
    courses = courses_for(facts.person.date_of_birth, now=now)
    course = next((one for one in courses if one.id == course_id), courses[0] if courses else None)
    sessions = sessions_for(case_id, facts.person.date_of_birth, now=now)
    decided = course.id if course is not None else None
    pathway = facts.case.pathway if facts.case is not None else None
    return CoursePage(
        facts=facts,
        pathway=Pathway(pathway) if pathway is not None else None,
        place=place,
        turn=_turn(case_id),
        call_at=call_at,
        courses=courses,
        course=course,
        recommended=tuple(session for session in sessions if session.course_id == decided),
        others=tuple(session for session in sessions if session.course_id != decided),
        needs=need_lines(facts.person.id),
    )


def _held(case_id: int, *, now: datetime) -> tuple[HeldPlace | None, datetime | None, int | None]:
    """The place and the call that a case has coming, and the course decided on."""
    offered = sa.exists().where(Waiting.offered_place_id == Place.id, Waiting.left_at.is_(None))
    row = db.session.execute(
        sa.select(Place, CourseSession, Course.name, Appointment.starts_at, Case.course_id)
        .select_from(Case)
        .outerjoin(
            Place,
            sa.and_(
                Place.case_id == Case.id,
                Place.released_at.is_(None),
                Place.attendance.is_(None),
                sa.not_(offered),
            ),
        )
        .outerjoin(CourseSession, CourseSession.id == Place.session_id)
        .outerjoin(Course, Course.id == CourseSession.course_id)
        .outerjoin(Appointment, sa.and_(Appointment.case_id == Case.id, Appointment.state == "booked"))
        .where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        return None, None, None
    _, session, course, call_at, course_id = row
    place: Place | None = row[0]
    if place is None:
        return None, call_at, course_id
    begun = session.starts_at <= now
    setting = Setting(in_a_room=session.held_at is not None, by_telephone=session.dial_in is not None)
    held = HeldPlace(session.id, place.number, course, session.starts_at, session.minutes, begun, setting)
    return held, call_at, course_id


def _turn(case_id: int) -> Turn | None:
    ahead = aliased(Waiting)
    count = (
        sa.select(sa.func.count())
        .where(
            ahead.course_id == Waiting.course_id,
            ahead.left_at.is_(None),
            sa.tuple_(ahead.rank, ahead.joined_at, ahead.id) < sa.tuple_(*IN_TURN),
        )
        .correlate(Waiting)
        .scalar_subquery()
    )
    missed, missed_in = aliased(Place), aliased(CourseSession)
    row = db.session.execute(
        sa.select(Waiting, Course.name.label("course"), count.label("number"))
        .add_columns(CourseSession.starts_at.label("offered_at"), missed_in.starts_at.label("missed_at"))
        .join(Course, Course.id == Waiting.course_id)
        .outerjoin(Place, Place.id == Waiting.offered_place_id)
        .outerjoin(CourseSession, CourseSession.id == Place.session_id)
        .outerjoin(missed, missed.id == Waiting.after_place_id)
        .outerjoin(missed_in, missed_in.id == missed.session_id)
        .where(Waiting.case_id == case_id, Waiting.left_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    waiting: Waiting = row.Waiting
    return Turn(
        course_id=waiting.course_id,
        course=row.course,
        since=waiting.joined_at,
        ahead=row.number,
        offered_at=row.offered_at,
        offer_ends_at=waiting.offer_ends_at,
        missed_at=row.missed_at,
        because=AHEAD[Ahead(waiting.ahead_because)] if waiting.ahead_because else None,
        short_notice=waiting.short_notice_until,
    )
