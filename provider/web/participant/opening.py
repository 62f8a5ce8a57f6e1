"""A link is looked at, which changes nothing; opened by a button; and answered with a day and month of birth."""

from __future__ import annotations

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.messaging import links
from provider.domain.messaging.links import Answer
from provider.kernel.database import transaction
from provider.pathway import opening
from provider.web.context import now
from provider.web.participant import participant
from provider.web.participant.access import draw, give_cookie, leads_somewhere, link, opened, take_cookie
from provider.web.participant.forms import BirthForm
from provider.web.speech import speech


@participant.get("/<token>")
@leads_somewhere
def look(token: str) -> ResponseReturnValue:  # noqa: ARG001
    return render_template("participant/look.html")


@participant.post("/<token>")
@leads_somewhere
def enter(token: str) -> ResponseReturnValue:  # noqa: ARG001
    with transaction():
        session = links.open_session(link().link_id, now=now())
    answer = make_response(redirect(url_for("participant.home"), 303))
    give_cookie(answer, session)
    return answer


@participant.post("/birth")
@opened
def prove() -> ResponseReturnValue:
    form = BirthForm()
    if not form.validate_on_submit():
        return ask(form)
    day, month = form.answer
    with transaction():
        came_to = opening.answer(link(), day=day, month=month, now=now())
    if came_to == Answer.RIGHT:
        return redirect(url_for("participant.home"), 303)
    if came_to == Answer.LOCKED:
        return draw("locked", survey=link().survey), 403
    form.form_errors = [str(speech().say("birth.not_right"))]
    return ask(form)


def ask(form: BirthForm) -> str:
    """The question, with what was typed."""
    return draw("birth", form=form, survey=link().survey)


@participant.post("/finish")
@opened
def finish() -> ResponseReturnValue:
    """Leave nothing open on a phone that others use."""
    session_id = link().session_id
    assert session_id is not None
    with transaction():
        links.end_session(session_id, now=now())
    answer = make_response(render_template("participant/finished.html"))
    take_cookie(answer)
    return answer
