"""Alarms: what is wrong with how texts go out and are answered, who sees to it, and what was wrong before."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.alarms_page import Banner, alarms_page, banner
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.pathway import alarming
from provider.web.context import by, now, signed_in_or_none
from provider.web.guard import needs
from provider.web.staff import desk


@desk.get("/alarms")
@needs(Permission.SEE_TO_ALARMS)
def alarms() -> ResponseReturnValue:
    """Those that stand, and the last that are over."""
    return render_template("staff/alarms.html", page=alarms_page(now=now()), now=now())


@desk.post("/alarms/<int:alarm_id>/acknowledge")
@needs(Permission.SEE_TO_ALARMS)
def acknowledge_alarm(alarm_id: int) -> ResponseReturnValue:
    return _done(lambda: alarming.acknowledge(alarm_id, by=by(), now=now()), "You are seeing to it.")


@desk.post("/alarms/<int:alarm_id>/end")
@needs(Permission.SEE_TO_ALARMS)
def end_alarm(alarm_id: int) -> ResponseReturnValue:
    """Somebody says that it is put right, or that the words may go out again."""
    return _done(lambda: alarming.end(alarm_id, by=by(), now=now()), "The alarm has ended.")


def _done(change: Callable[[], None], said: str) -> ResponseReturnValue:
    with transaction():
        change()
    flash(said)
    return redirect(url_for("staff.alarms"))


@desk.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"alarm_banner": _banner}


def _banner() -> Banner | None:
    """What whoever is signed in is to see to. Asks the database for those alone who may."""
    who = signed_in_or_none()
    return banner(who.role, now=now()) if who is not None and who.may(Permission.SEE_TO_ALARMS) else None
