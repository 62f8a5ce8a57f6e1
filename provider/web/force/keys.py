"""API keys: made and shown once, ended."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_pages
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway.commissioning import end_one_key, issue_key
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.forms import KeyForm
from provider.web.guard import needs


@door.route("/keys", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def keys() -> ResponseReturnValue:
    form = KeyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                key = issue_key(access.force_id(), name=form.name.data, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            return render_template("force/key_made.html", key=key, name=form.name.data)
    listed = force_pages.keys(access.force_id(), now=now())
    return render_template("force/keys.html", form=form, keys=listed)


@door.get("/keys/<int:key_id>/end")
@needs(Permission.MANAGE_FORCE)
def ask_to_end_key(key_id: int) -> ResponseReturnValue:
    return render_template("force/key_end.html", key=access.own_key(key_id))


@door.post("/keys/<int:key_id>/end")
@needs(Permission.MANAGE_FORCE)
def end_key(key_id: int) -> ResponseReturnValue:
    with transaction():
        key = access.own_key(key_id)
        end_one_key(key.id, force_id=access.force_id(), by=by(), now=now())
    flash("The key has ended. It no longer works.")
    return redirect(url_for(".keys"))
