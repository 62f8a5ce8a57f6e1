"""A text of which nobody knows whether it went out is looked for at the network, and only then sent again.

Where the network does not say either, a person is asked; until they or a callback say, it is not sent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks
from provider.domain.messaging import dispatch
from provider.domain.messaging.doubts import Verdict, decide
from provider.domain.messaging.gateways import Listed, Sent
from provider.domain.messaging.models import Text
from provider.domain.messaging.pace import Pace
from provider.domain.messaging.receipts import ARRIVED, FINAL
from provider.domain.people.models import PhoneNumber
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import failing
from provider.pathway.steps import lock_case

log = logging.getLogger("provider.texts")

CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much less Twilio's clock may say than ours."""

LOOKED_FOR = timedelta(days=1)
"""How long what a person was asked about is still looked for."""


class KnownByNow(Refusal):
    code = "known_by_now"
    sentence = "What became of this text is known by now: see what happened."


@dataclass(frozen=True)
class Doubted:
    """A text of which nobody knows whether it went out, to ``to``, where that is still known; not before ``since``."""

    text_id: int
    case_id: int
    claim: str
    to: str | None
    since: datetime


@dataclass(frozen=True)
class Looked:
    """What the network lists, asked for at ``at``; None where it did not say."""

    listed: Sequence[Listed] | None
    at: datetime


def doubted_texts() -> tuple[Doubted, ...]:
    """What is to be settled, the longest doubted first. Reads only."""
    return _doubted(dispatch.unknown_texts())


def shown_texts(*, now: datetime) -> tuple[Doubted, ...]:
    """What a person was asked about in the last day, which the network may have come to know. Reads only."""
    return _doubted(dispatch.shown_texts(since=now - LOOKED_FOR))


def _doubted(texts: sa.Select[Text]) -> tuple[Doubted, ...]:
    found = texts.outerjoin(PhoneNumber, PhoneNumber.id == Text.to_number_id)
    rows = db.session.execute(found.add_columns(PhoneNumber.e164)).all()
    return tuple(
        Doubted(
            text.id,
            text.case_id,
            text.claimed_by or "",
            e164,
            (text.claimed_at or text.lease_until) - CLOCKS_DIFFER,
        )
        for text, e164 in rows
    )


def settle(doubted: Doubted, looked: Looked, *, pace: Pace, now: datetime) -> None:
    """Act on what the network lists for the number of a doubted text.

    Found: it was sent. Not found although the list cannot lag any more: it was not, and is planned anew, to go where
    and if it still should. Neither for too long: a person is asked; what is then not found stays with them, because
    they may have rung instead.
    """
    lock_case(doubted.case_id)
    text = dispatch.held(doubted.text_id, claim=doubted.claim)
    if text is None or text.state != "unknown" or text.lease_until is None:
        return
    decision = decide(
        text.body_digest,
        listed=looked.listed,
        explained=dispatch.explained([one.provider_id for one in looked.listed or ()]),
        doubted_for=looked.at - text.lease_until,
        pace=pace,
    )
    if decision.verdict == Verdict.WENT_OUT:
        _found(text, decision.found, now=now)
    elif text.state_because == dispatch.SHOWN:
        return
    elif decision.verdict == Verdict.DID_NOT:
        dispatch.plan_again(text, due_at=now, because="was_not_sent")
    elif decision.verdict == Verdict.ASK:
        text.state_because = dispatch.SHOWN
        failing.ask_a_person(text, now=now)


def _found(text: Text, found: Sequence[Listed], *, now: datetime) -> None:
    if len(found) > 1:
        log.error("a text went out more than once", extra={"text": text.public_id, "times": len(found)})
    one = found[0]
    went_out(text, Sent(one.provider_id, one.status), known_by="list", now=now)
    if one.status in FINAL - ARRIVED:
        failing.did_not_arrive(text, code=one.error_code, temporary=False, now=now)


def went_out(text: Text, sent: Sent, *, known_by: dispatch.KnownBy, now: datetime) -> None:
    """The text is with the network, however that is known; nobody needs to ask any more. Its case is locked."""
    dispatch.record_sent(text, sent, known_by=known_by, now=now)
    if text.state == "delivered":
        failing.arrived(text)
    _no_longer_asked(text.case_id, by=SYSTEM, now=now)


def told(text_id: int, *, arrived: bool, by: Actor, now: datetime) -> None:
    """A person has found out whether a text arrived that they were asked about; where not, somebody rings instead.

    Raises KnownByNow where it was settled meanwhile.
    """
    case_id = db.session.get_one(Text, text_id).case_id
    lock_case(case_id)
    text = db.session.get_one(Text, text_id, with_for_update=True, populate_existing=True)
    if text.state != "unknown" or text.state_because != dispatch.SHOWN:
        raise KnownByNow
    text.known_by = "person"
    if arrived:
        dispatch.record_arrived(text, now=now)
    else:
        dispatch.record_failed(text, code=None, because="person_said", now=now)
        failing.ring_instead(text, now=now)
    record("text.told", "text", text.id, by=by, now=now, arrived=arrived)
    _no_longer_asked(case_id, by=by, now=now)


def _no_longer_asked(case_id: int, *, by: Actor, now: datetime) -> None:
    """The work is over once no text of the case is left to ask about."""
    if db.session.scalars(dispatch.asked_about(case_id).limit(1)).first() is None:
        finish_tasks(case_id, kinds=("text_unknown",), by=str(by), now=now)
