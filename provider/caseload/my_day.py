"""What one drug worker has to do today, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.cases import Worklist
from provider.caseload.in_line import InLineAgain, in_line_again
from provider.caseload.number_worklist import number_counts
from provider.caseload.registers_to_confirm import registers_to_confirm
from provider.caseload.reply_queue import how_many_wait
from provider.caseload.session_lines import SessionLine
from provider.caseload.tasks import MatchLine, TaskLine, matches_to_settle, waiting_tasks
from provider.caseload.urgent import Urgent, unread_replies, urgent
from provider.caseload.worklists import NewReferral, TodaysCall, ToRing, new_referrals, to_ring, todays_calls
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import MAY, Permission
from provider.domain.diary.absences import rung_for
from provider.kernel.database import db
from provider.kernel.errors import NotFound

CALLERS = tuple(role.value for role, may in MAY.items() if Permission.RECORD_CONTACT in may)


@dataclass(frozen=True)
class Worker:
    """Somebody who rings people and has a day of their own; ``left``: their account is closed."""

    id: int
    name: str
    left: bool = False


@dataclass(frozen=True)
class MyDay:
    """``worker`` is whose day it is; ``workers`` whose else there is. ``urgent`` is the reader's own.

    ``unread`` counts replies in the worker's threads, ``unsorted`` those that are no one person's yet;
    ``registers`` are those of whoever leads; ``in_place_of`` names for whom the worker stands in today.
    """

    worker: Worker
    workers: tuple[Worker, ...]
    urgent: Urgent
    unread: int
    unsorted: int
    new: Worklist[NewReferral]
    ring: Worklist[ToRing]
    calls: Worklist[TodaysCall]
    in_line: Worklist[InLineAgain]
    tasks: Worklist[TaskLine]
    matches: Worklist[MatchLine]
    numbers: int
    registers: tuple[SessionLine, ...]
    in_place_of: tuple[str, ...]

    @property
    def ring_now(self) -> tuple[ToRing, ...]:
        return tuple(line for line in self.ring.lines if line.due)

    @property
    def ring_later(self) -> tuple[ToRing, ...]:
        return tuple(line for line in self.ring.lines if not line.due)


def my_day(worker_id: int, *, reader_id: int, reader_leads: bool, now: datetime) -> MyDay:
    """The day of one worker as ``reader_id`` may see it, in nineteen queries. Raises NotFound for no such worker."""
    workers, in_place_of = _and_in_place_of(worker_id, now=now)
    worker = next((one for one in workers if one.id == worker_id), None)
    if worker is None:
        raise NotFound
    return MyDay(
        worker=worker,
        workers=workers,
        urgent=urgent(reader_id=reader_id, reader_leads=reader_leads, now=now),
        unread=unread_replies(worker_id),
        unsorted=how_many_wait(),
        new=new_referrals(reader_id=reader_id, now=now),
        ring=to_ring(worker_id, reader_id=reader_id, now=now),
        calls=todays_calls(worker_id, reader_id=reader_id, now=now),
        in_line=in_line_again(worker_id, reader_id=reader_id, now=now),
        tasks=waiting_tasks(worker_id, reader_id=reader_id, now=now),
        matches=matches_to_settle(reader_id=reader_id, now=now),
        numbers=sum(number_counts(worker_id).values()),
        registers=registers_to_confirm(reader_id=reader_id, now=now) if reader_leads else (),
        in_place_of=in_place_of,
    )


def everyone_who_rings() -> tuple[Worker, ...]:
    """Active accounts whose role makes calls, by name."""
    return tuple(Worker(row.id, row.name) for row in db.session.execute(_callers()))


def _and_in_place_of(worker_id: int, *, now: datetime) -> tuple[tuple[Worker, ...], tuple[str, ...]]:
    """Everyone who rings; and by name, in whose place the worker rings at the moment. One query."""
    away = Account.id.in_(rung_for(worker_id, now=now)).label("away")
    rows = db.session.execute(_callers().add_columns(away)).all()
    return tuple(Worker(row.id, row.name) for row in rows), tuple(row.name for row in rows if row.away)


def _callers() -> sa.Select[int, str]:
    return (
        sa.select(Account.id, Account.name)
        .where(Account.role.in_(CALLERS), Account.active.is_(True))
        .order_by(Account.name, Account.id)
    )
