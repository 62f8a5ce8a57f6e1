"""Texts that answer a reply: planned once each, to the number that wrote; and how often a machine may answer one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.messaging.kinds import TO_REPLIES
from provider.domain.messaging.languages import FALLBACK, TEMPLATES, read_toml
from provider.domain.messaging.models import Callback, Reply, Text
from provider.domain.messaging.outbox import plan_text
from provider.kernel.database import db

BY_ITSELF = tuple(kind for kind in TO_REPLIES if kind != "reply_from_desk")
NOT_AGAIN_FOR = {"reply_danger": timedelta(hours=1), "reply_out_of_hours": timedelta(hours=12)}
"""A conversation is answered once: a machine at the other end, answering ours, would go on for ever."""

A_DAY = timedelta(days=1)
MOST_A_DAY = 6
USEFUL_FOR = timedelta(hours=6)
WRITTEN_FOR = timedelta(days=1)
_A_PHONE = re.compile(r"\+[1-9][0-9]{9,14}")


def can_be_answered(e164: str) -> bool:
    """Whether a person can be behind a sender: never behind a short code or a name."""
    return _A_PHONE.fullmatch(e164) is not None


def answer_by_text(kind: str, reply: Reply, *, case_id: int, number_id: int, now: datetime) -> bool:
    """Plan a text that answers ``reply``; False where a machine has answered this case often enough."""
    if _said_lately(kind, case_id, now=now):
        return False
    return _plan(kind, reply, case_id=case_id, number_id=number_id, until=now + USEFUL_FOR, now=now)


def answer_in_words(
    words: str, reply: Reply | None, *, case_id: int, number_id: int, by_id: int, once: str, now: datetime
) -> bool:
    """Plan a text in a drug worker's own words; ``once`` names the form it came by, so that two presses are one."""
    key = f"desk:{case_id}:{once}"
    planned = plan_text(
        "reply_from_desk", case_id=case_id, due_at=now, expires_at=now + WRITTEN_FOR, once_key=key
    )
    if planned:
        _complete(key, reply, number_id=number_id, words=words, written_by_id=by_id)
    return planned


def _plan(kind: str, reply: Reply, *, case_id: int, number_id: int, until: datetime, now: datetime) -> bool:
    key = f"reply:{reply.id}:{kind}"
    planned = plan_text(kind, case_id=case_id, due_at=now, expires_at=until, once_key=key)
    if planned:
        _complete(key, reply, number_id=number_id)
    return planned


def _complete(key: str, reply: Reply | None, *, number_id: int, **more: object) -> None:
    values = {"answers_id": reply.id if reply is not None else None, "to_number_id": number_id, **more}
    db.session.execute(sa.update(Text).where(Text.once_key == key).values(values))


def _said_lately(kind: str, case_id: int, *, now: datetime) -> bool:
    since = sa.select(sa.func.count()).where(Text.case_id == case_id)
    if kind in NOT_AGAIN_FOR:
        return bool(
            db.session.scalar(since.where(Text.kind == kind, Text.due_at > now - NOT_AGAIN_FOR[kind]))
        )
    asked = since.where(Text.kind.in_(BY_ITSELF), Text.due_at > now - A_DAY)
    return (db.session.scalar(asked) or 0) >= MOST_A_DAY


def words_for_nobody(kind: str, *, language: str) -> str:
    """What is answered at once to a number that is no one person's: ``reply_danger`` or ``reply_out_of_hours``."""
    known = language if (TEMPLATES / language / "nobody.toml").is_file() else FALLBACK
    return str(read_toml(known, "nobody")[kind.removeprefix("reply_")])


def answered_lately(kind: str, sender: str, *, now: datetime) -> bool:
    """Whether this sender was answered so at once not long ago. The callback at hand has no answer yet."""
    found = sa.select(Callback.id).where(
        Callback.sender == sender, Callback.received_at > now - NOT_AGAIN_FOR[kind], Callback.answered == kind
    )
    return db.session.execute(found.limit(1)).first() is not None
