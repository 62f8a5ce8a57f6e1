"""What sends a text: Twilio where it is set up, else the sandbox. A test hands in its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Sent:
    """The network took the text; ``provider_id`` is its name there."""

    provider_id: str
    status: str


@dataclass(frozen=True)
class Listed:
    """A text that the network says it holds."""

    provider_id: str
    body: str
    status: str
    created_at: datetime


class NotSent(Exception):
    """The network refused for sure: the text did not go out. ``code`` is Twilio's, ``temporary`` says to try later."""

    def __init__(self, code: int | None, *, temporary: bool) -> None:
        self.code = code
        self.temporary = temporary
        super().__init__(f"not sent: {code}")


class SendUnknown(Exception):
    """Nobody knows: the call broke off. The text is not sent again before that is settled."""


class TextGateway(Protocol):
    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int) -> Sent:
        """Hand one text to the network. Raises NotSent or SendUnknown."""

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        """Texts to one number since a moment, as the network lists them (which may lag). Raises SendUnknown."""
