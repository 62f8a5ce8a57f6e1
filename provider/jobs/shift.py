"""What a job works with: the application, the worker it runs in, the time, and whether it should stop."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from flask import Flask

from config import Settings
from provider.domain.accounts.secrets import SecretBox
from provider.domain.meetings.gateways import MeetingGateway
from provider.domain.messaging.gateways import TextGateway
from provider.domain.messaging.pace import STEADY, Pace


@dataclass(frozen=True)
class Shift:
    """One worker at work. A job looks at ``over`` between two pieces of work, and leaves the rest for later.

    ``turns`` says how often each job is run; ``done`` when each last did its work here, until the next heartbeat.
    """

    app: Flask
    worker: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}:{os.getpid()}")
    stopping: threading.Event = field(default_factory=threading.Event)
    pace: Pace = STEADY
    turns: Mapping[str, timedelta] = field(default_factory=dict)
    done: dict[str, datetime] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.stopping.is_set()

    def now(self) -> datetime:
        return cast("datetime", self.app.extensions["clock"].now())

    @property
    def settings(self) -> Settings:
        return cast("Settings", self.app.extensions["settings"])

    @property
    def texts(self) -> TextGateway:
        return cast("TextGateway", self.app.extensions["text_gateway"])

    @property
    def meetings(self) -> MeetingGateway:
        return cast("MeetingGateway", self.app.extensions["meeting_gateway"])

    @property
    def secret_box(self) -> SecretBox:
        return cast("SecretBox", self.app.extensions["secret_box"])


@dataclass(frozen=True)
class Job:
    """Something a worker does by itself, ``every`` so often. ``also_paused``: in a restored copy too."""

    name: str
    every: timedelta
    do: Callable[[Shift], None]
    also_paused: bool = False
