"""A session is moved to another time."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.facilitator_diary import clashes, closed_on
from provider.caseload.session_page import SessionPage, session_page
from provider.domain.accounts.roles import Permission
from provider.pathway import shifting
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.shifting_forms import MoveForm
from provider.web.staff.ways import carried_out
from provider.web.words import london_datetime


@desk.route("/sessions/<int:session_id>/move", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def move_session(session_id: int) -> ResponseReturnValue:
    """Who is in it keeps their place, and is told."""
    page = session_page(session_id, reader_id=signed_in().account_id, now=now())
    form = MoveForm()
    if form.validate_on_submit() and _heeded(form, page):
        to = form.moment
        if carried_out(form, lambda: shifting.move_session(session_id, starts_at=to, by=by(), now=now())):
            flash(
                f"The session is now on {london_datetime(to)}. Everybody who holds a place is told by text."
            )
            return redirect(url_for("staff.session", session_id=session_id))
    return render_template("staff/sessions/move.html", page=page, form=form, now=now())


def _heeded(form: MoveForm, page: SessionPage) -> bool:
    accounts = tuple(one.account_id for one in page.line.facilitators)
    found = clashes(accounts, starts_at=form.moment, minutes=page.line.minutes)
    return form.heeds(found, closed=closed_on(form.moment))
