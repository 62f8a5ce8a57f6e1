"""A call is handed over while a text about it is on its way: what fails later is sent once more all the same."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import Text
from provider.kernel.database import db, transaction
from provider.pathway import answering, booking, sending
from provider.pathway.sending import Ready
from tests.pathway.walking import Walk, checked


def claimed(walk: Walk) -> list[Ready]:
    with transaction():
        return list(
            sending.claim_due(limit=10, worker="w", public_url="http://localhost", now=walk.now).ready
        )


def test_its_retry_is_about_the_call_that_took_its_place(walk: Walk) -> None:
    call = walk.booked(walk.referred(person=checked()), nth=60)
    walk.clock.set((call.starts_at - timedelta(days=1)).replace(hour=10, minute=5))
    ready = claimed(walk)
    with transaction():
        for one in ready:
            sending.sent(one, Sent(f"SM{one.text_id:032}", "sent"), now=walk.now)
    colleague = next(
        walk.world.accounts[name]
        for name in ("drug_worker", "drug_worker_2")
        if walk.world.accounts[name] != call.worker_id
    )
    with transaction():
        new = booking.hand_over(call.id, worker_id=colleague, by=walk.lead, now=walk.now)
    with transaction():
        for one in ready:
            answering.text_status(
                one.public_id,
                attempt=1,
                provider_id=f"SM{one.text_id:032}",
                status="undelivered",
                code=30003,
                now=walk.now,
            )
    walk.clock.advance(hours=2, minutes=1)
    again = claimed(walk)
    assert {one.text_id for one in again} >= {one.text_id for one in ready}
    about = db.session.scalars(
        sa.select(Text.appointment_id).where(Text.id.in_([one.text_id for one in ready]))
    )
    assert set(about) == {new.id}
