"""Where Zoom has something else than it should: meetings and registrants to be made, changed or taken away.

A session wants a meeting of its own where it is in no room and nobody typed a link for it; a place wants a link of its
own in it. Nothing has to say so when a session is put on, moved or called off, or a place is given or freed: the rows
are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.meeting_hosts import Runners, changes_of_runners
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.meetings.errands import free
from provider.domain.meetings.gateways import Invitee, PlannedMeeting
from provider.domain.meetings.matching import ALIASES_AT
from provider.domain.meetings.models import Meeting, Registrant
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.messaging.names import safe_first_name
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.database import db

STILL_OF_USE = timedelta(hours=3)
"""How long after a session began a meeting and links are still made for it: its time and who comes late."""

WANTS_MEETING = sa.and_(
    CourseSession.state == "open", CourseSession.join_url == "", CourseSession.held_at.is_(None)
)


def is_wanted(session: CourseSession) -> bool:
    """Whether a session wants a meeting of its own, as ``WANTS_MEETING`` asks it of the database."""
    return session.state == "open" and not session.join_url and session.held_at is None


@dataclass(frozen=True)
class NameInZoom:
    """A first name and a letter: what the others in the session see too."""

    first_name: str
    letter: str


def name_in_zoom(person: Person, number: int) -> NameInZoom:
    """How somebody is called where others look on. Whose name cannot stand there, or nobody is to know, is a guest."""
    first = None if person.restricted else safe_first_name(person.given_name)
    initial = person.family_name[:1].upper()
    if first is None or not initial.isalpha():
        return NameInZoom(first or "Guest", chr(ord("A") + (number - 1) % 26))
    return NameInZoom(first, initial)


def topic_of(course: Course, *, service_name: str) -> str:
    """A course's neutral name, where nothing in it tells a bystander what it is about."""
    return service_name if forbidden_in(course.neutral_name) else course.neutral_name


def sessions_without(*, now: datetime, limit: int) -> Sequence[int]:
    """Ids of sessions that want a meeting and have no row for one, the soonest first."""
    found = (
        sa.select(CourseSession.id)
        .outerjoin(Meeting, Meeting.session_id == CourseSession.id)
        .where(CourseSession.starts_at > now - STILL_OF_USE, WANTS_MEETING, Meeting.id.is_(None))
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(limit)
    )
    return db.session.scalars(found).all()


def places_without(*, now: datetime, limit: int) -> Sequence[int]:
    """Ids of places that want a link in a meeting that is there, and have no row for one, the soonest first."""
    found = (
        sa.select(Place.id)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .join(Meeting, Meeting.session_id == CourseSession.id)
        .outerjoin(Registrant, Registrant.place_id == Place.id)
        .where(
            CourseSession.starts_at > now - STILL_OF_USE,
            WANTS_MEETING,
            Meeting.number.is_not(None),
            _taken(),
            Registrant.id.is_(None),
        )
        .order_by(CourseSession.starts_at, Place.id)
        .limit(limit)
    )
    return db.session.scalars(found).all()


def _taken() -> sa.ColumnElement[bool]:
    """Somebody holds the place; nobody is merely asked whether they want it."""
    offered = sa.select(Waiting.id).where(Waiting.offered_place_id == Place.id, Waiting.left_at.is_(None))
    return sa.and_(Place.released_at.is_(None), ~offered.exists())


def due_meetings(*, now: datetime) -> sa.Select[Meeting, CourseSession, Course]:
    """Meetings that are not as their session is, with it and its course, the soonest first."""
    others_run_it = sa.and_(
        Meeting.number.is_not(None), Meeting.told_runners.is_distinct_from(changes_of_runners())
    )
    moved = sa.or_(
        Meeting.told_starts_at.is_distinct_from(CourseSession.starts_at),
        Meeting.told_minutes.is_distinct_from(CourseSession.minutes),
    )
    not_begun = CourseSession.starts_at > now
    wrong = sa.or_(
        sa.and_(WANTS_MEETING, Meeting.number.is_(None)),
        sa.and_(WANTS_MEETING, moved, not_begun),
        sa.and_(WANTS_MEETING, others_run_it),
        sa.and_(
            sa.not_(WANTS_MEETING),
            sa.or_(Meeting.number.is_not(None), Meeting.asked_at.is_not(None)),
            not_begun,
        ),
    )
    return (
        sa.select(Meeting, CourseSession, Course)
        .join(CourseSession, CourseSession.id == Meeting.session_id)
        .join(Course, Course.id == CourseSession.course_id)
        .where(CourseSession.starts_at > now - STILL_OF_USE, free(Meeting, now=now), wrong)
        .order_by(CourseSession.starts_at, Meeting.id)
    )


def due_registrants(*, now: datetime) -> sa.Select[Registrant, Place, Meeting, Person]:
    """Registrants that are not as their place is, with it, its meeting and its holder, the soonest first."""
    elsewhere = sa.or_(Registrant.meeting_number.is_(None), Registrant.meeting_number != Meeting.number)
    there = sa.or_(sa.not_(elsewhere), Registrant.asked_at.is_not(None))
    wrong = sa.or_(
        sa.and_(_taken(), elsewhere),
        sa.and_(Place.released_at.is_not(None), Registrant.cancelled_at.is_(None), there),
    )
    return (
        sa.select(Registrant, Place, Meeting, Person)
        .join(Place, Place.id == Registrant.place_id)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .join(Meeting, Meeting.session_id == CourseSession.id)
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(
            CourseSession.starts_at > now - STILL_OF_USE,
            WANTS_MEETING,
            Meeting.number.is_not(None),
            free(Registrant, now=now),
            wrong,
        )
        .order_by(CourseSession.starts_at, Registrant.id)
    )


def planned(
    meeting: Meeting, session: CourseSession, course: Course, runners: Runners, *, service_name: str
) -> PlannedMeeting:
    """A session's meeting as Zoom is to have it: whoever runs the session may start it."""
    topic = topic_of(course, service_name=service_name)
    hosts = tuple(email for email in runners.emails if email != meeting.host)
    return PlannedMeeting(meeting.key, topic, session.starts_at, session.minutes, hosts)


def invitee(place: Place, person: Person) -> Invitee:
    """The holder of a place as Zoom is to know them."""
    name = name_in_zoom(person, place.number)
    return Invitee(f"{place.alias}{ALIASES_AT}", name.first_name, name.letter)
