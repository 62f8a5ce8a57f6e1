"""What is wrong with how texts go out and are answered, as the records show it at a moment.

Each question is asked by an index. Nothing here names a person: what a trouble is about is a code, a job, a sender of
ours, a wording or the number of a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.domain.contact.tasks import CONCERNS
from provider.domain.courses.facilitating import nobody_runs
from provider.domain.courses.models import CourseSession
from provider.domain.messaging.danger import ACKNOWLEDGED_WITHIN
from provider.domain.messaging.inbox import to_act_on
from provider.domain.messaging.models import Callback, Redaction, Reply, Text, TextSender
from provider.domain.messaging.receipts import FILTERED, NOT_LET_IN, SENDER_REFUSED
from provider.domain.messaging.worded import WordedAs
from provider.kernel.database import Base, UtcDateTime, db
from provider.reporting.meeting_troubles import meeting_troubles

LATE = timedelta(minutes=10)
RESTS = timedelta(minutes=1)
"""A sender that rests for less is one that was asked too much for a moment."""

A_DAY = timedelta(days=1)
AN_HOUR_MORE = timedelta(hours=1)
SILENCE = timedelta(minutes=30)
ENOUGH = 10
"""So many texts in a row that nobody heard of again are no chance."""


@dataclass(frozen=True)
class Trouble:
    """``kind`` is one of the alarms' (domain/alarms/kinds.py); ``last_at`` when it last showed."""

    kind: str
    last_at: datetime
    about: str = ""
    times: int = 1


def troubles(*, jobs: Mapping[str, timedelta], now: datetime) -> tuple[Trouble, ...]:
    """Everything that is wrong now. ``jobs`` says by name how long each may go without having done its work."""
    return (
        *_refusals(now),
        *_resting(now),
        *_late(now),
        *_stuck(jobs, now),
        *_silence(now),
        *_waiting(now),
        *_not_redacted(now),
        *(Trouble(kind, now, times=times) for kind, times in meeting_troubles(now)),
        *_nobody_runs(now),
        *_concerns(now),
    )


def _refusals(now: datetime) -> Iterator[Trouble]:
    """What Twilio refused within a day, by its code: words that were filtered by the words, while they are used.

    Of not being let in only what still waits for it tells: the rest went out since, or was given up.
    """
    at = sa.func.coalesce(Text.settled_at, sa.literal(now, UtcDateTime()), type_=UtcDateTime())
    waits = sa.and_(Text.error_code.in_(NOT_LET_IN), Text.state == "planned")
    lately = sa.and_(Text.error_code.in_((*SENDER_REFUSED, FILTERED)), Text.settled_at > now - A_DAY)
    rows = db.session.execute(
        sa.select(Text.error_code, Text.worded_as, sa.func.count(), sa.func.max(at))
        .where(Text.error_code.is_not(None), Text.due_at > now - 2 * A_DAY, sa.or_(waits, lately))
        .group_by(Text.error_code, Text.worded_as)
    ).all()
    for code, worded_as, times, last_at in rows:
        if code == FILTERED and worded_as and WordedAs.read(worded_as).still_used():
            yield Trouble("words_filtered", last_at, worded_as, times)
    for kind, codes in (("account_refused", NOT_LET_IN), ("sender_refused", SENDER_REFUSED)):
        for code in codes:
            found = [row for row in rows if row[0] == code]
            if found:
                yield Trouble(kind, max(row[3] for row in found), str(code), sum(row[2] for row in found))


def _resting(now: datetime) -> Iterator[Trouble]:
    for sender in db.session.scalars(
        sa.select(TextSender).where(TextSender.rests_since <= now - RESTS).order_by(TextSender.id)
    ):
        yield Trouble("sender_rests", now, sender.address, sender.rests)


def _late(now: datetime) -> Iterator[Trouble]:
    late = db.session.scalar(
        sa.select(sa.func.count()).where(Text.state == "planned", Text.due_at <= now - LATE)
    )
    if late:
        yield Trouble("texts_late", now, times=late)


def _stuck(jobs: Mapping[str, timedelta], now: datetime) -> Iterator[Trouble]:
    """Against the others: where all have stopped there is no worker, and one that begins anew has not done any yet."""
    runs = Base.metadata.tables["job_runs"]
    done = {row.job: row.succeeded_at for row in db.session.execute(sa.select(runs))}
    latest = max(done.values(), default=now)
    for job, succeeded_at in sorted(done.items()):
        if job in jobs and succeeded_at < latest - jobs[job]:
            yield Trouble("job_stuck", now, job)


def _silence(now: datetime) -> Iterator[Trouble]:
    """The last texts that went out half an hour ago or more: whether any of them was heard of again."""
    states = db.session.scalars(
        sa.select(Text.state)
        .where(Text.sent_at > now - A_DAY, Text.sent_at <= now - SILENCE)
        .order_by(Text.sent_at.desc())
        .limit(ENOUGH)
    ).all()
    if len(states) == ENOUGH and set(states) == {"sent"}:
        yield Trouble("no_receipts", now)


def _waiting(now: datetime) -> Iterator[Trouble]:
    waiting = db.session.scalar(
        sa.select(sa.func.count()).where(*to_act_on(), Callback.received_at <= now - LATE)
    )
    if waiting:
        yield Trouble("callbacks_wait", now, times=waiting)


def _not_redacted(now: datetime) -> Iterator[Trouble]:
    given_up, last_at = db.session.execute(
        sa.select(sa.func.count(), sa.func.max(Redaction.given_up_at)).where(
            Redaction.given_up_at > now - A_DAY
        )
    ).one()
    if last_at is not None:
        yield Trouble("not_redacted", last_at, times=given_up)


def _nobody_runs(now: datetime) -> Iterator[Trouble]:
    """Sessions within a day that nobody runs."""
    soon = sa.and_(CourseSession.starts_at > now, CourseSession.starts_at <= now + A_DAY)
    sessions = db.session.scalar(sa.select(sa.func.count()).where(nobody_runs(), soon))
    if sessions:
        yield Trouble("nobody_runs", now, times=sessions)


def _concerns(now: datetime) -> Iterator[Trouble]:
    """Each that nobody acknowledged in its time: of who sees to one, the next says nothing."""
    tasks = sa.select(Task.id, Task.kind, Task.due_at).where(
        Task.kind.in_(CONCERNS), Task.done_at.is_(None), Task.due_at <= now
    )
    replies = sa.select(Reply.id, Reply.received_at).where(
        Reply.waits_because.is_not(None), Reply.settled_at.is_(None), Reply.meaning == "danger"
    )
    since = {
        **{f"task {row.id}": row.due_at + CONCERNS[row.kind] for row in db.session.execute(tasks)},
        **{f"reply {row.id}": row.received_at + ACKNOWLEDGED_WITHIN for row in db.session.execute(replies)},
    }
    for about, late_at in since.items():
        if late_at <= now:
            yield Trouble("danger_waits", now, about)
        if late_at + AN_HOUR_MORE <= now:
            yield Trouble("danger_still_waits", now, about)
