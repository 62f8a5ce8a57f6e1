"""``/calendar/<token>.ics``: what Outlook, Google and Apple read every hour or so."""

from __future__ import annotations

from flask import Response, request

from provider.caseload.own_calendar import own_calendar
from provider.web.calendar import calendar
from provider.web.calendar.access import link_works, whose
from provider.web.calendar.written import written
from provider.web.context import now, settings


@calendar.get("/<token>.ics")
@link_works
def feed(token: str) -> Response:  # noqa: ARG001
    """A browser that is shown it saves it under another name than the token's."""
    entries = own_calendar(whose(), now=now())
    secret = settings().secret_key.get_secret_value()
    answer = Response(
        written(entries, of=whose(), secret=secret), content_type="text/calendar; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'inline; filename="diary.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
