"""The compliance feed: every event once, in one order; and each by itself."""

from __future__ import annotations

import re

from flask import Response

from provider.domain.audit.trail import record
from provider.domain.compliance import feed
from provider.domain.compliance.wire import Event
from provider.kernel.database import transaction
from provider.kernel.errors import NotFound
from provider.web.api import answers
from provider.web.api.access import by, force_id
from provider.web.api.parameters import EventsQuery, invalid_parameter
from provider.web.api.replies import reply
from provider.web.context import now

_EVENT_ID = re.compile(r"evt_[0-9a-f]{24}", re.ASCII)


def list_events(asked: EventsQuery) -> Response:
    _number()
    with transaction():
        page = _page(asked)
        record("feed.read", "force", force_id(), by=by(), now=now(), next=page.next, events=len(page.events))
    return reply(answers.Events.model_validate(page))


def read_event(id: str) -> Response:  # noqa: A002
    _number()
    with transaction():
        event = feed.event(id, force_id=force_id()) if _EVENT_ID.fullmatch(id) else None
        if event is None:
            raise NotFound
        record("event.read", "event", event.id, by=by(), now=now())
    return reply(Event.model_validate(event))


def _number() -> None:
    """What is committed and has no number yet gets one before the page is cut, in a short transaction of its own."""
    if feed.has_unnumbered(force_id()):
        with transaction():
            feed.number(force_id())


def _page(asked: EventsQuery) -> feed.FeedPage:
    try:
        return feed.page(force_id(), after=asked.after, limit=asked.limit)
    except ValueError:
        raise invalid_parameter("after", "This is no cursor that this feed gave.") from None
