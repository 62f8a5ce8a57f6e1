"""Stand-ins that a test hands to ``create_app``: a clock it can move, and the phones that texts arrive on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from provider.domain.messaging.gateways import Listed, Sent

A_TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


class MovableClock:
    def __init__(self, at: datetime = A_TUESDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at

    def set(self, at: datetime) -> datetime:
        self.at = at
        return self.at


@dataclass(frozen=True)
class Arrived:
    to: str
    body: str
    provider_id: str
    at: datetime

    @property
    def link(self) -> str | None:
        found = re.search(r"https?://\S*/p/[A-Za-z0-9_-]+", self.body)
        return found.group(0) if found else None


@dataclass
class Phones:
    """A gateway that delivers at once, and remembers what arrived where."""

    clock: MovableClock
    arrived: list[Arrived] = field(default_factory=list)
    sender: str = "sandbox"

    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int, sender: str = "") -> Sent:
        text = Arrived(to=to, body=body, provider_id=f"SM{len(self.arrived):032x}", at=self.clock.now())
        self.arrived.append(text)
        return Sent(text.provider_id, "queued")

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        return [
            Listed(text.provider_id, text.body, "delivered", text.at)
            for text in self.arrived
            if text.to == to and text.at >= since
        ]

    def on(self, number: str) -> list[Arrived]:
        return [text for text in self.arrived if text.to == number]
