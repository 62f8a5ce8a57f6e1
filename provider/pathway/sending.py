"""A text that is due is worded from what is true now, and taken for sending; then what the network said is recorded.

A job opens the transactions around these: between ``claim_due`` and the rest the text is sent with none open.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from provider.caseload.number_facts import NumberNow
from provider.caseload.own_words import OwnWords, own_words, usable
from provider.caseload.text_facts import Read, TextNow, read_for, text_now
from provider.domain.alarms.standing import stopped_words
from provider.domain.messaging import dispatch
from provider.domain.messaging.apart import Others, texts_near, wait_until
from provider.domain.messaging.gateways import NotSent, Sent
from provider.domain.messaging.kinds import before_confirmed, in_a_room, quietly, template_for
from provider.domain.messaging.links import NewLink, keep_links, kill_link_of, new_link_token
from provider.domain.messaging.models import Text
from provider.domain.messaging.pace import STEADY
from provider.domain.messaging.worded import WordedAs
from provider.domain.messaging.wording import Words, render, words_for
from provider.domain.people.number_states import TEXTED
from provider.domain.people.reach import Says
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
    read: Read
    others: Others
    stopped: frozenset[str]
    worker: str
    lease: timedelta
    public_url: str


def claim_due(
    *,
    limit: int,
    worker: str,
    public_url: str,
    now: datetime,
    lease: timedelta = STEADY.lease,
    only: sa.ColumnElement[bool] | None = None,
) -> Claimed:
    """Take due texts for sending, and drop those that no longer hold or have nowhere to go. ``only``: one sender's.

    Everything is read and decided before anything is written, so that a batch is written in few statements.
    """
    texts = dispatch.due_texts(limit=limit, only=only, now=now)
    if not texts:
        return Claimed(0, ())
    own = own_words([text.case_id for text in texts])
    batch = _Batch(
        own, read_for(texts), texts_near(texts, now=now), stopped_words(), worker, lease, public_url
    )
    decided = [(text, _decide_apart(text, batch, now=now)) for text in texts]
    worded = []
    for text, decision in decided:
        if isinstance(decision, _Worded):
            worded.append((text, decision))
        elif isinstance(decision, _Later):
            dispatch.plan_again(text, due_at=decision.due_at, because=decision.because)
        else:
            _drop(text, decision, now=now)
    return Claimed(len(texts), _claim(worded, batch, now=now))


def drop_expired(*, limit: int, now: datetime) -> int:
    """Drop texts that it is too late for, whether or not their sender rests: the call in their place is wanted now.

    Answers how many there were.
    """
    texts = dispatch.due_texts(limit=limit, expired=True, now=now)
    read = read_for(texts)
    for text, gone in [(text, _gone_apart(text, read, now=now)) for text in texts]:
        _drop(text, _Drop(gone or "too_late", ring=gone is None), now=now)
    return len(texts)


def _gone_apart(text: Text, read: Read, *, now: datetime) -> str | None:
    try:
        return text_now(text, read=read, now=now).gone
    except DBAPIError:
        raise
    except Exception as fault:  # noqa: BLE001
        log.error("an old text cannot be read: %s", type(fault).__name__, extra={"text": text.public_id})
        return None


@dataclass(frozen=True)
class _Drop:
    because: str
    ring: bool = False


@dataclass(frozen=True)
class _Later:
    due_at: datetime
    because: str


@dataclass(frozen=True)
class _Worded:
    number_id: int
    to: str
    body: str
    worded_as: str
    token: str
    link: str


_Decision = _Drop | _Later | _Worded


def _decide_apart(text: Text, batch: _Batch, *, now: datetime) -> _Decision:
    """One that cannot be prepared, by a fault of ours, is left for later: it must not hold up the others."""
    try:
        return _decide(text, batch, now=now)
    except DBAPIError:
        raise
    except Exception as fault:  # noqa: BLE001
        log.error("a text cannot be prepared: %s", type(fault).__name__, extra={"text": text.public_id})
        return _Later(now + AFTER_A_FAULT, "cannot_be_prepared")


def _decide(text: Text, batch: _Batch, *, now: datetime) -> _Decision:
    """What becomes of a text that is due. Reads only."""
    true_now = text_now(text, read=batch.read, now=now)
    if true_now.gone is not None:
        return _Drop(true_now.gone)
    nowhere = _nowhere(true_now.number)
    if nowhere is not None:
        return _Drop(nowhere, ring=True)
    polite = next_polite(now, any_hour=true_now.soon)
    if polite > now:
        return _Later(polite, "polite_hours")
    apart = wait_until(text, batch.others, now=now)
    if apart is not None:
        return _Later(apart, "another_text") if apart < text.expires_at else _Drop("another_text")
    return _word(text, true_now, batch)


def _nowhere(number: NumberNow | None) -> str | None:
    """Why nothing can be sent to the number, or None. One in doubt is texted: that is how the doubt ends."""
    if number is None or number.e164 is None:
        return "no_mobile"
    if number.state not in TEXTED:
        return f"number_{number.state}"
    return None if number.texts_wanted else "texts_not_wanted"


def _said_there(kind: str, number: NumberNow) -> str | None:
    """The kind that goes to this number in place of ``kind``, which says no more than may be said there.

    Nobody is asked how it went on a phone that nothing may be said on.
    """
    if kind == "survey" and number.says is Says.NOTHING:
        return None
    if number.says is Says.CALLS:
        return before_confirmed(kind)
    return quietly(kind) if number.says is Says.NOTHING else kind


def _word(text: Text, true_now: TextNow, batch: _Batch) -> _Decision:
    number = true_now.number
    assert number is not None
    assert number.e164 is not None
    said = in_a_room(text.kind) if true_now.facts.where else text.kind
    kind = _said_there(said, number)
    if kind is None:
        return _Drop("number_not_confirmed")
    token = new_link_token()
    link = f"{batch.public_url.rstrip('/')}/p/{token}"
    try:
        words = usable(batch.own, template_for(kind), scheme=true_now.scheme)
        facts = replace(true_now.facts, link=link)
        body = render(kind, facts, language=true_now.language, words=words).body
        worded_as = _worded_as(template_for(kind), true_now, words)
    except ValueError:
        # A template that asks for what is not there must not stand in the way of every other text.
        log.error("a text cannot be worded", extra={"kind": kind})
        return _Drop("cannot_be_worded", ring=True)
    if worded_as in batch.stopped:
        return _Drop("words_filtered", ring=True)
    return _Worded(number.id, number.e164, body, worded_as, token, link)


def _worded_as(kind: str, true_now: TextNow, words: Words) -> str:
    """In whose words, and in which: what networks filter is known by it."""
    assert true_now.scheme is not None
    said, language = words_for(kind, language=true_now.language, words=words)
    return str(WordedAs.of(said, scheme_id=true_now.scheme.id, kind=kind, language=language))


def _drop(text: Text, decision: _Drop, *, now: datetime) -> None:
    dispatch.drop(text, because=decision.because, now=now)
    if decision.ring:
        failing.ring_instead(text, now=now)


def _claim(worded: Sequence[tuple[Text, _Worded]], batch: _Batch, *, now: datetime) -> tuple[Ready, ...]:
    """All of them in two statements: their links, and the texts themselves."""
    links = [
        NewLink(one.token, text.case_id, one.number_id, text.id, survey=text.kind == "survey")
        for text, one in worded
    ]
    keep_links(links, now=now)
    claims = [
        dispatch.Claim(text.id, one.number_id, one.body, one.link, one.worded_as) for text, one in worded
    ]
    names = dispatch.claim(claims, worker=batch.worker, lease=batch.lease, now=now)
    ready = tuple(
        Ready(
            text_id=text.id,
            case_id=text.case_id,
            public_id=text.public_id,
            claim=name,
            to=one.to,
            body=one.body,
            valid_seconds=max(int((text.expires_at - now).total_seconds()), 1),
            attempt=text.tries + 1,
            begin_by=now + batch.lease / 2,
        )
        for (text, one), name in zip(worded, names, strict=True)
    )
    for text, _ in worded:
        # What the session has of it is what it was before.
        db.session.expire(text)
    return ready


def give_back(ready: Ready, *, now: datetime) -> None:
    """A text that was taken and not begun is planned as it was: its worker stops, its sender rests, or it is late."""
    text = dispatch.held(ready.text_id, claim=ready.claim)
    if text is not None and text.state == "claimed":
        kill_link_of(text.id, now=now)
        dispatch.plan_again(text, due_at=text.due_at, because="given_back")
        text.tries -= 1


def sent(ready: Ready, answer: Sent, *, now: datetime) -> None:
    """The network took the text. Changes nothing where a callback already said so."""
    dispatch.record_answered(ready.text_id, answer, claim=ready.claim, now=now)


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
