"""Where people join a session online: meetings that Zoom is asked for, or one link that everybody is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from provider.domain.meetings.stays import Fact

ME = "me"
"""The user who holds a meeting where Zoom knows no better: the one our application belongs to."""


@dataclass(frozen=True)
class PlannedMeeting:
    """A meeting as Zoom is to have it. ``key`` is our name for it there; ``topic`` says nothing to a bystander.

    ``hosts`` are the users there who may start it beside who holds it.
    """

    key: str
    topic: str
    starts_at: datetime
    minutes: int
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class MadeMeeting:
    """A meeting that is there. ``dial_in`` is what to ring, and then key in, to be there by telephone, if it can be."""

    number: str
    dial_in: str | None


@dataclass(frozen=True)
class Invitee:
    """Somebody as Zoom is to know them: a first name, a letter, and an address at which nobody is reached."""

    email: str
    first_name: str
    letter: str


@dataclass(frozen=True)
class Registered:
    """What Zoom calls them, and the link that is theirs alone."""

    registrant: str
    join_url: str


@dataclass(frozen=True)
class Run:
    """One start of a meeting."""

    run: str
    started_at: datetime | None


class MeetingRefused(Exception):
    """Zoom said no, or was not reached: nothing was changed there.

    ``because``: too_many, not_let_in, no_connection, gone, no_such_user or refused. ``code`` is Zoom's own.
    ``wait_seconds`` is how long it asks us to wait.
    """

    def __init__(self, because: str, *, code: int | None = None, wait_seconds: float | None = None) -> None:
        self.because = because
        self.code = code
        self.wait_seconds = wait_seconds
        super().__init__(because)


class MeetingUnknown(Exception):
    """The call broke off: what was asked may have been done."""

    def __init__(self, because: str, *, wait_seconds: float | None = None) -> None:
        self.because = because
        self.wait_seconds = wait_seconds
        super().__init__(because)


@runtime_checkable
class Meetings(Protocol):
    """Makes meetings and gives everybody a link of their own. Each call raises MeetingRefused or MeetingUnknown.

    What is asked for twice would be there twice: after MeetingUnknown it is looked for before it is asked for again.
    """

    def make(self, planned: PlannedMeeting, *, host: str) -> MadeMeeting:
        """A new meeting."""

    def find(self, key: str, *, host: str) -> MadeMeeting | None:
        """The meeting that was made under our name for it."""

    def change(self, number: str, planned: PlannedMeeting) -> None:
        """Another time or length, or others who may start it."""

    def remove(self, number: str) -> None:
        """No such meeting any more."""

    def register(self, number: str, invitee: Invitee) -> Registered:
        """Somebody may join, by a link of their own."""

    def find_registered(self, number: str, email: str) -> Registered | None:
        """Whoever was registered under an address."""

    def unregister(self, number: str, registered: str, *, email: str) -> None:
        """Their link leads nowhere any more."""

    def runs(self, number: str) -> Sequence[Run]:
        """Every start of a meeting that is over."""

    def report(self, run: str) -> Sequence[Fact]:
        """Who was there during one of them."""


class PlainLink:
    """For teams without Zoom: a session has the link that somebody typed, and everybody is given that."""


MeetingGateway = Meetings | PlainLink
