"""The secret link by which a worker's own calendar reads their diary: made and shown once, replaced, ended."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.pathway import linking
from provider.web.context import by, now, settings
from provider.web.guard import needs
from provider.web.staff import access, desk


@desk.post("/diary/<int:worker_id>/calendar")
@needs(Permission.BOOK)
def make_calendar_link(worker_id: int) -> ResponseReturnValue:
    """One's own alone: whoever makes it is shown it. The one before ends."""
    worker = access.own_hours(worker_id)
    with transaction():
        token = linking.make_link(worker.id, by=by(), now=now())
    address = settings().public_url.rstrip("/") + url_for("calendar.feed", token=token)
    return render_template("staff/hours/calendar_link.html", worker=worker, address=address)


@desk.post("/diary/<int:worker_id>/calendar/end")
@needs(Permission.BOOK)
def end_calendar_link(worker_id: int) -> ResponseReturnValue:
    worker = access.whose_hours(worker_id)
    with transaction():
        linking.end_link(worker.id, by=by(), now=now())
    flash(f"No calendar reads the diary of {worker.name} any more.")
    return redirect(url_for("staff.hours", worker_id=worker_id))
