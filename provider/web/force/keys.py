"""API keys: made and shown once, replaced by another while they work on, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_pages
from provider.domain.accounts.roles import Permission
from provider.domain.forces.keys import PLACES
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway.commissioning import end_one_key, issue_key, rotate_key
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.key_forms import IN_A_LIST, KeyForm, ReplaceForm
from provider.web.guard import needs


@door.route("/keys", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def keys() -> ResponseReturnValue:
    form = KeyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                key = _issue(form)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            return render_template("force/key_made.html", key=key, name=form.name.data, old=None)
    listed = force_pages.keys(access.force_id(), now=now())
    full = sum(key.live for key in listed) >= len(PLACES)
    return render_template("force/keys.html", form=form, keys=listed, full=full, may_do=IN_A_LIST, now=now())


def _issue(form: Any) -> str:
    return issue_key(access.force_id(), name=form.name.data, scopes=form.scopes.data, by=by(), now=now())


@door.route("/keys/<int:key_id>/replace", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def replace_key(key_id: int) -> ResponseReturnValue:
    old, form = access.own_key(key_id), ReplaceForm()
    if form.validate_on_submit():
        until = now() + timedelta(days=int(form.days.data))
        try:
            with transaction():
                key = rotate_key(old.id, force_id=access.force_id(), until=until, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            replaced = force_pages.key(old.id, force_id=access.force_id(), now=now())
            return render_template("force/key_made.html", key=key, name=old.name, old=replaced)
    return render_template("force/key_replace.html", form=form, key=old, now=now())


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
