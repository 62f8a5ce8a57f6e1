"""Work that waits for a worker, with the step that each piece asks for; and the people somebody has to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import (
    ALL,
    MOST,
    Who,
    Worklist,
    known_by,
    listed,
    on_the_day_of,
    who,
    who_columns,
)
from provider.caseload.steps import Step, step_for_task
from provider.domain.contact.models import Task
from provider.domain.contact.tasks import KINDS
from provider.domain.forces.models import Force
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class TaskLine:
    who: Who
    what: str
    due_at: datetime
    late: bool
    step: Step


@dataclass(frozen=True)
class MatchLine:
    """A referral that may be about somebody known. ``held``: its force waits for the answer."""

    who: Who
    force: str
    received_at: datetime
    due_at: datetime
    late: bool
    held: bool
    candidates: int


def waiting_tasks(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[TaskLine]:
    """What waits about the worker's cases, and about cases that nobody has taken; the first due at the top.

    Whom to ring because they asked for it, and what is urgent, stand on lists of their own.
    """
    rows = db.session.execute(
        sa.select(Task.kind, Task.due_at, Referral.status, Case.pathway, ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(
            Task.done_at.is_(None),
            Task.kind != "danger",
            sa.or_(
                sa.and_(on_the_day_of(worker_id, now=now), Task.kind != "call_me"),
                Case.assigned_to_id.is_(None),
            ),
        )
        .order_by(Task.due_at, Task.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_task(row, now=now) for row in rows])


def _task(row: Any, *, now: datetime) -> TaskLine:
    return TaskLine(
        who=who(row, today=london_date(now)),
        what=KINDS[row.kind],
        due_at=row.due_at,
        late=row.due_at < now,
        step=step_for_task(row.kind, status=Status(row.status), pathway=row.pathway),
    )


def matches_to_settle(*, reader_id: int, now: datetime) -> Worklist[MatchLine]:
    """Referrals of which a drug worker has to say whether they are about somebody known; the first due at the top."""
    candidates = (
        sa.select(sa.func.count())
        .where(PossibleMatch.referral_id == Referral.id, PossibleMatch.settled_at.is_(None))
        .correlate(Referral)
        .scalar_subquery()
        .label("candidates")
    )
    rows = db.session.execute(
        sa.select(Task.due_at, Referral.received_at, Referral.status, Force.name, candidates, ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Task)
        .join(Referral, Referral.id == Task.referral_id)
        .join(Force, Force.id == Referral.force_id)
        .join(Person, Person.id == Referral.person_id)
        .where(Task.done_at.is_(None), Task.kind == "same_person")
        .order_by(Task.due_at, Task.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_match(row, now=now) for row in rows])


def _match(row: Any, *, now: datetime) -> MatchLine:
    return MatchLine(
        who=who(row, today=london_date(now)),
        force=row.name,
        received_at=row.received_at,
        due_at=row.due_at,
        late=row.due_at < now,
        held=row.status == Status.HELD,
        candidates=row.candidates,
    )
