"""A person says whose a reply is that no machine could tell: only then is it acted on, as that person's."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.messaging.models import Reply
from provider.domain.messaging.reading import read_replies
from provider.domain.messaging.replies import Said
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal
from provider.pathway import alerting, hearing
from provider.pathway.steps import lock_case

FOR_A_PERSON = frozenset({Said.NOT_THEIRS, Said.STOP})
"""What is said of the number itself: on one that several people have, it is not one person's to say."""


class SettledBefore(Refusal):
    code = "settled_before"
    sentence = "A colleague has just said whose this is. Take the next."


def is_of(reply_id: int, case_id: int, *, by: Actor, now: datetime) -> None:
    """It is this person's: it stands in their thread from now on, and is acted on as if it had come from them alone.

    Where the number is not the one they are reached on, nothing is done to theirs: a drug worker reads it. Raises
    SettledBefore.
    """
    case = lock_case(case_id)
    reply = _settle(reply_id, "person", by=by, now=now)
    reply.case_id = case.id
    record("reply.placed", "case", case.id, by=by, now=now, person_id=case.person_id)
    said = Said(reply.meaning)
    number = _their_number(case, reply)
    if case.closed_at is not None:
        read_replies(case.id, by=by, now=now, until=reply.id)
    elif number is not None and not (said in FOR_A_PERSON and reply.waits_because == "shared"):
        hearing.act(reply, said, case, number, now=now)
    elif said == Said.DANGER:
        alerting.raise_alarm(case, reply, number_id=None, now=now)
        hearing.to_be_read(reply, case, now=now)
    else:
        hearing.to_be_read(reply, case, now=now)


def is_nobodys(reply_id: int, *, unwanted: bool, by: Actor, now: datetime) -> None:
    """It is of nobody we know, or nothing that anybody meant for us. Raises SettledBefore."""
    reply = _settle(reply_id, "unwanted" if unwanted else "nobody", by=by, now=now)
    reply.read_at, reply.read_by = now, str(by)
    record("reply.put_aside", "reply", reply_id, by=by, now=now)


def _settle(reply_id: int, settled_as: str, *, by: Actor, now: datetime) -> Reply:
    reply = db.session.get(Reply, reply_id, with_for_update=True, populate_existing=True)
    if reply is None or reply.waits_because is None:
        raise NotFound
    if reply.settled_at is not None:
        raise SettledBefore
    reply.settled_at, reply.settled_by, reply.settled_as = now, str(by), settled_as
    return reply


def _their_number(case: Case, reply: Reply) -> PhoneNumber | None:
    """The number it came from, where it is kept as theirs."""
    found = sa.select(PhoneNumber).where(
        PhoneNumber.person_id == case.person_id,
        PhoneNumber.e164 == reply.from_e164,
        PhoneNumber.ended_at.is_(None),
    )
    return db.session.scalars(found.order_by(PhoneNumber.id).limit(1).with_for_update()).one_or_none()
