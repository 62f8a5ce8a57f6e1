"""The sessions of the demo: places given, waited for and offered; registers marked and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo.calls import meet
from provider.commands.demo.journeys import Journey, Part, Steps
from provider.commands.demo.play import Scene, at_work
from provider.commands.demo.zoom import participant_report
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.facilitating import facilitators
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import coming_place
from provider.domain.courses.queries import on_the_register
from provider.domain.courses.sessions import coming_sessions
from provider.domain.courses.waiting import free_places, waiting_of
from provider.domain.needs.queries import needs_of
from provider.domain.needs.rules import NeedKind, Way
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import allocating, attending, meeting_needs, offering
from provider.pathway.reporting_in import import_report

_A = Attendance
_CAME = ((_A.ATTC, 90), (_A.LEAC, 4), (_A.LEFT, 3), (_A.ATSS, 2), (_A.AFTC, 1))
_STAYED_AWAY = ((_A.UAAB, 70), (_A.AAME, 14), (_A.AAEM, 12), (_A.AAFC, 4))
_HOW = {
    NeedKind.INTERPRETER: Way.INTERPRETER,
    NeedKind.HEARING: Way.INTERPRETER,
    NeedKind.OTHER: Way.ONE_TO_ONE,
    NeedKind.READING: Way.CALL,
    NeedKind.NO_PRIVATE_PLACE: Way.ROOM,
}
STILL_OPEN = timedelta(hours=54)
IN_A_GROUP = ("group_course", "young_people_course")


def allocate(this: Journey, now: datetime) -> Steps:
    """A place in one of the next sessions, or on the waiting list; a call instead where no course was chosen."""
    if this.case.pathway not in IN_A_GROUP:
        return (yield from meet(this, now))
    now = at_work(now + timedelta(hours=this.random.choice((0, 0, 3, 22))), this.random)
    yield now
    if this.status != Status.ASSESSED:
        return now
    _arrange(this, now)
    course_id = _course_of(this, now)
    sessions = list(coming_sessions(course_id, now=now + timedelta(days=1)))[:3]
    free = free_places(sessions)
    open_ones = [one for one in sessions if free.get(one)]
    if open_ones:
        allocating.give_place(this.case.id, this.random.choice(open_ones[:2]), by=this.worker, now=now)
    else:
        allocating.wait_for_place(this.case.id, course_id, by=this.worker, now=now)
    return now


def _arrange(this: Journey, now: datetime) -> None:
    """What they need is met before there is a place; for one in four nobody has come to it yet."""
    needs = [NeedKind(need.kind) for need in needs_of(this.case.person_id)]
    if needs and this.random.random() < 0.75:
        how = {kind: _HOW.get(kind, Way.DIAL_IN) for kind in needs}
        meeting_needs.say_needs(this.case, how, by=this.worker, now=now)


def _course_of(this: Journey, now: datetime) -> int:
    """The course that was chosen; somebody who turned 18 since goes among adults."""
    if this.age(now + timedelta(days=21)) < 18:
        return this.stage.courses["young-people"]
    chosen = this.case.course_id
    young = this.stage.courses["young-people"]
    return chosen if chosen is not None and chosen != young else this.stage.courses["awareness"]


def wait(this: Journey, now: datetime) -> Steps:
    """On the waiting list: an offer is taken, or let pass; else another day goes by."""
    now += timedelta(hours=this.random.randint(7, 16))
    yield now
    waiting = waiting_of(this.case.id)
    if waiting is not None and waiting.offered_place_id is not None and this.random.random() < 0.8:
        by = Actor("participant", this.case.id)
        try:
            offering.accept_offer(this.case.id, by=by, now=now)
        except offering.NoOffer:
            offering.end_offer(waiting.id, now=now)
    return now


def attend(this: Journey, now: datetime) -> Steps:
    """Whoever has a place waits for the session and for its register; now and then somebody gives the place back."""
    place = coming_place(this.case.id)
    if place is None:
        return (yield from meet(this, now))
    session = db.session.get_one(CourseSession, place.session_id)
    if this.random.random() < 0.05 and session.starts_at > now + timedelta(days=2):
        now += timedelta(hours=this.random.randint(4, 30))
        yield now
        allocating.give_back_place(this.case.id, because="asked", by=this.worker, now=now)
        return now
    now = max(now, session.starts_at + timedelta(minutes=session.minutes)) + timedelta(hours=26)
    yield now
    return now


def register(session_id: int, random: Random, parts: Mapping[int, Part], *, until: datetime) -> Scene:
    """A session is held, marked, and its register confirmed; of the last two days only Zoom's report is there, and of
    one in a room nothing yet.
    """
    session = db.session.get_one(CourseSession, session_id)
    minutes, by = session.minutes, Actor("account", facilitators(session_id)[0].account_id)
    now = session.starts_at + timedelta(minutes=minutes + random.randint(5, 50))
    yield now
    if session.state != "open":
        return
    places = db.session.scalars(
        sa.select(Place).where(on_the_register(session_id)).order_by(Place.number)
    ).all()
    if now > until - STILL_OPEN:
        if places and session.held_at is None:
            report = participant_report(places, random, starts_at=session.starts_at, minutes=minutes)
            import_report(session_id, report, by=by, now=now)
        return
    for place in places:
        code = _code(random, parts[place.case_id])
        attending.mark(place.id, code, minutes=_minutes(random, code, minutes), by=by, now=now)
    now += timedelta(hours=random.choice((0, 0, 18)))
    yield now
    attending.confirm_register(session_id, by=by, now=now)


def _code(random: Random, part: Part) -> Attendance:
    codes = _CAME if random.random() < part.comes else _STAYED_AWAY
    return random.choices([code for code, _ in codes], [often for _, often in codes])[0]


def _minutes(random: Random, code: Attendance, minutes: int) -> int | None:
    if not code.attended:
        return None
    short = code in (_A.LEFT, _A.LEAC)
    return random.randint(25, minutes // 2) if short else random.randint(minutes - 12, minutes)
