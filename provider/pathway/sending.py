"""A text that is due is worded from what is true now, and taken for sending; then what the network said is recorded.

A job opens the transactions around these: between ``claim_due`` and the rest the text is sent with none open.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from provider.caseload.own_words import OwnWords, own_words, usable
from provider.caseload.text_facts import NumberNow, TextNow, text_now
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import NotSent, Sent
from provider.domain.messaging.kinds import before_confirmed, template_for
from provider.domain.messaging.links import kill_link_of, new_link
from provider.domain.messaging.models import Text
from provider.domain.messaging.pace import STEADY
from provider.domain.messaging.wording import render
from provider.kernel.calendar import next_polite
from provider.kernel.database import db
from provider.pathway import failing
from provider.pathway.steps import lock_case

log = logging.getLogger("provider.texts")

AFTER_A_FAULT = timedelta(minutes=30)


@dataclass(frozen=True)
class Ready:
    """A text on its way out. ``body`` holds the link's token, and is nowhere else.

    A worker that was held up does not begin after ``begin_by``: somebody else may have the text by then.
    """

    text_id: int
    case_id: int
    public_id: str
    claim: str
    to: str
    body: str
    valid_seconds: int
    attempt: int
    begin_by: datetime


@dataclass(frozen=True)
class Claimed:
    """``looked_at`` counts the texts that were due, those included that are not sent after all."""

    looked_at: int
    ready: tuple[Ready, ...]


@dataclass(frozen=True)
class _Batch:
    """What the texts claimed together have in common."""

    own: OwnWords
    worker: str
    lease: timedelta
    public_url: str


def claim_due(
    *, limit: int, worker: str, public_url: str, now: datetime, lease: timedelta = STEADY.lease
) -> Claimed:
    """Take due texts for sending, and drop those that no longer hold or have nowhere to go."""
    texts = dispatch.due_texts(limit=limit, now=now)
    batch = _Batch(own_words([text.case_id for text in texts]), worker, lease, public_url)
    prepared = [_prepare_apart(text, batch, now=now) for text in texts]
    return Claimed(len(texts), tuple(ready for ready in prepared if ready is not None))


def _prepare_apart(text: Text, batch: _Batch, *, now: datetime) -> Ready | None:
    """One that cannot be prepared, by a fault of ours, is left for later: it must not hold up the others."""
    try:
        with db.session.begin_nested():
            return _prepare(text, batch, now=now)
    except DBAPIError:
        raise
    except Exception as fault:  # noqa: BLE001
        log.error("a text cannot be prepared: %s", type(fault).__name__, extra={"text": text.public_id})
        dispatch.plan_again(text, due_at=now + AFTER_A_FAULT, because="cannot_be_prepared")
        return None


def _prepare(text: Text, batch: _Batch, *, now: datetime) -> Ready | None:
    true_now = text_now(text, now=now)
    if true_now.gone is not None:
        dispatch.drop(text, because=true_now.gone, now=now)
        return None
    nowhere = _nowhere(true_now.number) or ("too_late" if text.expires_at <= now else None)
    if nowhere is not None:
        dispatch.drop(text, because=nowhere, now=now)
        failing.ring_instead(text, now=now)
        return None
    polite = next_polite(now, any_hour=true_now.soon)
    if polite > now:
        dispatch.plan_again(text, due_at=polite, because="polite_hours")
        return None
    return _word(text, true_now, batch, now=now)


def _nowhere(number: NumberNow | None) -> str | None:
    """Why nothing can be sent to the number, or None. A doubtful one is texted only where it is known to be theirs."""
    if number is None or number.e164 is None:
        return "no_mobile"
    if number.state not in {"good", "suspect"} or (number.state == "suspect" and not number.confirmed):
        return f"number_{number.state}"
    return None if number.texts_wanted else "texts_not_wanted"


def _word(text: Text, true_now: TextNow, batch: _Batch, *, now: datetime) -> Ready | None:
    number = true_now.number
    assert number is not None
    assert number.e164 is not None
    kind = text.kind if number.confirmed else before_confirmed(text.kind)
    if kind is None:
        dispatch.drop(text, because="number_not_confirmed", now=now)
        return None
    token = new_link(text.case_id, number_id=number.id, text_id=text.id, now=now)
    link = f"{batch.public_url.rstrip('/')}/p/{token}"
    try:
        words = usable(batch.own, template_for(kind), scheme=true_now.scheme)
        facts = replace(true_now.facts, link=link)
        body = render(kind, facts, language=true_now.language, words=words).body
    except ValueError:
        # A template that asks for what is not there must not stand in the way of every other text.
        log.error("a text cannot be worded", extra={"kind": kind})
        kill_link_of(text.id, now=now)
        dispatch.drop(text, because="cannot_be_worded", now=now)
        failing.ring_instead(text, now=now)
        return None
    claim = dispatch.claim(
        text, body=body, link=link, number_id=number.id, worker=batch.worker, lease=batch.lease, now=now
    )
    seconds = int((text.expires_at - now).total_seconds())
    return Ready(
        text_id=text.id,
        case_id=text.case_id,
        public_id=text.public_id,
        claim=claim,
        to=number.e164,
        body=body,
        valid_seconds=max(seconds, 1),
        attempt=text.tries,
        begin_by=now + batch.lease / 2,
    )


def sent(ready: Ready, answer: Sent, *, now: datetime) -> None:
    """The network took the text. Changes nothing where a callback already said so."""
    text = dispatch.held(ready.text_id, claim=ready.claim)
    if text is not None:
        dispatch.record_sent(text, answer, known_by="answer", now=now)


def not_sent(ready: Ready, refusal: NotSent, *, now: datetime) -> None:
    """The network refused for sure: its link leads nowhere, and what the refusal says is acted on."""
    lock_case(ready.case_id)
    text = dispatch.held(ready.text_id, claim=ready.claim)
    if text is not None:
        kill_link_of(text.id, now=now)
        failing.did_not_arrive(text, code=refusal.code, temporary=refusal.temporary, now=now)


def unknown(ready: Ready, *, now: datetime) -> None:
    """The call broke off: the text may have gone out. It is not sent again before that is settled."""
    text = dispatch.held(ready.text_id, claim=ready.claim)
    if text is not None:
        dispatch.doubt(text, now=now)
