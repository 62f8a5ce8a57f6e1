"""What is coming, and what can be done about it: another time, a call, or "this is not me". Places: ``places``."""

from __future__ import annotations

from datetime import date, datetime

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.participant_page import participant_page
from provider.caseload.participant_times import TimesPage, times_page
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import opening
from provider.web.addresses import a_day, a_moment
from provider.web.context import now
from provider.web.participant import participant
from provider.web.participant.access import (
    by,
    came_about_case,
    draw,
    link,
    may_act,
    opened,
    proved,
    take_cookie,
    who,
)
from provider.web.participant.forms import BirthForm, TimeForm
from provider.web.participant.opening import ask
from provider.web.speech import speech


@participant.get("/")
@opened
def home() -> ResponseReturnValue:
    if not who().confirmed:
        return draw("unconfirmed")
    if not link().proved:
        return ask(BirthForm())
    return redirect(url_for("participant.survey")) if link().survey else draw_home()


def draw_home(*, refusal: Refusal | None = None) -> str:
    """The page, with what was refused."""
    page = participant_page(link().case_id, now=now())
    return draw("home", page=page, refusal=refusal)


@participant.get("/move")
@proved
def times() -> ResponseReturnValue:
    return _times(asked_day(), form=None)


@participant.post("/move")
@proved
def move() -> ResponseReturnValue:
    starts_at = chosen_time()
    form = TimeForm()
    if starts_at is None:
        form.starts_at.errors = [str(speech().say("times.choose"))]
        return _times(asked_day(), form=form)
    try:
        with transaction():
            opening.move(link().case_id, starts_at=starts_at, by=by(), now=now())
    except Refusal as refusal:
        form.form_errors = [speech().refusal(refusal)]
        return _times(asked_day(), form=form)
    return redirect(url_for("participant.home"), 303)


def _times(day: date | None, *, form: TimeForm | None) -> ResponseReturnValue:
    page: TimesPage | None = times_page(link().case_id, day, now=now())
    if page is None or page.call is None or not page.call.can_move:
        return redirect(url_for("participant.home"), 303)
    return draw("times", page=page, form=(form or TimeForm()).offer(page.times))


def asked_day() -> date | None:
    return a_day(request.values.get("day"))


def chosen_time() -> datetime | None:
    """A start as our own page offers it; anything else is none."""
    return a_moment(request.form.get("starts_at"))


@participant.post("/call-me")
@may_act
def call_me() -> ResponseReturnValue:
    with transaction():
        opening.call_me(link().case_id, by=by(), now=now())
    return draw("will_ring")


@participant.post("/not-me")
@came_about_case
def not_me() -> ResponseReturnValue:
    """Whoever has the phone may say so: they are the one who cannot know the birthday."""
    with transaction():
        opening.not_this_person(link().case_id, link().number_id, by=by(), now=now())
    answer = make_response(render_template("participant/sorry.html"))
    take_cookie(answer)
    return answer
