"""Somebody is away, or wanted elsewhere: one screen on which their calls are spread."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.hours_page import worker_who_rang
from provider.caseload.spread_page import spread_page
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import standing_in
from provider.web.addresses import stamp
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.spread_forms import SpreadCallsForm, read_span, spread_form
from provider.web.words import count, london_short

desk.add_app_template_filter(stamp)


@desk.route("/diary/<int:worker_id>/spread", methods=["GET", "POST"])
@needs(Permission.SPREAD_WORK)
def spread(worker_id: int) -> ResponseReturnValue:
    """Each call by itself: one whose time was taken meanwhile stands, and is shown again with what is open by then."""
    worker = worker_who_rang(worker_id)
    span = read_span(request.args.get("from"), request.args.get("until"))
    page = spread_page(worker, span=span, reader_id=signed_in().account_id, now=now())
    form = spread_form(page)
    if form.validate_on_submit():
        _spread_calls(form)
        if page.away_until is not None:
            _ring_instead(worker_id, form)
        return redirect(request.full_path if span else request.path)
    return render_template("staff/hours/spread.html", page=page, form=form, now=now())


def _spread_calls(form: SpreadCallsForm) -> None:
    spread_over = 0
    for call, instead in form.chosen:
        try:
            with transaction():
                standing_in.spread_call(instead, by=by(), now=now())
        except Refusal as refusal:
            flash(f"{call.who.name}, {london_short(call.starts_at)}: {refusal.sentence}", "error")
        else:
            spread_over += 1
    if spread_over:
        flash(f"{count(spread_over, 'call')} spread. Whoever has another time is told by text.")


def _ring_instead(worker_id: int, form: SpreadCallsForm) -> None:
    stand_in = int(form.stand_in.data) if form.stand_in.data else None
    try:
        with transaction():
            standing_in.rings_instead(worker_id, stand_in, by=by(), now=now())
    except Refusal as refusal:
        flash(refusal.sentence, "error")
