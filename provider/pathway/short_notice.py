"""Somebody on a waiting list can come at short notice, or no longer; and takes a place that they were asked about."""

from __future__ import annotations

from datetime import datetime, timedelta

from provider.domain.audit.trail import record
from provider.domain.courses.models import Place
from provider.domain.courses.waiting import waiting_of
from provider.domain.messaging.timing import SOON
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.allocating import NotWaiting, give_place
from provider.pathway.offering import kept_open
from provider.pathway.steps import lock_case

HOLDS_FOR = timedelta(days=28)


class PlaceGone(Refusal):
    code = "place_gone_by_now"
    sentence = "That place has gone. You keep your turn, and we will let you know of the next."


def can_come(case_id: int, *, by: Actor, now: datetime) -> None:
    """For four weeks they are told of a place that comes free shortly before. Raises NotWaiting."""
    _says(case_id, until=now + HOLDS_FOR, by=by, now=now)


def can_come_no_longer(case_id: int, *, by: Actor, now: datetime) -> None:
    """Raises NotWaiting."""
    _says(case_id, until=None, by=by, now=now)


def _says(case_id: int, *, until: datetime | None, by: Actor, now: datetime) -> None:
    case = lock_case(case_id)
    waiting = waiting_of(case_id)
    if waiting is None:
        raise NotWaiting
    waiting.short_notice_until = until
    able = until is not None
    record("turn.short_notice", "case", case_id, by=by, now=now, person_id=case.person_id, able=able)


def come(case_id: int, *, by: Actor, now: datetime) -> Place:
    """Yes to the place they were asked about: the first to say so has it. Raises PlaceGone; then nothing changes."""
    waiting = waiting_of(case_id)
    if waiting is None or waiting.asked_session_id is None:
        raise PlaceGone
    session = kept_open(waiting.asked_session_id)
    if session is None or session.starts_at - now >= SOON:
        # Called off, or put off since they were asked: they heard of today.
        raise PlaceGone
    try:
        with db.session.begin_nested():
            return give_place(case_id, waiting.asked_session_id, by=by, now=now)
    except Refusal:
        # Whatever stands against it, they hear no more than that.
        raise PlaceGone from None
