"""Accounts: who has one, giving one, ending sessions, closing. A secret is shown once, on the page that answers."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.accounts_page import account_line, accounts_page, forces_by_id
from provider.caseload.left_behind import to_come
from provider.domain.accounts.roles import Permission
from provider.domain.accounts.staff import new_password, otpauth_uri
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import staffing
from provider.web.context import by, now, secret_box, settings
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.account_forms import AccountForm
from provider.web.staff.ways import done


@desk.get("/accounts")
@needs(Permission.MANAGE_ACCOUNTS)
def accounts() -> ResponseReturnValue:
    return render_template("staff/accounts/accounts.html", accounts=accounts_page(now=now()), now=now())


@desk.route("/accounts/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_ACCOUNTS)
def add_account() -> ResponseReturnValue:
    form = AccountForm(forces_by_id())
    if form.validate_on_submit():
        try:
            return _add(form)
        except Refusal as refusal:
            form.add_refusal(refusal)
    return render_template("staff/accounts/add.html", form=form)


def _add(form: AccountForm) -> ResponseReturnValue:
    """Raises what ``staffing.add_account`` raises."""
    password, secret = new_password(), None
    with transaction():
        made = staffing.add_account(form.new, password=password, by=by(), now=now())
        if form.second_factor.data:
            secret = staffing.give_second_factor(made.id, box=secret_box(), by=by(), now=now())
    return _shown_once(made.id, password=password, secret=secret)


@desk.get("/accounts/<int:account_id>")
@needs(Permission.MANAGE_ACCOUNTS)
def account(account_id: int) -> ResponseReturnValue:
    found, left = account_line(account_id, now=now()), to_come(account_id, now=now())
    return render_template("staff/accounts/account.html", account=found, to_come=left, now=now())


@desk.post("/accounts/<int:account_id>/new-password")
@needs(Permission.MANAGE_ACCOUNTS)
def give_password(account_id: int) -> ResponseReturnValue:
    with transaction():
        password = staffing.give_password(account_id, by=by(), now=now())
    return _shown_once(account_id, password=password)


@desk.post("/accounts/<int:account_id>/second-factor")
@needs(Permission.MANAGE_ACCOUNTS)
def give_second_factor(account_id: int) -> ResponseReturnValue:
    with transaction():
        secret = staffing.give_second_factor(account_id, box=secret_box(), by=by(), now=now())
    return _shown_once(account_id, secret=secret)


@desk.post("/accounts/<int:account_id>/end-sessions")
@needs(Permission.MANAGE_ACCOUNTS)
def end_sessions(account_id: int) -> ResponseReturnValue:
    who = account_line(account_id, now=now()).name
    done(
        lambda: staffing.sign_out_everywhere(account_id, by=by(), now=now()),
        said=f"{who} is signed out everywhere.",
    )
    return redirect(url_for("staff.account", account_id=account_id))


@desk.post("/accounts/<int:account_id>/close")
@needs(Permission.MANAGE_ACCOUNTS)
def close_account(account_id: int) -> ResponseReturnValue:
    who = account_line(account_id, now=now()).name
    said = f"The account of {who} is closed. What they did stays."
    done(lambda: staffing.close_account(account_id, by=by(), now=now()), said=said)
    return redirect(url_for("staff.accounts"))


@desk.post("/accounts/<int:account_id>/open")
@needs(Permission.MANAGE_ACCOUNTS)
def open_account(account_id: int) -> ResponseReturnValue:
    who = account_line(account_id, now=now()).name
    done(lambda: staffing.open_account(account_id, by=by(), now=now()), said=f"{who} can sign in again.")
    return redirect(url_for("staff.accounts"))


def _shown_once(
    account_id: int, *, password: str | None = None, secret: str | None = None
) -> ResponseReturnValue:
    """What cannot be read again: neither kept in a cookie nor in an address."""
    account = account_line(account_id, now=now())
    name = settings().service_name
    uri = otpauth_uri(secret, email=account.email, service_name=name) if secret else None
    return render_template(
        "staff/accounts/shown_once.html", account=account, password=password, secret=secret, uri=uri
    )
