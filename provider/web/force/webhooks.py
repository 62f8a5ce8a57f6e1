"""Where events are sent: added with a secret that is shown once, tested, removed."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_pages
from provider.domain.accounts.roles import Permission
from provider.domain.forces.endpoints import parse_endpoint
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway.subscribing import Subscribed, ask_for_test, subscribe, unsubscribe
from provider.web.context import by, now, secret_box, settings
from provider.web.force import access, door
from provider.web.force.forms import EndpointForm
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
            return render_template("force/webhook_made.html", made=made)
    listed = force_pages.endpoints(access.force_id())
    return render_template("force/webhooks.html", form=form, endpoints=listed)


def _subscribe(url: str) -> Subscribed:
    endpoint = parse_endpoint({"url": url}, public_only=settings().production)
    with transaction():
        return subscribe(access.force_id(), endpoint, box=secret_box(), by=by(), now=now())


@door.post("/webhooks/<public_id>/test")
@needs(Permission.MANAGE_FORCE)
def test_webhook(public_id: str) -> ResponseReturnValue:
    with transaction():
        ask_for_test(access.own_endpoint(public_id), by=by(), now=now())
    flash("A test notice is on its way. If it gets through, the state below reads Active.", "info")
    return redirect(url_for(".webhooks"))


@door.get("/webhooks/<public_id>/remove")
@needs(Permission.MANAGE_FORCE)
def ask_to_remove_webhook(public_id: str) -> ResponseReturnValue:
    return render_template("force/webhook_remove.html", url=access.own_endpoint(public_id).url)


@door.post("/webhooks/<public_id>/remove")
@needs(Permission.MANAGE_FORCE)
def remove_webhook(public_id: str) -> ResponseReturnValue:
    with transaction():
        unsubscribe(access.own_endpoint(public_id), by=by(), now=now())
    flash("Removed. Nothing more is sent there; the feed still has everything.")
    return redirect(url_for(".webhooks"))
