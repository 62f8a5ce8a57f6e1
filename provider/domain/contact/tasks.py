"""Work that waits for a person: one of a kind for a case at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.kernel.database import db

KINDS: dict[str, str] = {
    "same_person": "Is this somebody we know?",
    "responsible_adult": "No responsible adult is recorded",
    "call_me": "Asked to be rung",
    "wrong_person": "Somebody says that the number is not theirs",
    "link_locked": "The link was locked after wrong answers",
    "number_suspect": "The number may not work: ask the force for another",
    "adult_number": "The adult’s number is not right: decide anew who gets the texts",
    "text_failed": "A text could not be sent: ring instead",
    "text_unknown": "Whether a text went out is not known",
    "danger": "A reply suggests danger: ring now",
    "reply": "A reply to read",
    "letter": "Wants no texts: write a letter",
    "letter_no_address": "Wants no texts: ask for an address to write to",
    "need": "Something keeps them from taking part as planned: say how it is met",
    "rebook": "Missed an appointment: offer a new time",
    "place": "Needs a place on a course",
    "ladder_done": "Every call has been tried: decide how it ends",
    "safeguarding": "A safeguarding note to acknowledge",
    "review_decided": "Ring and say what the review of the bar decided",
}
DONE_BY_HAND = frozenset(
    {
        "responsible_adult",
        "wrong_person",
        "text_failed",
        "reply",
        "danger",
        "letter",
        "letter_no_address",
        "safeguarding",
        "review_decided",
    }
)
"""Work that nothing but somebody's word ends; the rest is finished by what it asks for."""

CONCERNS = {"danger": timedelta(), "safeguarding": timedelta(minutes=15)}
"""Work that is about somebody at risk, and how long after it is due it may wait before others are told."""

NUMBER_TASKS = ("number_suspect", "wrong_person")
"""Work that waits while nobody knows where they can be reached: the contact clock stands still as long, and the force
is asked for another number."""

OUTLIVES_THE_CASE = frozenset({"safeguarding", "danger", "review_decided"})
"""Work that is not over because the case is."""


def raise_task(
    kind: str,
    *,
    due_at: datetime,
    now: datetime,
    case_id: int | None = None,
    referral_id: int | None = None,
    text_id: int | None = None,
) -> None:
    """Put work in front of somebody; while one of this kind waits for the case, a second is not added."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not a kind of task")
    same = [Task.kind == kind, Task.done_at.is_(None)]
    same.append(Task.case_id == case_id if case_id is not None else Task.referral_id == referral_id)
    if db.session.execute(sa.select(Task.id).where(*same)).first() is None:
        db.session.add(
            Task(
                kind=kind,
                case_id=case_id,
                referral_id=referral_id,
                text_id=text_id,
                created_at=now,
                due_at=due_at,
            )
        )
        db.session.flush()


def finish_tasks(
    case_id: int | None = None,
    *,
    by: str,
    now: datetime,
    kinds: Collection[str] | None = None,
    referral_id: int | None = None,
    raised_by: datetime | None = None,
) -> None:
    """Mark waiting work of a case or a referral as done: of these kinds, or all that ends with it; with ``raised_by``
    what waited already then.
    """
    about = Task.case_id == case_id if case_id is not None else Task.referral_id == referral_id
    which = [about, Task.done_at.is_(None)]
    which.append(Task.kind.in_(kinds) if kinds is not None else Task.kind.not_in(OUTLIVES_THE_CASE))
    if raised_by is not None:
        which.append(Task.created_at <= raised_by)
    db.session.execute(sa.update(Task).where(*which).values(done_at=now, done_by=by))
