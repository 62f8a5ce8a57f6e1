"""Where events are sent: added with a secret that is shown once, listed, tested, removed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_webhooks
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.forces.endpoints import parse_endpoint
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway import subscribing
from provider.web.addresses import a_number
from provider.web.context import by, now, secret_box, settings
from provider.web.force import access, door
from provider.web.force.webhook_forms import EndpointForm
from provider.web.guard import needs


@door.route("/webhooks", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def webhooks() -> ResponseReturnValue:
    form = EndpointForm()
    if form.validate_on_submit():
        try:
            made = _subscribe(form.url.data)
        except Invalid as invalid:
            form.add_errors(invalid, {"/url": "url"})
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            return render_template("force/webhook/made.html", made=made, changed=False)
    listed = force_webhooks.endpoints(access.force_id(), now=now())
    return render_template("force/webhooks.html", form=form, endpoints=listed)


def _subscribe(url: str) -> subscribing.Subscribed:
    endpoint = parse_endpoint({"url": url}, public_only=settings().production)
    with transaction():
        return subscribing.subscribe(access.force_id(), endpoint, box=secret_box(), by=by(), now=now())


@door.get("/webhooks/<public_id>")
@needs(Permission.MANAGE_FORCE)
def webhook(public_id: str) -> ResponseReturnValue:
    """How one endpoint stands, and its log: ``before`` is where an older page of it begins."""
    found = access.own_endpoint(public_id)
    before = request.args.get("before", type=a_number)
    page = force_webhooks.endpoint_page(found.id, before=before, now=now())
    return render_template("force/webhook/endpoint.html", page=page, now=now())


@door.get("/webhooks/<public_id>/events/<event_id>")
@needs(Permission.MANAGE_FORCE)
def webhook_event(public_id: str, event_id: str) -> ResponseReturnValue:
    """One event as it is sent, and how often it was sent there."""
    endpoint, event = access.own_endpoint(public_id), access.own_event(event_id)
    with transaction():
        record("event.read", "referral", event.referral_id, by=by(), now=now())
    page = force_webhooks.event_page(event, endpoint_id=endpoint.id)
    return render_template("force/webhook/event.html", endpoint=endpoint, page=page)


@door.post("/webhooks/<public_id>/test")
@needs(Permission.MANAGE_FORCE)
def test_webhook(public_id: str) -> ResponseReturnValue:
    with transaction():
        subscribing.ask_for_test(access.own_endpoint(public_id), by=by(), now=now())
    flash("A test notice is on its way.", "info")
    return redirect(url_for(".webhook", public_id=public_id))


@door.post("/webhooks/<public_id>/try-again")
@needs(Permission.MANAGE_FORCE)
def try_webhook_again(public_id: str) -> ResponseReturnValue:
    with transaction():
        subscribing.try_again(access.own_endpoint(public_id), by=by(), now=now())
    flash("What waits is being sent, the oldest event first.", "info")
    return redirect(url_for(".webhook", public_id=public_id))


@door.get("/webhooks/<public_id>/remove")
@needs(Permission.MANAGE_FORCE)
def ask_to_remove_webhook(public_id: str) -> ResponseReturnValue:
    return render_template("force/webhook/remove.html", endpoint=access.own_endpoint(public_id))


@door.post("/webhooks/<public_id>/remove")
@needs(Permission.MANAGE_FORCE)
def remove_webhook(public_id: str) -> ResponseReturnValue:
    with transaction():
        subscribing.unsubscribe(access.own_endpoint(public_id), by=by(), now=now())
    flash("Removed. Nothing more is sent there; the feed still has everything.")
    return redirect(url_for(".webhooks"))
