"""The officers of a force: added with a password that is shown once, closed, opened again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload import force_pages
from provider.domain.accounts.roles import Permission, Role
from provider.domain.accounts.staff import EmailNotOne, EmailTaken, NewAccount, new_password
from provider.kernel.database import transaction
from provider.pathway.staffing import add_account, close_account, give_password, open_account
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.forms import OfficerForm
from provider.web.guard import needs


@door.get("/officers")
@needs(Permission.MANAGE_FORCE)
def officers() -> ResponseReturnValue:
    return render_template("force/officers.html", officers=force_pages.officers(access.force_id()))


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
