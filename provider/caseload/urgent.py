"""Words of danger in replies that nobody has seen to yet, and to whom they are shown.

At once to whoever has the case and to team leads at work; to everybody who rings where the case is nobody's or none of
those is at work. Whatever nobody has acknowledged in its time is shown to every team lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import Who, known_by, who, who_columns
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import MAY, Permission
from provider.domain.contact.models import Task
from provider.domain.contact.tasks import CONCERNS
from provider.domain.diary.queries import at_work
from provider.domain.messaging.models import Reply
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date
from provider.kernel.database import db

LEADS = tuple(
    role.value for role, may in MAY.items() if {Permission.SPREAD_WORK, Permission.RECORD_CONTACT} <= may
)
MOST = 50


@dataclass(frozen=True)
class UrgentLine:
    """``late``: nobody has acknowledged it in its time. ``worker`` is who has the case.

    ``wrote``: it is about their reply; if not, about a colleague's safeguarding note.
    """

    task_id: int
    wrote: bool
    who: Who
    at: datetime
    late: bool
    worker: str | None


@dataclass(frozen=True)
class Urgent:
    """``unsorted`` counts words of danger from numbers that are no one person's."""

    lines: tuple[UrgentLine, ...]
    unsorted: int


def urgent(*, reader_id: int, reader_leads: bool, now: datetime) -> Urgent:
    """What this reader has to see to before anything else, in eight queries."""
    rows = db.session.execute(
        sa.select(Task.id, Task.kind, Task.created_at, Task.due_at, Case.assigned_to_id, Account.name)
        .add_columns(*who_columns(reader_id))
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .where(Task.done_at.is_(None), sa.or_(Task.kind == "danger", _is_late_note(now)))
        .order_by(Task.created_at, Task.id)
        .limit(MOST)
    ).all()
    here = _at_work(now) if rows else {}
    shown = [
        row for row in rows if _is_shown(row, here, reader_id=reader_id, reader_leads=reader_leads, now=now)
    ]
    return Urgent(tuple(_line(row, now=now) for row in shown), _unsorted())


def _is_late_note(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Task.kind == "safeguarding", Task.due_at <= now - CONCERNS["safeguarding"])


def _is_shown(row: Any, here: dict[int, str], *, reader_id: int, reader_leads: bool, now: datetime) -> bool:
    if row.assigned_to_id in (None, reader_id):
        return True
    if reader_leads and (reader_id in here or row.due_at <= now):
        return True
    leads_here = any(role in LEADS for role in here.values())
    return row.assigned_to_id not in here and not leads_here


def _at_work(now: datetime) -> dict[int, str]:
    """Who works at this moment by their hours, with their role."""
    rows = db.session.execute(
        sa.select(Account.id, Account.role).where(Account.active.is_(True), Account.id.in_(at_work(now)))
    )
    return {row.id: row.role for row in rows}


def _line(row: Any, *, now: datetime) -> UrgentLine:
    return UrgentLine(
        task_id=row.id,
        wrote=row.kind == "danger",
        who=who(row, today=london_date(now)),
        at=row.created_at,
        late=row.due_at <= now,
        worker=row.name,
    )


def _unsorted() -> int:
    waits = (Reply.waits_because.is_not(None), Reply.settled_at.is_(None), Reply.meaning == "danger")
    return db.session.scalar(sa.select(sa.func.count()).select_from(Reply).where(*waits)) or 0


def unread_replies(worker_id: int) -> int:
    """Replies in the worker's threads that nobody has read."""
    unread = (
        sa.select(sa.func.count())
        .select_from(Reply)
        .join(Case, Case.id == Reply.case_id)
        .where(Reply.read_at.is_(None), Case.assigned_to_id == worker_id, Case.closed_at.is_(None))
    )
    return db.session.scalar(unread) or 0
