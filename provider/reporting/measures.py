"""What a monitor watches: how much waits, and where. Counts that name nobody, each by an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.models import Task
from provider.domain.forces.models import Force, WebhookEndpoint
from provider.domain.messaging.inbox import to_act_on
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import db
from provider.reporting.readiness import heartbeat_age

RECENT = timedelta(days=1)
ON_THE_WAY = ("planned", "claimed", "unknown")
SETTLED = ("sent", "delivered", "failed", "dropped", "cancelled")


@dataclass(frozen=True)
class Measures:
    """Texts and referrals that are on their way, in all; those that are over, of the last day."""

    texts: Mapping[str, int]
    referrals: Mapping[str, int]
    events_unnumbered: int
    notices_waiting: int
    tasks_waiting: int
    tasks_late: int
    callbacks_waiting: int
    heartbeat_age: timedelta | None


def measures(*, now: datetime) -> Measures:
    """Eight queries, however much there is."""
    waiting = sa.select(sa.func.count()).where(Task.done_at.is_(None))
    return Measures(
        texts=_texts(now),
        referrals=_referrals(now),
        events_unnumbered=_count(sa.select(sa.func.count()).where(ComplianceEvent.sequence.is_(None))),
        notices_waiting=_count(_notices()),
        tasks_waiting=_count(waiting),
        tasks_late=_count(waiting.where(Task.due_at < now)),
        callbacks_waiting=_count(sa.select(sa.func.count()).where(*to_act_on())),
        heartbeat_age=heartbeat_age(now=now),
    )


def _count(statement: sa.Select[int]) -> int:
    return db.session.scalar(statement) or 0


def _texts(now: datetime) -> dict[str, int]:
    of_late = sa.and_(Text.state.in_(SETTLED), Text.due_at > now - RECENT, Text.due_at <= now)
    rows = db.session.execute(
        sa.select(Text.state, sa.func.count())
        .where(sa.or_(Text.state.in_(ON_THE_WAY), of_late))
        .group_by(Text.state)
    )
    return dict.fromkeys((*ON_THE_WAY, *SETTLED), 0) | {row[0]: row[1] for row in rows}


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
