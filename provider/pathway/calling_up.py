"""A place that is free within two hours of its session is told to a few who said they could come at short notice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession, Waiting
from provider.domain.courses.sessions import is_open
from provider.domain.courses.waiting import IN_TURN, able_to_come, asked_to_come, free_places
from provider.domain.messaging.timing import SOON
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import reminding
from provider.pathway.placing import fits, may_meet

A_FEW = 5
"""How many are asked for one place."""

TIME_TO_COME = timedelta(minutes=15)


def call_up(session: CourseSession, *, not_cases: Collection[int], by: Actor, now: datetime) -> int:
    """Text the next few on the list, each once for a session; answers how many. Nothing is kept for anybody.

    The session is kept open. Who is asked about one that is still to come is not asked about another.
    """
    if not (is_open(session, now) and TIME_TO_COME <= session.starts_at - now < SOON):
        return 0
    few = A_FEW * free_places([session.id])[session.id] - asked_to_come(session.id)
    called = 0
    for waiting in _next_few(session.course_id, max(few, 0), not_cases, now):
        case = db.session.get_one(Case, waiting.case_id)
        if not (fits(case, session) and may_meet(case, session.id, wait=False)):
            continue
        waiting.asked_session_id = session.id
        reminding.tell_at_once(
            "place_at_short_notice",
            case_id=case.id,
            once_key=f"waiting:{waiting.id}:session:{session.id}:{session.starts_at.isoformat()}",
            until=session.closes_at or session.starts_at,
            starts_at=session.starts_at,
            now=now,
        )
        record("turn.called_up", "case", case.id, by=by, now=now, person_id=case.person_id)
        called += 1
    db.session.flush()
    return called


def ask_no_more(session_id: int, *, now: datetime) -> None:
    """A yes to what was asked about a session counts for nothing any more: it is held at another time."""
    asked = sa.select(Waiting).where(Waiting.asked_session_id == session_id, Waiting.left_at.is_(None))
    for waiting in db.session.scalars(asked.order_by(Waiting.id)).all():
        waiting.asked_session_id = None
        reminding.forget_short_notice(waiting.case_id, now=now)
    db.session.flush()


def _next_few(course_id: int, few: int, not_cases: Collection[int], now: datetime) -> Sequence[Waiting]:
    """In their turn, with their cases locked; whose is being changed just now is passed over."""
    able = able_to_come(not_cases, now=now)
    found = db.session.scalars(
        sa.select(Waiting.id)
        .join(Case, Case.id == Waiting.case_id)
        .where(Waiting.course_id == course_id, *able)
        .order_by(*IN_TURN)
        .limit(few)
        .with_for_update(of=Case, skip_locked=True)
    ).all()
    still = sa.select(Waiting).where(Waiting.id.in_(found), *able).order_by(*IN_TURN)
    return db.session.scalars(still.execution_options(populate_existing=True)).all()
