"""The officers of a force: found, added with a password that is shown once, signed out, closed, opened again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_officers
from provider.domain.accounts.roles import Permission, Role
from provider.domain.accounts.staff import EmailNotOne, EmailTaken, NewAccount, new_password
from provider.kernel.database import transaction
from provider.pathway.staffing import (
    add_account,
    close_account,
    give_password,
    open_account,
    sign_out_everywhere,
)
from provider.web.addresses import a_number
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.forms import FindOfficerForm, OfficerForm
from provider.web.guard import needs


@door.get("/officers")
@needs(Permission.MANAGE_FORCE)
def officers() -> ResponseReturnValue:
    return _listed(FindOfficerForm(formdata=None))


@door.post("/officers")
@needs(Permission.MANAGE_FORCE)
def find_officers() -> ResponseReturnValue:
    """By POST: a name has no place in an address."""
    form = FindOfficerForm()
    form.validate_on_submit()
    return _listed(form)


def _listed(form: FindOfficerForm) -> ResponseReturnValue:
    page = request.values.get("page", default=1, type=a_number)
    page = page if 1 <= page <= force_officers.LAST_PAGE else 1
    words = form.words.data if not form.errors else None
    found = force_officers.officers(access.force_id(), words=words, page=page, now=now())
    return render_template("force/officers.html", form=form, found=found, words=words)


@door.route("/officers/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def add_officer() -> ResponseReturnValue:
    form = OfficerForm()
    if form.validate_on_submit():
        try:
            password = _add(form)
        except (EmailNotOne, EmailTaken) as refusal:
            form.email.errors = [refusal.sentence]
        else:
            return render_template("force/password.html", name=form.name.data, password=password)
    return render_template("force/officer_add.html", form=form)


def _add(form: Any) -> str:
    password = new_password()
    new = NewAccount(
        email=form.email.data,
        name=form.name.data,
        role=Role.OFFICER,
        force_id=access.force_id(),
        collar_number=form.collar_number.data,
    )
    with transaction():
        add_account(new, password=password, by=by(), now=now())
    return password


@door.post("/officers/<int:account_id>/password")
@needs(Permission.MANAGE_FORCE)
def new_officer_password(account_id: int) -> ResponseReturnValue:
    with transaction():
        officer = access.own_officer(account_id)
        password = give_password(officer.id, by=by(), now=now())
    return render_template("force/password.html", name=officer.name, password=password)


@door.post("/officers/<int:account_id>/sign-out")
@needs(Permission.MANAGE_FORCE)
def sign_officer_out(account_id: int) -> ResponseReturnValue:
    with transaction():
        officer = access.own_officer(account_id)
        sign_out_everywhere(officer.id, by=by(), now=now())
    flash(f"{officer.name} has been signed out everywhere.")
    return redirect(url_for(".officers"))


@door.post("/officers/<int:account_id>/close")
@needs(Permission.MANAGE_FORCE)
def close_officer(account_id: int) -> ResponseReturnValue:
    with transaction():
        officer = access.own_officer(account_id)
        close_account(officer.id, by=by(), now=now())
    flash("They can no longer sign in. What they referred stays.")
    return redirect(url_for(".officers"))


@door.post("/officers/<int:account_id>/open")
@needs(Permission.MANAGE_FORCE)
def open_officer(account_id: int) -> ResponseReturnValue:
    with transaction():
        officer = access.own_officer(account_id)
        open_account(officer.id, by=by(), now=now())
    flash("They can sign in again.")
    return redirect(url_for(".officers"))
