"""What sends a text: Twilio where it is set up, else the sandbox. A test hands in its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


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
    created_at: datetime | None
    error_code: int | None = None


class NotSent(Exception):
    """The network refused for sure: the text did not go out. ``code`` is Twilio's, ``temporary`` says to try later.

    ``because`` is what was the matter where it was not the text; ``wait_seconds`` is how long the network asks us to.
    """

    def __init__(
        self,
        code: int | None,
        *,
        temporary: bool,
        because: str = "refused",
        wait_seconds: float | None = None,
    ) -> None:
        self.code = code
        self.temporary = temporary
        self.because = because
        self.wait_seconds = wait_seconds
        super().__init__(f"not sent: {code}")


class SendUnknown(Exception):
    """Nobody knows: the call broke off. The text is not sent again before that is settled."""

    def __init__(self, because: str = "no_answer", *, wait_seconds: float | None = None) -> None:
        self.because = because
        self.wait_seconds = wait_seconds
        super().__init__(because)


class TextGateway(Protocol):
    sender: str
    """What texts go out by where a scheme has no sender of its own."""

    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int, sender: str = "") -> Sent:
        """Hand one text to the network, by ``sender`` or the usual one. Raises NotSent or SendUnknown."""

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        """Texts to one number since a moment, as the network lists them (which may lag). Raises SendUnknown."""


class NotRedacted(Exception):
    """The words of a message are still there, or may be: to be tried again."""


@runtime_checkable
class Redactor(Protocol):
    """A network that keeps what was said. The sandbox is none: it is where a demo's texts are read."""

    def redact(self, provider_id: str) -> None:
        """Take the words of a message from the network; one that is gone has none. Raises NotRedacted."""
