"""Endpoints and events for tests of what is delivered, written straight into the tables; and the job that delivers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.secrets import SecretBox
from provider.domain.compliance import feed, turns
from provider.domain.compliance.delivery import Outcome, next_notices, note
from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.forces.endpoints import NewEndpoint, find_endpoint
from provider.domain.forces.models import WebhookEndpoint
from provider.jobs.notifying import send_notices
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import subscribing
from provider.pathway.subscribing import Subscribed
from tests.builders import World
from tests.cases import Known
from tests.fakes import A_TUESDAY


def box(world: World) -> SecretBox:
    found: SecretBox = world.app.extensions["secret_box"]
    return found


def add_endpoint(world: World, url: str, *, force: str = "midshire", now: datetime = A_TUESDAY) -> Subscribed:
    with world.app.app_context(), transaction():
        new = NewEndpoint(url=url)
        return subscribing.subscribe(world.forces[force], new, box=box(world), by=SYSTEM, now=now)


def endpoint_of(made: Subscribed, world: World, *, force: str = "midshire") -> WebhookEndpoint:
    """As it stands now. Needs an application context."""
    found = find_endpoint(made.public_id, force_id=world.forces[force])
    assert found is not None
    return found


def state_of(world: World, made: Subscribed, *, force: str = "midshire") -> str:
    with world.app.app_context():
        return endpoint_of(made, world, force=force).state


def publish(
    world: World, known: Known, count: int = 1, *, force: str = "midshire", now: datetime = A_TUESDAY
) -> list[str]:
    """So many events of one force; their ids in the order of the feed."""
    with world.app.app_context(), transaction():
        return [_publish(world, known, force, now) for _ in range(count)]


def _publish(world: World, known: Known, force: str, now: datetime) -> str:
    told = feed.Told(
        type="assessment.attended",
        reference=known.reference,
        force_reference=None,
        scheme="divert-adult",
        compliance={
            "level": "assessment",
            "outcome": "open",
            "may_reoffer": True,
            "bar_until": None,
            "rule": "divert-adult v1",
        },
    )
    return feed.publish(
        told, force_id=world.forces[force], referral_id=known.referral_id, occurred_at=now, now=now
    )


def deliver(world: World) -> None:
    """The job, once: everything that is due by now."""
    with world.app.app_context():
        send_notices(Shift(world.app))


def went(world: World, made: Subscribed, *outcomes: Outcome, force: str = "midshire", now: datetime) -> None:
    """Everything from the beginning was sent to an endpoint by now, and this is how it went, one after the other."""
    with world.app.app_context():
        with transaction():
            subscribing.replay(endpoint_of(made, world, force=force), 1, by=SYSTEM, now=now)
        with transaction():
            turn = turns.claim(now=now)
        for outcome in outcomes:
            assert turn is not None, "the turn is over before the last of them"
            with transaction():
                turn = note(turn, next_notices(turn, limit=1)[0], outcome, jitter=0, now=now)


def attempts(world: World) -> list[tuple[int | None, str | None]]:
    """Status and problem of every attempt, oldest first."""
    with world.app.app_context():
        rows = db.session.execute(
            sa.select(NoticeAttempt.status, NoticeAttempt.problem).order_by(NoticeAttempt.id)
        )
        return [(row.status, row.problem) for row in rows]


def ids_in_feed(world: World, *, force: str = "midshire") -> list[str]:
    with world.app.app_context():
        return list(
            db.session.scalars(
                sa.select(ComplianceEvent.public_id)
                .where(ComplianceEvent.force_id == world.forces[force], ComplianceEvent.sequence > 0)
                .order_by(ComplianceEvent.sequence)
            )
        )
