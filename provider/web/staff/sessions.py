"""Sessions: what is coming and what was, putting one on, calling one off."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.sessions_page import session_choices, session_line, sessions_page
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import scheduling
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.session_forms import SessionForm
from provider.web.staff.ways import done
from provider.web.words import london_datetime


@desk.get("/sessions")
@needs(Permission.READ_SESSIONS)
def sessions() -> ResponseReturnValue:
    page = sessions_page(reader_id=signed_in().account_id, now=now())
    return render_template("staff/sessions/sessions.html", page=page)


@desk.route("/sessions/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_session() -> ResponseReturnValue:
    """Put a session on; those who wait are offered its places at once."""
    form = SessionForm(session_choices())
    if form.validate_on_submit():
        try:
            with transaction():
                session = scheduling.put_session_on(form.planned, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"The session on {london_datetime(session.starts_at)} is added.")
            return redirect(url_for("staff.sessions"))
    return render_template("staff/sessions/add.html", form=form)


@desk.get("/sessions/<int:session_id>/cancel")
@needs(Permission.MANAGE_SESSIONS)
def cancel_session(session_id: int) -> ResponseReturnValue:
    """Before a session is called off: who is told."""
    line = session_line(session_id, reader_id=signed_in().account_id, now=now())
    return render_template("staff/sessions/cancel.html", line=line)


@desk.post("/sessions/<int:session_id>/cancel")
@needs(Permission.MANAGE_SESSIONS)
def call_session_off(session_id: int) -> ResponseReturnValue:
    line = session_line(session_id, reader_id=signed_in().account_id, now=now())
    done(
        lambda: scheduling.call_session_off(line.id, by=by(), now=now()),
        said=f"The session on {london_datetime(line.starts_at)} is cancelled. Everybody who held a place is told.",
    )
    return redirect(url_for("staff.sessions"))
