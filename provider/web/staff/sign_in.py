"""Signing in by a password and, where there is a second factor, a code; signing out; where each role starts."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from provider.domain.accounts.models import Account
from provider.domain.accounts.sign_in import (
    awaiting_code,
    check_code,
    check_password,
    end_session,
    open_session,
    read_session,
)
from provider.domain.audit.trail import record
from provider.domain.referrals.drafts import discard_drafts_of
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import transaction
from provider.web.context import by, now, secret_box, signed_in, signed_in_or_none
from provider.web.guard import for_anyone_signed_in, home_of, open_to_all
from provider.web.navigation import navigation
from provider.web.staff import desk
from provider.web.staff.local_paths import local_path
from provider.web.staff.sign_in_forms import CodeForm, SignInForm

CODE_WITHIN = timedelta(minutes=10)
WRONG = (
    "The e-mail address or password is not right, or too many wrong ones were entered. "
    "Check both; if you cannot sign in, wait 15 minutes or ask your administrator."
)
WRONG_CODE = (
    "That code is not right, or too many wrong ones were entered. "
    "Enter the newest code that your authenticator app shows."
)


@desk.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    if signed_in_or_none() is not None:
        return redirect(url_for("staff.home"))
    if "code" in request.form and "password" not in request.form:
        return enter_code()
    form = SignInForm(next=local_path(request.args.get("next")) or "")
    if form.validate_on_submit():
        with transaction():
            account = check_password(form.email.data, form.password.data, now=now())
            if account is None:
                record("sign_in.failed", "account", None, by=SYSTEM, now=now(), step="password")
            elif account.totp_secret is None:
                return _let_in(account, form.next.data)
        if account is not None:
            return _ask_for_code(account, form.next.data)
        form.form_errors = [WRONG]
    return render_template("staff/sign_in.html", form=form)


@desk.route("/sign-in/code", methods=["GET", "POST"])
@open_to_all
def enter_code() -> ResponseReturnValue:
    """The second step; a password is right for ten minutes."""
    half = session.get("password_was_right")
    if half is None or half["until"] < now().timestamp():
        session.pop("password_was_right", None)
        return redirect(url_for("staff.sign_in"))
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            account = awaiting_code(half["account"], now=now())
            if account is not None and check_code(account, form.code.data, box=secret_box(), now=now()):
                return _let_in(account, half["next"])
            record("sign_in.failed", "account", half["account"], by=SYSTEM, now=now(), step="code")
        form.code.errors = [WRONG_CODE]
    return render_template("staff/sign_in_code.html", form=form)


@desk.post("/sign-out")
@for_anyone_signed_in
def sign_out() -> ResponseReturnValue:
    with transaction():
        end_session(signed_in().session_id, now=now())
        discard_drafts_of(signed_in().account_id)
        record("sign_out", "account", signed_in().account_id, by=by(), now=now())
    logout_user()
    session.clear()
    flash("You have signed out.", "info")
    return redirect(url_for("staff.sign_in"))


@desk.get("/")
@for_anyone_signed_in
def home() -> ResponseReturnValue:
    """Where the work of this role starts: the first page that its navigation offers."""
    endpoint = home_of(signed_in().role)
    return redirect(navigation()[0].href if endpoint == "staff.home" else url_for(endpoint))


def _ask_for_code(account: Account, after: str | None) -> ResponseReturnValue:
    session.clear()
    until = (now() + CODE_WITHIN).timestamp()
    session["password_was_right"] = {"account": account.id, "until": until, "next": after or ""}
    return redirect(url_for("staff.enter_code"))


def _let_in(account: Account, after: str | None) -> ResponseReturnValue:
    """Open a session kept here, under a token the browser never had before. Inside the caller's transaction."""
    token = open_session(account, now=now())
    record("sign_in", "account", account.id, by=Actor("account", account.id), now=now())
    session.clear()
    who = read_session(token, now=now())
    login_user(who)
    return redirect(local_path(after) or url_for("staff.home"))
