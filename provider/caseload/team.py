"""The team's work as its lead sees it: who has how much, what is late, where places are short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import Worklist
from provider.caseload.course_supply import CourseLine, course_supply
from provider.caseload.left_behind import CallsToSpread, calls_to_spread, sessions_nobody_runs
from provider.caseload.number_worklist import number_counts
from provider.caseload.registers_to_confirm import registers_to_confirm
from provider.caseload.session_lines import SessionLine
from provider.caseload.team_cases import (
    CaseLine,
    LateStage,
    LateTask,
    late_first_contacts,
    late_on_the_way,
    late_tasks,
    nobodys,
)
from provider.caseload.worklists import UnsettledCall, unsettled_calls
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.contact.models import Task
from provider.domain.referrals.models import Case
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class WorkerLine:
    """One worker's open cases. ``late`` calls were due on an earlier day; ``closed``: the account is."""

    id: int
    name: str
    closed: bool
    open_cases: int
    due_today: int
    late: int
    tasks_late: int


@dataclass(frozen=True)
class TeamPage:
    workers: tuple[WorkerLine, ...]
    unassigned: Worklist[CaseLine]
    late_first_contacts: Worklist[CaseLine]
    late_on_the_way: Worklist[LateStage]
    late_tasks: Worklist[LateTask]
    unsettled: Worklist[UnsettledCall]
    courses: tuple[CourseLine, ...]
    numbers: int
    registers: tuple[SessionLine, ...]
    to_spread: tuple[CallsToSpread, ...]
    nobody_runs: tuple[SessionLine, ...]


def team_page(*, reader_id: int, now: datetime) -> TeamPage:
    """A fixed number of queries, however large the team."""
    return TeamPage(
        workers=workload(now=now),
        unassigned=nobodys(reader_id=reader_id, now=now),
        late_first_contacts=late_first_contacts(reader_id=reader_id, now=now),
        late_on_the_way=late_on_the_way(reader_id=reader_id, now=now),
        late_tasks=late_tasks(reader_id=reader_id, now=now),
        unsettled=unsettled_calls(reader_id=reader_id, now=now),
        courses=course_supply(now=now),
        numbers=sum(number_counts(None).values()),
        registers=registers_to_confirm(reader_id=reader_id, now=now),
        to_spread=calls_to_spread(now=now),
        nobody_runs=sessions_nobody_runs(reader_id=reader_id, now=now),
    )


def workers_by_id() -> Mapping[int, str]:
    """Who can be given a case, by name. One query."""
    rows = db.session.execute(
        sa.select(Account.id, Account.name).where(Account.active, _rings()).order_by(Account.name, Account.id)
    )
    return {row.id: row.name for row in rows}


def _rings() -> sa.ColumnElement[bool]:
    return Account.role.in_([role for role in Role if may(role, Permission.RECORD_CONTACT)])


def workload(*, now: datetime) -> tuple[WorkerLine, ...]:
    """Everybody who rings people, and whoever else still has open cases, by name. One query."""
    today = at_london(london_date(now), time(0))
    tomorrow = at_london(london_date(now) + timedelta(days=1), time(0))
    due = sa.and_(Case.next_call_at >= today, Case.next_call_at < tomorrow)
    cases = (
        sa.select(
            Case.assigned_to_id.label("worker_id"),
            sa.func.count().label("open_cases"),
            sa.func.sum(sa.case((due, 1), else_=0)).label("due_today"),
            sa.func.sum(sa.case((Case.next_call_at < today, 1), else_=0)).label("late"),
        )
        .where(Case.closed_at.is_(None), Case.assigned_to_id.is_not(None))
        .group_by(Case.assigned_to_id)
        .subquery()
    )
    tasks = (
        sa.select(Case.assigned_to_id.label("worker_id"), sa.func.count().label("tasks_late"))
        .join(Task, Task.case_id == Case.id)
        .where(Task.done_at.is_(None), Task.due_at < now, Case.closed_at.is_(None))
        .group_by(Case.assigned_to_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Account.active, tasks.c.tasks_late)
        .add_columns(cases.c.open_cases, cases.c.due_today, cases.c.late)
        .outerjoin(cases, cases.c.worker_id == Account.id)
        .outerjoin(tasks, tasks.c.worker_id == Account.id)
        .where(sa.or_(sa.and_(Account.active, _rings()), cases.c.open_cases > 0))
        .order_by(Account.name, Account.id)
    )
    return tuple(_worker(row) for row in rows)


def _worker(row: Any) -> WorkerLine:
    return WorkerLine(
        id=row.id,
        name=row.name,
        closed=not row.active,
        open_cases=row.open_cases or 0,
        due_today=row.due_today or 0,
        late=row.late or 0,
        tasks_late=row.tasks_late or 0,
    )
