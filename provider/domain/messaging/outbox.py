"""Plans texts, in the transaction of the thing they are about; a job words and sends them later."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.models import ParticipantSession, Text, TextLink
from provider.kernel.database import db, insert_or


@dataclass(frozen=True)
class Planned:
    """One text to be planned. ``once_key`` names it: what has that name is planned once, ever."""

    kind: str
    due_at: datetime
    expires_at: datetime
    once_key: str


def plan_texts(
    texts: Sequence[Planned], *, case_id: int, appointment_id: int | None = None, place_id: int | None = None
) -> int:
    """Plan texts about one thing, in one statement; answers how many were not planned already."""
    if not texts:
        return 0
    about = {"case_id": case_id, "appointment_id": appointment_id, "place_id": place_id}
    rows = [
        {
            "public_id": "txt_" + secrets.token_hex(12),
            "state": "planned",
            "tries": 0,
            "kind": text.kind,
            "due_at": text.due_at,
            "expires_at": text.expires_at,
            "once_key": text.once_key,
            **about,
        }
        for text in texts
    ]
    planned = (
        insert_or(Text).values(rows).on_conflict_do_nothing(index_elements=["once_key"]).returning(Text.id)
    )
    return len(db.session.execute(planned).all())


def plan_text(
    kind: str,
    *,
    case_id: int,
    due_at: datetime,
    expires_at: datetime,
    once_key: str,
    appointment_id: int | None = None,
    place_id: int | None = None,
) -> bool:
    """Plan one text; answers False where ``once_key`` says that it is planned already."""
    text = Planned(kind, due_at, expires_at, once_key)
    return plan_texts([text], case_id=case_id, appointment_id=appointment_id, place_id=place_id) == 1


def plan_anew(kind: str, *, case_id: int, due_at: datetime, expires_at: datetime, once_key: str) -> None:
    """Plan one text, or plan it for another time while it has not gone out, also where it was cancelled meanwhile.

    One that was cancelled because they had been spoken to is not wanted any more.
    """
    if plan_text(kind, case_id=case_id, due_at=due_at, expires_at=expires_at, once_key=once_key):
        return
    text = db.session.scalars(
        sa.select(Text).where(Text.once_key == once_key).execution_options(populate_existing=True)
    ).one()
    if text.tries == 0 and text.state in _NOT_GONE_OUT and text.state_because != "contacted":
        text.state, text.state_because, text.settled_at = "planned", None, None
        text.due_at, text.expires_at = due_at, expires_at


_NOT_GONE_OUT = frozenset({"planned", "cancelled", "dropped"})


def cancel_texts(
    *,
    because: str,
    now: datetime,
    case_id: int | None = None,
    appointment_id: int | None = None,
    place_id: int | None = None,
    kinds: Collection[str] | None = None,
) -> None:
    """Cancel what is still planned about a case, an appointment or a place. What is being sent is beyond recall.

    ``kinds``: these alone.
    """
    about = [
        column == value
        for column, value in (
            (Text.case_id, case_id),
            (Text.appointment_id, appointment_id),
            (Text.place_id, place_id),
        )
        if value is not None
    ]
    if not about:
        raise ValueError("cancel_texts needs to know about what")
    if kinds is not None:
        about.append(Text.kind.in_(sorted(kinds)))
    db.session.execute(
        sa.update(Text)
        .where(Text.state == "planned", *about)
        .values(state="cancelled", state_because=because, settled_at=now)
    )


def kill_links(*, now: datetime, case_id: int | None = None, number_id: int | None = None) -> None:
    """Make every link of a case or a number lead nowhere, and end the sessions that were opened by one."""
    dead = [
        column == value
        for column, value in ((TextLink.case_id, case_id), (TextLink.number_id, number_id))
        if value is not None
    ]
    if not dead:
        raise ValueError("kill_links needs to know of what")
    db.session.execute(
        sa.update(ParticipantSession)
        .where(
            ParticipantSession.ended_at.is_(None),
            ParticipantSession.link_id.in_(sa.select(TextLink.id).where(*dead)),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(sa.update(TextLink).where(TextLink.dead_at.is_(None), *dead).values(dead_at=now))
