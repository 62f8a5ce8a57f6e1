"""What becomes of sessions before they are held: a colleague covers, one is moved, two people are kept apart,
a waiting list is put in another order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.commands.demo.play import Scene
from provider.commands.demo.stage import Stage
from provider.domain.courses.facilitating import facilitators
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.waiting import Ahead
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import queueing, short_notice
from provider.pathway.altering import take_off
from provider.pathway.parting import OTHER, part
from provider.pathway.shifting import move_session

AGO = timedelta(hours=18)
LATER = timedelta(minutes=30)


def before_they_are_held(stage: Stage, sessions: list[int], *, now: datetime) -> Scene:
    """Yesterday, of the sessions after next week's: half an hour later for one, another facilitator for the next."""
    then = now - AGO
    yield then
    coming = sa.select(CourseSession).where(
        CourseSession.id.in_(sessions),
        CourseSession.state == "open",
        CourseSession.starts_at > now + timedelta(days=11),
    )
    moved, covered = db.session.scalars(coming.order_by(CourseSession.starts_at).limit(2)).all()
    by = stage.actor("team_lead")
    move_session(moved.id, starts_at=moved.starts_at + LATER, by=by, now=then)
    take_off(
        covered.id,
        facilitators(covered.id)[0].account_id,
        cover_id=stage.accounts["team_lead"],
        because="Away at short notice",
        by=by,
        now=then,
    )


def order_a_list(by: Actor, *, now: datetime) -> None:
    """Of those who wait and are offered nothing yet, the last is put ahead; the first could come at short notice."""
    waiting = sa.select(Waiting).where(Waiting.left_at.is_(None), Waiting.offered_place_id.is_(None))
    turns = db.session.scalars(waiting.order_by(Waiting.joined_at, Waiting.id)).all()
    if turns:
        queueing.put_ahead(turns[-1].case_id, because=Ahead.DEADLINE, by=by, now=now)
        person_id = db.session.get_one(Case, turns[0].case_id).person_id
        short_notice.can_come(turns[0].case_id, by=Actor("participant", person_id), now=now)


def keep_two_apart(by: Actor, *, now: datetime) -> None:
    """Two who are placed in sessions to come and know each other: never in one from now on."""
    placed = (
        sa.select(Case.person_id)
        .join(Place, Place.case_id == Case.id)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .join(Person, Person.id == Case.person_id)
        .where(Place.released_at.is_(None), CourseSession.starts_at > now, Person.same_as_id.is_(None))
        .distinct()
        .order_by(Case.person_id)
        .limit(2)
    )
    one, other = db.session.scalars(placed).all()
    part(one, other, why="family", note="Cousins who fell out.", moves=OTHER, by=by, now=now)
