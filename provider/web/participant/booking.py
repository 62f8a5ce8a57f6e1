"""The call that comes next has no time yet, or not any more: one of the open ones is chosen."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.participant_times import times_to_book
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import opening
from provider.web.context import now
from provider.web.participant import participant
from provider.web.participant.access import by, draw, link, proved
from provider.web.participant.forms import TimeForm
from provider.web.participant.pages import asked_day, chosen_time
from provider.web.speech import speech


@participant.get("/book")
@proved
def times_to_choose() -> ResponseReturnValue:
    return _times(form=None)


@participant.post("/book")
@proved
def choose() -> ResponseReturnValue:
    starts_at = chosen_time()
    form = TimeForm()
    if starts_at is None:
        form.starts_at.errors = [str(speech().say("times.choose"))]
        return _times(form=form)
    try:
        with transaction():
            opening.choose(link().case_id, starts_at=starts_at, by=by(), now=now())
    except Refusal as refusal:
        form.form_errors = [speech().refusal(refusal)]
        return _times(form=form)
    return redirect(url_for("participant.home"), 303)


def _times(*, form: TimeForm | None) -> ResponseReturnValue:
    """What is coming instead, where there is nothing to choose any more: pressed twice, it is the time just taken."""
    page = times_to_book(link().case_id, asked_day(), now=now())
    if page is None:
        return redirect(url_for("participant.home"), 303)
    return draw("times", page=page, form=(form or TimeForm()).offer(page.times))
