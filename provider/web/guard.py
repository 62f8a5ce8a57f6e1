"""Every route has a door, and a route without one is shut.

A view says what it needs with ``@needs(Permission.BOOK)``, or that it is open with ``@open_to_all``; a blueprint with
its own way of knowing who asks (the API, the participant's link, machines) marks its views with ``@door``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager

from provider.domain.accounts.roles import OF_A_FORCE, Permission, Role
from provider.domain.accounts.sign_in import SEEN_EVERY, SignedIn, keep_alive, read_session
from provider.kernel.database import transaction
from provider.web.context import now, signed_in_or_none

View = TypeVar("View", bound=Callable[..., Any])
Check = Callable[[], ResponseReturnValue | None]

login = LoginManager()
login.session_protection = None


def door(check: Check) -> Callable[[View], View]:
    """Mark a view with what is checked before it runs: ``check`` answers None to let the request in."""

    def mark(view: View) -> View:
        view.door = check  # type: ignore[attr-defined]
        return view

    return mark


def needs(permission: Permission) -> Callable[[View], View]:
    """Let in who is signed in and may; send the others to sign in, or refuse."""

    def check() -> ResponseReturnValue | None:
        who = signed_in_or_none()
        if who is None:
            return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")))
        if not who.may(permission):
            abort(403)
        return None

    check.permission = permission  # type: ignore[attr-defined]
    return door(check)


def _anyone() -> None:
    return None


def _signed_in() -> ResponseReturnValue | None:
    if signed_in_or_none() is None:
        return redirect(url_for("staff.sign_in"))
    return None


def open_to_all(view: View) -> View:
    """Let everybody in. ``tests/house`` holds the list of views that may say so."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return door(_anyone)(view)


def for_anyone_signed_in(view: View) -> View:
    return door(_signed_in)(view)


def home_of(role: Role) -> str:
    """The endpoint where somebody of this role starts."""
    if role == Role.OFFICER:
        return "officer.start"
    if role in OF_A_FORCE:
        return "force.home"
    return "staff.home"


def stand_at_the_doors(app: Flask) -> None:
    """Check the door of every request's view before it runs, and know who is signed in by their session here."""
    login.init_app(app, add_context_processor=False)
    login.user_loader(_load)
    app.before_request(_check)


def _load(token: str) -> SignedIn | None:
    who = read_session(token, now=now())
    if who is not None and now() - who.last_seen_at > SEEN_EVERY:
        with transaction():
            keep_alive(who.session_id, now=now())
    return who


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    check: Check | None = getattr(view, "door", None)
    if check is None:
        abort(404)
    return check()
