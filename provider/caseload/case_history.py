"""What was done for a case: calls, notes, texts and replies, appointments, places, and what still waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.case_bookings import (
    AppointmentLine,
    PlaceLine,
    SaidLine,
    appointments_of,
    places_of,
    said_of_calls,
)
from provider.domain.contact.models import ContactAttempt, Note, Task
from provider.domain.messaging.models import Reply, Text
from provider.kernel.database import db


@dataclass(frozen=True)
class Call:
    at: datetime
    by_id: int
    outcome: str
    call_back_at: datetime | None


@dataclass(frozen=True)
class NoteLine:
    """``kind``: ordinary, sensitive or safeguarding."""

    at: datetime
    by_id: int
    kind: str
    text: str


@dataclass(frozen=True)
class TextLine:
    """A text; ``body`` has ``[link]`` for its link, and is None until it has been worded."""

    kind: str
    state: str
    because: str | None
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    body: str | None


@dataclass(frozen=True)
class ReplyLine:
    received_at: datetime
    body: str


@dataclass(frozen=True)
class WaitingTask:
    id: int
    kind: str
    due_at: datetime


@dataclass(frozen=True)
class CaseHistory:
    """Each list oldest first."""

    calls: tuple[Call, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    texts: tuple[TextLine, ...] = ()
    replies: tuple[ReplyLine, ...] = ()
    appointments: tuple[AppointmentLine, ...] = ()
    said: tuple[SaidLine, ...] = ()
    places: tuple[PlaceLine, ...] = ()
    tasks: tuple[WaitingTask, ...] = ()

    @property
    def booked(self) -> AppointmentLine | None:
        """The one appointment that is in the diary."""
        return next((one for one in self.appointments if one.state == "booked"), None)

    @property
    def coming_place(self) -> PlaceLine | None:
        return next((one for one in self.places if one.released_at is None and one.attendance is None), None)

    @property
    def texts_to_come(self) -> tuple[TextLine, ...]:
        return tuple(text for text in self.texts if text.state in {"planned", "claimed"})

    @property
    def texts_cancelled(self) -> tuple[TextLine, ...]:
        return tuple(text for text in self.texts if text.state == "cancelled" and text.sent_at is None)


def case_history(case_id: int) -> CaseHistory:
    """Everything of one case, in eight queries."""
    return CaseHistory(
        calls=tuple(
            Call(*row) for row in _of(case_id, ContactAttempt, "at", "by_id", "outcome", "call_back_at")
        ),
        notes=tuple(NoteLine(*row) for row in _of(case_id, Note, "at", "by_id", "kind", "text")),
        texts=_texts(case_id),
        replies=tuple(ReplyLine(*row) for row in _of(case_id, Reply, "received_at", "body")),
        appointments=appointments_of(case_id),
        said=said_of_calls(case_id),
        places=places_of(case_id),
        tasks=_tasks(case_id),
    )


def _of(case_id: int, model: type[Any], *columns: str) -> Sequence[Any]:
    """Columns of a model's rows of a case, in the order of its first column."""
    chosen = [getattr(model, column) for column in columns]
    return db.session.execute(
        sa.select(*chosen).where(model.case_id == case_id).order_by(chosen[0], model.id)
    ).all()


def _texts(case_id: int) -> tuple[TextLine, ...]:
    rows = _of(case_id, Text, "due_at", "kind", "state", "state_because", "sent_at", "settled_at", "body")
    return tuple(
        TextLine(row.kind, row.state, row.state_because, row.due_at, row.sent_at, row.settled_at, row.body)
        for row in rows
    )


def _tasks(case_id: int) -> tuple[WaitingTask, ...]:
    rows = db.session.execute(
        sa.select(Task.id, Task.kind, Task.due_at)
        .where(Task.case_id == case_id, Task.done_at.is_(None))
        .order_by(Task.due_at, Task.id)
    )
    return tuple(WaitingTask(*row) for row in rows)
