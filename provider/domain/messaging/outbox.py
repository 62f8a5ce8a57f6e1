"""Plans texts, in the transaction of the thing they are about; a job words and sends them later."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from provider.domain.messaging.models import ParticipantSession, Text, TextLink
from provider.kernel.database import db, dialect_name, insert_or, require_transaction
from provider.kernel.rows import given, handed


@dataclass(frozen=True)
class Planned:
    """One text to be planned. ``once_key`` names it: what has that name is planned once, ever."""

    kind: str
    due_at: datetime
    expires_at: datetime
    once_key: str


@dataclass(frozen=True)
class Subject:
    """Whom texts are for, and about what."""

    case_id: int
    appointment_id: int | None = None
    place_id: int | None = None


def plan_texts(
    texts: Sequence[Planned], *, case_id: int, appointment_id: int | None = None, place_id: int | None = None
) -> int:
    """Plan texts about one thing, in one statement; answers how many were not planned already."""
    return plan_for_many([(Subject(case_id, appointment_id, place_id), texts)])


def plan_for_many(planned: Iterable[tuple[Subject, Sequence[Planned]]]) -> int:
    """Plan texts about many things, in one statement for them all; answers how many were not planned already."""
    rows = [
        {
            "public_id": "txt_" + secrets.token_hex(12),
            "case_id": about.case_id,
            "kind": text.kind,
            "appointment_id": about.appointment_id,
            "place_id": about.place_id,
            "once_key": text.once_key,
            "due_at": text.due_at,
            "expires_at": text.expires_at,
        }
        for about, texts in planned
        for text in texts
    ]
    if not rows:
        return 0
    require_transaction()
    return len(db.session.connection().execute(_plan(dialect_name()), handed(rows)).all())


@cache
def _plan(dialect: str) -> sa.Executable:
    """Made once: a text is planned with every booking, and this is most of what that costs."""
    names = ("public_id", "case_id", "kind", "appointment_id", "place_id", "once_key", "due_at", "expires_at")
    planned = given(Text, *names, dialect=dialect)
    return (
        insert_or(Text, dialect=dialect)
        .from_select([*names, "state", "tries"], planned.add_columns(sa.literal("planned"), sa.literal(0)))
        .on_conflict_do_nothing(index_elements=["once_key"])
        .returning(Text.id)
    )


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


_MAY_GO_OUT = ("planned", "claimed", "unknown", "sent")


def hand_on_texts(appointment_id: int, to_id: int) -> None:
    """What is planned about an appointment, or on its way and perhaps to be sent once more, is about another now."""
    db.session.execute(
        sa.update(Text)
        .where(Text.appointment_id == appointment_id, Text.state.in_(_MAY_GO_OUT))
        .values(appointment_id=to_id)
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
