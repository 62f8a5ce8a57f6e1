"""An endpoint gets a new signing secret, or is sent events again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.domain.forces.rotating import old_secret_until
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import subscribing
from provider.web.context import by, now, secret_box
from provider.web.force import access, door
from provider.web.force.webhook_forms import ConfirmForm, ReplayForm
from provider.web.guard import needs
from provider.web.words import count


@door.get("/webhooks/<public_id>/secret")
@needs(Permission.MANAGE_FORCE)
def ask_to_change_secret(public_id: str) -> ResponseReturnValue:
    endpoint = access.own_endpoint(public_id)
    until = old_secret_until(endpoint, now=now())
    return render_template("force/webhook/secret.html", endpoint=endpoint, both_sign_until=until)


@door.post("/webhooks/<public_id>/secret")
@needs(Permission.MANAGE_FORCE)
def change_secret(public_id: str) -> ResponseReturnValue:
    try:
        with transaction():
            endpoint = access.own_endpoint(public_id)
            made = subscribing.change_secret(endpoint, box=secret_box(), by=by(), now=now())
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for(".ask_to_change_secret", public_id=public_id))
    return render_template("force/webhook/made.html", made=made, changed=True)


@door.post("/webhooks/<public_id>/secret/end-old")
@needs(Permission.MANAGE_FORCE)
def end_old_secret(public_id: str) -> ResponseReturnValue:
    with transaction():
        subscribing.end_old_secret(access.own_endpoint(public_id), by=by(), now=now())
    flash("The old secret has ended. Notices are signed with the new one alone.")
    return redirect(url_for(".webhook", public_id=public_id))


@door.route("/webhooks/<public_id>/replay", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def ask_to_replay(public_id: str) -> ResponseReturnValue:
    """From where on; then a page says how many events that is, before any is sent."""
    endpoint, form = access.own_endpoint(public_id), ReplayForm(today=london_date(now()))
    if form.validate_on_submit():
        access.number_events()
        place = subscribing.place_of(form.chosen, endpoint=endpoint)
        if place is not None:
            events = subscribing.events_from(place, endpoint=endpoint)
            return render_template(
                "force/webhook/replay_confirm.html", endpoint=endpoint, place=place, events=events
            )
        form.no_such_event()
    elif request.method == "GET" and request.args.get("event"):
        form.start.data, form.event.data = "event", request.args["event"][:60]
    return render_template("force/webhook/replay.html", endpoint=endpoint, form=form)


@door.post("/webhooks/<public_id>/replay/now")
@needs(Permission.MANAGE_FORCE)
def replay_now(public_id: str) -> ResponseReturnValue:
    endpoint, form = access.own_endpoint(public_id), ConfirmForm()
    if not form.validate_on_submit():
        return redirect(url_for(".ask_to_replay", public_id=public_id))
    with transaction():
        endpoint = access.own_endpoint(public_id)
        place = min(form.place.data or 1, endpoint.delivered_through + 1)
        subscribing.replay(endpoint, place, by=by(), now=now())
        events = subscribing.events_from(place, endpoint=endpoint)
    flash(f"{count(events, 'event')} will be sent, the oldest first.", "info")
    return redirect(url_for(".webhook", public_id=public_id))
