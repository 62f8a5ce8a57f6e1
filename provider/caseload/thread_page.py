"""The conversation with one person: what went out and what came back, and whether an answer can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.thread_facts import Addressee, addressee
from provider.caseload.timeline import text_title
from provider.domain.accounts.models import Account
from provider.domain.messaging.kinds import TO_REPLIES
from provider.domain.messaging.models import Reply, Text
from provider.kernel.database import db

A_PAGE = 30
GONE_OUT = ("claimed", "sent", "delivered", "failed", "unknown", "dropped")
STATES = {
    "planned": "on its way",
    "claimed": "on its way",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "unknown": "not known",
    "dropped": "not sent",
}
ALARMS = frozenset({"failed", "unknown", "dropped"})


@dataclass(frozen=True)
class Said:
    """One text or reply. ``about``: what a text is for; ``by`` who wrote it; ``state`` what became of it."""

    at: datetime
    from_person: bool
    body: str
    about: str | None = None
    by: str | None = None
    state: str | None = None
    because: str | None = None
    alarm: bool = False
    unread: bool = False
    danger: bool = False


@dataclass(frozen=True)
class ThreadPage:
    """A stretch of the conversation, the oldest of it first; page 1 is the newest. ``unread`` counts all there are."""

    said: tuple[Said, ...]
    total: int
    page: int
    unread: int
    to: Addressee

    @property
    def older(self) -> int | None:
        return self.page + 1 if self.page * A_PAGE < self.total else None

    @property
    def newer(self) -> int | None:
        return self.page - 1 if self.page > 1 else None


def thread_page(case_id: int, *, page: int, now: datetime) -> ThreadPage:
    """One page of the conversation of a case, in ten queries however long it is."""
    whole = _whole(case_id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(whole)) or 0
    page = min(max(page, 1), max(1, -(-total // A_PAGE)))
    rows = db.session.execute(
        sa.select(whole)
        .order_by(whole.c.at.desc(), whole.c.reply.desc(), whole.c.id.desc())
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
    ).all()
    unread = sa.select(sa.func.count()).where(Reply.case_id == case_id, Reply.read_at.is_(None))
    return ThreadPage(
        said=tuple(reversed(_said(rows))),
        total=total,
        page=page,
        unread=db.session.scalar(unread) or 0,
        to=addressee(case_id, now=now),
    )


def _whole(case_id: int) -> sa.Subquery:
    """Everything said, by moment: texts that went out or are about to in answer to a reply, and replies."""
    moment = sa.func.coalesce(Text.sent_at, Text.settled_at, Text.due_at)
    answers = sa.and_(Text.kind.in_(TO_REPLIES), Text.state == "planned")
    texts = sa.select(Text.id, moment.label("at"), sa.literal(0).label("reply")).where(
        Text.case_id == case_id, sa.or_(Text.state.in_(GONE_OUT), answers)
    )
    replies = sa.select(Reply.id, Reply.received_at.label("at"), sa.literal(1).label("reply")).where(
        Reply.case_id == case_id
    )
    return sa.union_all(texts, replies).subquery()


def _said(rows: Any) -> list[Said]:
    texts = {
        row.Text.id: _text(row.Text, row.name)
        for row in db.session.execute(
            sa.select(Text, Account.name)
            .outerjoin(Account, Account.id == Text.written_by_id)
            .where(Text.id.in_([row.id for row in rows if not row.reply]))
        )
    }
    replies = {
        reply.id: _reply(reply)
        for reply in db.session.scalars(
            sa.select(Reply).where(Reply.id.in_([row.id for row in rows if row.reply]))
        )
    }
    return [(replies if row.reply else texts)[row.id] for row in rows]


def _text(text: Text, by: str | None) -> Said:
    return Said(
        at=text.sent_at or text.settled_at or text.due_at,
        from_person=False,
        body=text.body or text.words or "It was not worded yet.",
        about=None if text.written_by_id else text_title(text.kind),
        by=by,
        state=STATES.get(text.state, text.state),
        because=text.state_because if text.state in ALARMS else None,
        alarm=text.state in ALARMS,
    )


def _reply(reply: Reply) -> Said:
    return Said(
        at=reply.received_at,
        from_person=True,
        body=reply.body,
        unread=reply.read_at is None,
        danger=reply.meaning == "danger",
    )
