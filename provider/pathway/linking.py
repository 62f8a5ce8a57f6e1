"""A worker's diary is put into their own calendar by a secret link: made, replaced, ended."""

from __future__ import annotations

from datetime import datetime

from provider.domain.accounts import calendar_links
from provider.domain.audit.trail import record
from provider.kernel.actors import Actor
from provider.kernel.database import take_turns


def make_link(worker_id: int, *, by: Actor, now: datetime) -> str:
    """A new link, in the place of the one that worked until now; answers its token, to be shown once."""
    take_turns(f"calendar link:{worker_id}")
    replaced = calendar_links.end_link(worker_id, now=now)
    token = calendar_links.add_link(worker_id, now=now)
    action = "calendar_link.replaced" if replaced else "calendar_link.made"
    record(action, "account", worker_id, by=by, now=now)
    return token


def end_link(worker_id: int, *, by: Actor, now: datetime) -> None:
    """Nobody reads the diary by the link any more; where there was none, nothing happens."""
    if calendar_links.end_link(worker_id, now=now):
        record("calendar_link.ended", "account", worker_id, by=by, now=now)
