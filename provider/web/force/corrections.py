"""Corrections: what is not in the force's own records yet, ticked off, and taken back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.force_corrections import carried_out, outstanding
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.pathway.carrying_out import carry_out, take_back
from provider.web.addresses import a_number
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.guard import needs


@door.get("/corrections")
@needs(Permission.MANAGE_FORCE)
def corrections() -> ResponseReturnValue:
    access.number_events()
    found = outstanding(access.force_id())
    _read(len(found.corrections))
    return render_template("force/corrections.html", found=found, now=now())


@door.get("/corrections/done")
@needs(Permission.MANAGE_FORCE)
def corrections_done() -> ResponseReturnValue:
    before = request.args.get("before", type=a_number)
    history = carried_out(access.force_id(), before=before)
    _read(len(history.lines))
    return render_template("force/corrections_done.html", history=history, first=before is None)


@door.post("/corrections/<event_id>/done")
@needs(Permission.MANAGE_FORCE)
def correction_done(event_id: str) -> ResponseReturnValue:
    with transaction():
        first = carry_out(access.own_correction(event_id), by=by(), now=now())
    if first:
        flash("Ticked off. It stands among those that are done.")
    else:
        flash("Somebody had ticked it off already.", "info")
    return redirect(url_for(".corrections"))


@door.post("/corrections/<event_id>/undo")
@needs(Permission.MANAGE_FORCE)
def correction_undone(event_id: str) -> ResponseReturnValue:
    with transaction():
        taken_back = take_back(access.own_correction(event_id), by=by(), now=now())
    if taken_back:
        flash("It is outstanding again.")
    else:
        flash("It was outstanding already.", "info")
    return redirect(url_for(".corrections"))


def _read(referrals: int) -> None:
    """That the force read them, and how many, is kept in the trail."""
    with transaction():
        record("corrections.read", "force", access.force_id(), by=by(), now=now(), referrals=referrals)
