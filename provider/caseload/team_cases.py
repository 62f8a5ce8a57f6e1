"""Cases as their team lead spreads them: with nobody, late, or with one worker; and work about them that is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import ALL, MOST, Who, Worklist, known_by, listed, who, who_columns
from provider.caseload.deadlines import STAGES, Due, unmet_dues
from provider.domain.accounts.models import Account
from provider.domain.contact.models import ContactAttempt, Task
from provider.domain.contact.tasks import KINDS
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN, Status
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import london_date
from provider.kernel.database import db

NOT_ASSESSED = frozenset({Status.ACCEPTED, Status.ASSESSMENT_BOOKED})


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
class LateStage:
    """Something promised by now that is still to be done: ``what`` in words."""

    who: Who
    what: str
    worker: str | None
    due: datetime


@dataclass(frozen=True)
class LateTask:
    who: Who
    what: str
    worker: str | None
    due_at: datetime


def nobodys(*, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """Cases that nobody has taken, first contact due first. Seven queries."""
    return _cases(Case.assigned_to_id.is_(None), reader_id=reader_id, now=now)


def late_first_contacts(*, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """Cases that somebody has, and nobody rang in the time that was promised. Seven queries."""
    late = sa.and_(Case.assigned_to_id.is_not(None), Case.first_contact_due < now, ~_rung())
    return _still_late(_cases(late, reader_id=reader_id, now=now))


def cases_of(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[CaseLine]:
    """The open cases of one worker, first contact due first. Seven queries."""
    return _cases(Case.assigned_to_id == worker_id, reader_id=reader_id, now=now)


def late_on_the_way(*, reader_id: int, now: datetime) -> Worklist[LateStage]:
    """Cases whose assessment, or what follows it, was promised by now and has not been. Seven queries."""
    late = sa.or_(
        sa.and_(Referral.status.in_(NOT_ASSESSED), Case.assessment_due < now),
        sa.and_(Referral.status.in_(OPEN - NOT_ASSESSED), Case.course_due < now),
    )
    rows = db.session.execute(
        sa.select(Case.id.label("case_id"), Account.name.label("worker"), ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Case)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .where(late, Case.closed_at.is_(None))
        .order_by(Case.assessment_due, Case.id)
        .limit(MOST)
    ).all()
    dues = unmet_dues([row.case_id for row in rows], now=now)
    lines = [line for row in rows if (line := _late_stage(row, dues.get(row.case_id, ()), now=now))]
    found = listed(rows, sorted(lines, key=lambda line: line.due))
    return replace(found, total=found.total - (len(rows) - len(lines)))


def _late_stage(row: Any, dues: Sequence[Due], *, now: datetime) -> LateStage | None:
    """None where the clock stood still for so long that it is not late after all."""
    late = next((due for due in dues if due.stage != "first_contact" and due.late), None)
    if late is None:
        return None
    return LateStage(who(row, today=london_date(now)), STAGES[late.stage], row.worker, late.at)


def _still_late(cases: Worklist[CaseLine]) -> Worklist[CaseLine]:
    lines = tuple(line for line in cases.lines if line.late)
    return Worklist(lines, cases.total - (len(cases.lines) - len(lines)))


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
    dues = unmet_dues([row.case_id for row in rows], now=now)
    return listed(rows, [_case(row, dues.get(row.case_id, ()), now=now) for row in rows])


def _case(row: Any, dues: Sequence[Due], *, now: datetime) -> CaseLine:
    due = next((due.at for due in dues if due.stage == "first_contact"), row.first_contact_due)
    return CaseLine(
        case_id=row.case_id,
        who=who(row, today=london_date(now)),
        scheme=row.scheme,
        worker=row.worker,
        due=due,
        late=due < now and not row.rung,
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
