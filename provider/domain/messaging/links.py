"""Participants' links: a locator in a text, and the session of a phone that opened one.

The token is in the text alone; here is its hash. Whether somebody may see anything is decided by what they answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import sqlalchemy as sa

from provider.domain.messaging.models import ParticipantSession, TextLink
from provider.kernel.database import Base, db, dialect_name, require_transaction
from provider.kernel.rows import given, handed
from provider.kernel.tokens import new_token, token_hash

SESSION_LENGTH = timedelta(minutes=30)
SURVEY_LIVES = timedelta(days=30)
WRONG_ANSWERS = 5
LINK_BYTES = 18
LINK_CHARACTERS = LINK_BYTES * 4 // 3
"""How long a token is as it stands in a text."""


@dataclass(frozen=True)
class OpenLink:
    """A link that leads somewhere, and, once a phone opened it, the session it did so by.

    ``survey``: it opens the survey and nothing else.
    """

    link_id: int
    case_id: int
    number_id: int | None
    survey: bool = False
    session_id: int | None = None
    proved: bool = False


class Answer(StrEnum):
    """What an answer came to. ``locked``: it was the last wrong one, or the link was locked before."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class NewLink:
    """A token that is to lead to a case; ``survey``: for 30 days, and to its survey alone."""

    token: str
    case_id: int
    number_id: int | None
    text_id: int | None
    survey: bool = False


def new_link(case_id: int, *, number_id: int | None, text_id: int | None, now: datetime) -> str:
    """A new link for a case and the number it goes to; answers its token, which is kept nowhere."""
    token = new_link_token()
    keep_links([NewLink(token, case_id, number_id, text_id)], now=now)
    return token


def new_link_token() -> str:
    """144 random bits."""
    return secrets.token_urlsafe(LINK_BYTES)


def keep_links(links: Sequence[NewLink], *, now: datetime) -> None:
    """Let tokens lead to their cases, in one statement."""
    if not links:
        return
    rows = [
        {
            "token_hash": token_hash(one.token),
            "text_id": one.text_id,
            "case_id": one.case_id,
            "number_id": one.number_id,
            "created_at": now,
            "survey_until": now + SURVEY_LIVES if one.survey else None,
        }
        for one in links
    ]
    require_transaction()
    db.session.connection().execute(_keep(dialect_name()), handed(rows))


@cache
def _keep(dialect: str) -> sa.Executable:
    names = ("token_hash", "text_id", "case_id", "number_id", "created_at", "survey_until")
    rows = given(TextLink, *names, dialect=dialect).add_columns(sa.literal(0))
    return sa.insert(Base.metadata.tables["text_links"]).from_select([*names, "wrong_answers"], rows)


def find_link(token: str, *, now: datetime) -> OpenLink | None:
    """Where a token leads; None for one that is unknown, dead or locked: nobody learns which."""
    row = db.session.execute(
        _links().where(TextLink.token_hash == token_hash(token), *_alive(now))
    ).one_or_none()
    return None if row is None else OpenLink(row.id, row.case_id, row.number_id, row.survey)


def kill_link_of(text_id: int, *, now: datetime) -> None:
    """Make the links of a text lead nowhere: the text did not go out."""
    db.session.execute(
        sa.update(TextLink).where(TextLink.text_id == text_id, TextLink.dead_at.is_(None)).values(dead_at=now)
    )


def open_session(link_id: int, *, now: datetime) -> str:
    """Let a phone in by a link; answers the token that its cookie keeps. Nothing is proved by that."""
    token = new_token()
    db.session.add(
        ParticipantSession(
            token_hash=token_hash(token), link_id=link_id, created_at=now, expires_at=now + SESSION_LENGTH
        )
    )
    return token


def find_session(token: str, *, now: datetime) -> OpenLink | None:
    """The link that a phone's session came by, while both are alive. Reads only."""
    row = db.session.execute(
        _links()
        .add_columns(ParticipantSession.id.label("session_id"), ParticipantSession.proved_at)
        .join(ParticipantSession, ParticipantSession.link_id == TextLink.id)
        .where(
            ParticipantSession.token_hash == token_hash(token),
            ParticipantSession.ended_at.is_(None),
            ParticipantSession.expires_at > now,
            *_alive(now),
        )
    ).one_or_none()
    if row is None:
        return None
    return OpenLink(row.id, row.case_id, row.number_id, row.survey, row.session_id, row.proved_at is not None)


def count_answer(link: OpenLink, *, right: bool, now: datetime) -> Answer:
    """Note an answer to the question that an opened link asks. Needs a transaction, which outlives a wrong answer.

    Every link of the case that is out is locked together, by the rows' order: however many phones answer at once,
    five wrong answers are five.
    """
    rows = db.session.scalars(
        sa.select(TextLink)
        .where(TextLink.case_id == link.case_id, *_alive(now))
        .order_by(TextLink.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    mine = next((row for row in rows if row.id == link.link_id), None)
    if mine is None:
        return Answer.LOCKED
    if right:
        mine.wrong_answers = 0
        db.session.get_one(ParticipantSession, link.session_id).proved_at = now
        return Answer.RIGHT
    mine.wrong_answers += 1
    if mine.wrong_answers < WRONG_ANSWERS:
        return Answer.WRONG
    _lock(rows, now=now)
    return Answer.LOCKED


def _lock(rows: Sequence[TextLink], *, now: datetime) -> None:
    """Whoever holds one of them has the phone that holds the others: all are locked, and nobody stays inside."""
    for row in rows:
        row.locked_at = now
    db.session.execute(
        sa.update(ParticipantSession)
        .where(
            ParticipantSession.ended_at.is_(None), ParticipantSession.link_id.in_([row.id for row in rows])
        )
        .values(ended_at=now)
    )


def end_session(session_id: int, *, now: datetime) -> None:
    db.session.execute(
        sa.update(ParticipantSession).where(ParticipantSession.id == session_id).values(ended_at=now)
    )


def _links() -> sa.Select[int, int, int | None, bool]:
    survey = TextLink.survey_until.is_not(None).label("survey")
    return sa.select(TextLink.id, TextLink.case_id, TextLink.number_id, survey)


def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Not dead, not locked; and, whatever was forgotten, of an open case and a number that is still theirs.

    A survey's link lives its time, and the case it asks about is closed.
    """
    cases, numbers = Base.metadata.tables["cases"], Base.metadata.tables["phone_numbers"]
    closed = sa.exists().where(cases.c.id == TextLink.case_id, cases.c.closed_at.is_not(None))
    ended = sa.exists().where(numbers.c.id == TextLink.number_id, numbers.c.ended_at.is_not(None))
    in_time = sa.or_(TextLink.survey_until > now, sa.and_(TextLink.survey_until.is_(None), ~closed))
    return (TextLink.dead_at.is_(None), TextLink.locked_at.is_(None), in_time, ~ended)
