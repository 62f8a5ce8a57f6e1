"""What a monitor watches: how much waits, and where. Counts that name nobody, each by an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.alarms.kinds import KINDS
from provider.domain.alarms.models import Alarm
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.models import Task
from provider.domain.forces.models import Force, WebhookEndpoint
from provider.domain.messaging.inbox import to_act_on
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import Base, db
from provider.reporting.meeting_troubles import links_waiting
from provider.reporting.readiness import heartbeat_age
from provider.reporting.text_measures import TextMeasures, text_measures

RECENT = timedelta(days=1)
ON_THE_WAY = ("planned", "claimed", "unknown")
SETTLED = ("sent", "delivered", "failed", "dropped", "cancelled")


@dataclass(frozen=True)
class Measures:
    """Referrals that are on their way, in all; those that are over, of the last day. Texts: see ``TextMeasures``.

    ``jobs`` says when each job last did its work; ``alarms`` how many of a kind stand;
    ``links_waiting`` who has no link to join by yet, by how soon their session begins.
    """

    texts: TextMeasures
    referrals: Mapping[str, int]
    events_unnumbered: int
    notices_waiting: int
    tasks_waiting: int
    tasks_late: int
    callbacks_waiting: int
    heartbeat_age: timedelta | None
    jobs: Mapping[str, timedelta]
    alarms: Mapping[str, int]
    links_waiting: Mapping[str, int]


def measures(*, now: datetime) -> Measures:
    """Fifteen queries, however much there is."""
    waiting = sa.select(sa.func.count()).where(Task.done_at.is_(None))
    return Measures(
        texts=text_measures(now=now),
        referrals=_referrals(now),
        events_unnumbered=_count(sa.select(sa.func.count()).where(ComplianceEvent.sequence.is_(None))),
        notices_waiting=_count(_notices()),
        tasks_waiting=_count(waiting),
        tasks_late=_count(waiting.where(Task.due_at < now)),
        callbacks_waiting=_count(sa.select(sa.func.count()).where(*to_act_on())),
        heartbeat_age=heartbeat_age(now=now),
        jobs=_jobs(now),
        alarms=_alarms(),
        links_waiting=links_waiting(now),
    )


def _count(statement: sa.Select[int]) -> int:
    return db.session.scalar(statement) or 0


def _jobs(now: datetime) -> dict[str, timedelta]:
    runs = Base.metadata.tables["job_runs"]
    rows = db.session.execute(sa.select(runs).order_by(runs.c.job))
    return {row.job: max(now - row.succeeded_at, timedelta()) for row in rows}


def _alarms() -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Alarm.kind, sa.func.count()).where(Alarm.ended_at.is_(None)).group_by(Alarm.kind)
    )
    return dict.fromkeys(KINDS, 0) | {row[0]: row[1] for row in rows}


def _referrals(now: datetime) -> dict[str, int]:
    ended = (Status.COMPLETED, Status.NOT_ENGAGED, Status.NOT_REACHED, Status.WITHDRAWN, Status.DECLINED)
    of_late = sa.and_(Referral.status.in_(ended), Referral.received_at > now - RECENT)
    on_the_way = [status for status in Status if status not in ended]
    rows = db.session.execute(
        sa.select(Referral.status, sa.func.count())
        .where(sa.or_(Referral.status.in_(on_the_way), of_late))
        .group_by(Referral.status)
    )
    return dict.fromkeys((str(status) for status in Status), 0) | {row[0]: row[1] for row in rows}


def _notices() -> sa.Select[int]:
    """Events that a live endpoint has not taken yet: the feed is gap-free, so numbers say how many."""
    behind = Force.next_sequence - 1 - WebhookEndpoint.delivered_through
    return (
        sa.select(sa.func.coalesce(sa.func.sum(behind), 0))
        .select_from(WebhookEndpoint)
        .join(Force, Force.id == WebhookEndpoint.force_id)
        .where(WebhookEndpoint.removed_at.is_(None), WebhookEndpoint.state != "disabled")
    )
