"""Plays ten weeks of the demo, from the first referral to the present."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo import calls, changes, mail, rooms
from provider.commands.demo.casting import Casting
from provider.commands.demo.journeys import Journey, Part, Steps, came_back, received, settled, withdrawn
from provider.commands.demo.play import Play, Scene, at_work
from provider.commands.demo.stage import Stage
from provider.domain.contact.models import Task
from provider.domain.contact.tasks import DONE_BY_HAND
from provider.domain.courses.models import CourseSession
from provider.domain.courses.places import coming_place
from provider.domain.people.models import Person, RestrictedReader
from provider.domain.referrals.status import OPEN, Status
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import allocating
from provider.pathway.acknowledging import acknowledge
from provider.pathway.scheduling import call_session_off

SEED = 20_261_124
_RESTRICTED = 3
_STEPS: dict[Status, Callable[[Journey, datetime], Steps]] = {
    Status.ACCEPTED: calls.ring,
    Status.ASSESSMENT_BOOKED: calls.speak,
    Status.ASSESSED: rooms.allocate,
    Status.WAITING: rooms.wait,
    Status.PLACED: rooms.attend,
}


def play_it_all(stage: Stage, sessions: list[int], *, public_url: str, now: datetime) -> list[Journey]:
    """Everybody and everything until ``now``."""
    random = Random(SEED)  # noqa: S311  # nosec B311 – the same demo each time, nothing secret
    play = Play(until=now)
    parts: dict[int, Part] = defaultdict(Part)
    journeys = list(Casting(stage, random, now=now).journeys())
    for journey in journeys:
        play.add(live(journey, parts, until=now))
    for session_id in sessions:
        play.add(rooms.register(session_id, random, parts, until=now))
    play.add(mail.mail(random, until=now, public_url=public_url))
    play.add(mail.offers(until=now, since=min(journey.received_at for journey in journeys)))
    play.add(_one_is_called_off(stage, sessions, now=now))
    play.add(changes.before_they_are_held(stage, sessions, now=now))
    play.add(
        _the_lead_looks_through(stage, until=now, since=min(journey.received_at for journey in journeys))
    )
    play.run()
    with transaction():
        changes.keep_two_apart(stage.actor("team_lead"), now=now)
        _nobody_missing(stage, journeys, now=now)
        changes.order_a_list(stage.actor("team_lead"), now=now)
        _restrict(stage, journeys)
    return journeys


def _one_is_called_off(stage: Stage, sessions: list[int], *, now: datetime) -> Scene:
    """A facilitator falls ill: a session of next week is called off yesterday."""
    yield now - timedelta(hours=20)
    week = (now + timedelta(days=4), now + timedelta(days=11))
    found = sa.select(CourseSession.id).where(
        CourseSession.id.in_(sessions), CourseSession.starts_at.between(*week)
    )
    session_id = db.session.scalars(found.order_by(CourseSession.starts_at)).first()
    if session_id is not None:
        call_session_off(session_id, by=stage.actor("team_lead"), now=now - timedelta(hours=20))


def live(this: Journey, parts: dict[int, Part], *, until: datetime) -> Scene:
    """One journey from the roadside to its end, or as far as the present lets it come."""
    now = this.received_at
    yield now
    received(this)
    if this.status == Status.HELD:
        now = at_work(now + timedelta(hours=this.random.randint(2, 30)), this.random)
        yield now
        settled(this, now=now)
    if this.status not in OPEN:
        return
    parts.setdefault(this.case.id, this.part)
    while now <= until and this.status in OPEN:
        now = yield from _a_step(this, now)
    if this.part.comes_back and this.status == Status.NOT_ENGAGED:
        now = yield from came_back(this, now)


def _a_step(this: Journey, now: datetime) -> Steps:
    """One step on, or another day where it cannot be done now, as happens."""
    status = this.status
    try:
        if this.part.withdrawn == status:
            return (yield from withdrawn(this, now))
        return (yield from _STEPS[status](this, now))
    except Refusal:
        now += timedelta(days=1)
        yield now
        return now


def _the_lead_looks_through(stage: Stage, *, until: datetime, since: datetime) -> Scene:
    """Every working day the team lead sees to what nobody else ends; what is of the last two days still waits."""
    now = since
    while now < until - timedelta(days=2):
        now = at_work(now + timedelta(hours=20), Random(now.day))  # noqa: S311  # nosec B311
        yield now
        waiting = (
            sa.select(Task.id).where(Task.done_at.is_(None), Task.kind.in_(DONE_BY_HAND)).order_by(Task.id)
        )
        for task_id in db.session.scalars(waiting).all():
            acknowledge(task_id, by=stage.actor("team_lead"), now=now)


def _nobody_missing(stage: Stage, journeys: list[Journey], *, now: datetime) -> None:
    """Whatever the day, somebody is without a place and somebody waits for one: else a place is given back for it."""
    placed = [one for one in journeys if one.referral_id is not None and one.status == Status.PLACED]
    in_a_group = iter([one for one in placed if coming_place(one.case.id) is not None])
    for status in (Status.ASSESSED, Status.WAITING):
        if sum(one.referral_id is not None and one.status == status for one in journeys) > 1:
            continue
        case, by = next(in_a_group).case, stage.actor("team_lead")
        allocating.give_back_place(case.id, because="asked", by=by, now=now)
        if status == Status.WAITING and case.course_id is not None:
            allocating.wait_for_place(case.id, case.course_id, by=by, now=now)


def _restrict(stage: Stage, journeys: list[Journey]) -> None:
    """A colleague's relative, say: their records are open to the team lead and one worker alone."""
    opened = [one for one in journeys if one.referral_id is not None and one.status in OPEN]
    for journey in opened[:: max(1, len(opened) // _RESTRICTED)][:_RESTRICTED]:
        person_id = journey.referral.person_id
        db.session.get_one(Person, person_id).restricted = True
        for key in ("team_lead", "worker_1"):
            db.session.merge(RestrictedReader(person_id=person_id, account_id=stage.accounts[key]))
