"""Cases as their team lead spreads them: with nobody, late, or with one worker; and work about them that is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import ALL, MOST, Who, Worklist, known_by, listed, who, who_columns
from provider.domain.accounts.models import Account
from provider.domain.contact.models import ContactAttempt, Task
from provider.domain.contact.tasks import KINDS
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class CaseLine:
    """A case to be given to somebody; ``due`` is when first contact is promised by."""

    case_id: int
    who: Who
    scheme: str
    worker: str | None
    due: datetime
    late: bool


@dataclass(frozen=True)
class LateTask:
    who: Who
    what: str
    worker: str | None
    due_at: datetime


def nobodys(*, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """Cases that nobody has taken, first contact due first. One query."""
    return _cases(Case.assigned_to_id.is_(None), reader_id=reader_id, now=now)


def late_first_contacts(*, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """Cases that somebody has, and nobody rang in the time that was promised. One query."""
    late = sa.and_(Case.assigned_to_id.is_not(None), Case.first_contact_due < now, ~_rung())
    return _cases(late, reader_id=reader_id, now=now)


def cases_of(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """The open cases of one worker, first contact due first. One query."""
    return _cases(Case.assigned_to_id == worker_id, reader_id=reader_id, now=now)


def _rung() -> sa.ColumnElement[bool]:
    return sa.exists().where(ContactAttempt.case_id == Case.id)


def _cases(which: sa.ColumnElement[bool], *, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    rows = db.session.execute(
        sa.select(Case.id.label("case_id"), Case.first_contact_due, Scheme.name.label("scheme"), ALL)
        .add_columns(Account.name.label("worker"), _rung().label("rung"), *who_columns(reader_id))
        .select_from(Case)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .where(which, Case.closed_at.is_(None))
        .order_by(Case.first_contact_due, Case.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_case(row, now=now) for row in rows])


def _case(row: Any, *, now: datetime) -> CaseLine:
    return CaseLine(
        case_id=row.case_id,
        who=who(row, today=london_date(now)),
        scheme=row.scheme,
        worker=row.worker,
        due=row.first_contact_due,
        late=row.first_contact_due < now and not row.rung,
    )


def late_tasks(*, reader_id: int, now: datetime) -> Worklist[LateTask]:
    """Waiting work whose time has passed, the longest late first. One query."""
    rows = db.session.execute(
        sa.select(Task.kind, Task.due_at, Account.name.label("worker"), ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .where(Task.done_at.is_(None), Task.due_at < now)
        .order_by(Task.due_at, Task.id)
        .limit(MOST)
    ).all()
    today = london_date(now)
    lines = [LateTask(who(row, today=today), KINDS[row.kind], row.worker, row.due_at) for row in rows]
    return listed(rows, lines)
