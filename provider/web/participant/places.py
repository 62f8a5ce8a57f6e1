"""A place in a session: offered, come free at short notice, or given back."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.participant_page import participant_page
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import giving_back, offering, short_notice
from provider.web.addresses import a_number
from provider.web.context import now
from provider.web.participant import participant
from provider.web.participant.access import by, draw, link, proved
from provider.web.participant.forms import OfferForm
from provider.web.participant.pages import draw_home


@participant.post("/offer")
@proved
def answer_offer() -> ResponseReturnValue:
    form = OfferForm()
    if not form.validate_on_submit():
        abort(400)
    act = offering.accept_offer if form.answer.data == "yes" else offering.refuse_offer
    return _changed(lambda: act(link().case_id, place_id=_shown(), by=by(), now=now()))


@participant.post("/short-notice")
@proved
def say_short_notice() -> ResponseReturnValue:
    """They could come shortly before, or no longer."""
    form = OfferForm()
    if not form.validate_on_submit():
        abort(400)
    says = short_notice.can_come if form.answer.data == "yes" else short_notice.can_come_no_longer
    return _changed(lambda: says(link().case_id, by=by(), now=now()))


@participant.post("/come")
@proved
def come() -> ResponseReturnValue:
    """The place that came free goes to the first."""
    return _changed(lambda: short_notice.come(link().case_id, by=by(), now=now()))


@participant.get("/cannot-come")
@proved
def cannot_come() -> ResponseReturnValue:
    """What follows, before it is done."""
    page = participant_page(link().case_id, now=now())
    if page.session is None or not page.session.can_give_back:
        return redirect(url_for("participant.home"), 303)
    return draw("cannot_come", session=page.session)


@participant.post("/cannot-come")
@proved
def give_back() -> ResponseReturnValue:
    return _changed(lambda: giving_back.cannot_come(link().case_id, place_id=_shown(), by=by(), now=now()))


def _shown() -> int | None:
    """The place that the page pressed on was about: an old page says nothing of another."""
    return request.form.get("place", type=a_number)


def _changed(change: Callable[[], object]) -> ResponseReturnValue:
    try:
        with transaction():
            change()
    except Refusal as refusal:
        return draw_home(refusal=refusal)
    return redirect(url_for("participant.home"), 303)
