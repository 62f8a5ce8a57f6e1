"""Texts that go nowhere: kept in a table and shown as on a phone, where Twilio is not set up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.gateways import Listed, Sent
from provider.domain.messaging.models import SandboxText
from provider.kernel.clock import Clock
from provider.kernel.database import Base


class Sandbox:
    """A ``TextGateway`` on connections of its own: it stands for a network, which knows nothing of our transactions."""

    sender = "sandbox"

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int, sender: str = "") -> Sent:
        sid = "SM" + secrets.token_hex(16)
        row = {"sid": sid, "to_e164": to, "body": body, "arrived_at": self._clock.now()}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_texts()), row)
        return Sent(sid, "delivered")

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        texts = _texts()
        found = (
            sa.select(texts).where(texts.c.to_e164 == to, texts.c.arrived_at >= since).order_by(texts.c.id)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(found).all()
        return [Listed(row.sid, row.body, "delivered", row.arrived_at) for row in rows]


def _texts() -> sa.Table:
    return Base.metadata.tables[SandboxText.__tablename__]
