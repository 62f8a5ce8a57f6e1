"""Sessions: what is coming and what was, as a list and as a calendar; one of them; putting one on, calling one off."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.facilitator_diary import clashes, closed_on
from provider.caseload.session_calendar import session_calendar
from provider.caseload.session_lines import session_line
from provider.caseload.session_page import session_page
from provider.caseload.sessions_page import session_choices, sessions_page
from provider.domain.accounts.roles import Permission
from provider.kernel.calendar import london_date
from provider.pathway import scheduling
from provider.web.addresses import a_day, a_number
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.session_filter_form import SessionFilterForm
from provider.web.staff.session_forms import SessionForm, as_another
from provider.web.staff.ways import carried_out, done
from provider.web.words import london_datetime


@desk.get("/sessions")
@needs(Permission.READ_SESSIONS)
def sessions() -> ResponseReturnValue:
    form = SessionFilterForm(session_choices())
    page = sessions_page(reader_id=signed_in().account_id, only=form.only, now=now())
    return render_template("staff/sessions/sessions.html", page=page, form=form)


@desk.get("/sessions/calendar")
@needs(Permission.READ_SESSIONS)
def sessions_calendar() -> ResponseReturnValue:
    """A month, or a week."""
    form = SessionFilterForm(session_choices())
    page = session_calendar(
        _day_asked(),
        by_week=request.args.get("by") == "week",
        reader_id=signed_in().account_id,
        only=form.only,
        now=now(),
    )
    return render_template("staff/sessions/calendar.html", page=page, form=form)


@desk.get("/sessions/<int:session_id>")
@needs(Permission.READ_SESSIONS)
def session(session_id: int) -> ResponseReturnValue:
    page = session_page(session_id, reader_id=signed_in().account_id, now=now())
    return render_template("staff/sessions/session.html", page=page)


@desk.route("/sessions/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_session() -> ResponseReturnValue:
    """Put a session on, one like another where the address says so; those who wait are offered its places at once."""
    form = SessionForm(session_choices(), data=like_another())
    if form.validate_on_submit() and _heeded(form):
        planned = form.planned
        if carried_out(form, lambda: scheduling.put_session_on(planned, by=by(), now=now())):
            flash(f"The session on {london_datetime(planned.starts_at)} is added.")
            return redirect(url_for("staff.sessions"))
    return render_template("staff/sessions/add.html", form=form)


def like_another() -> dict[str, Any]:
    """What the session in the address was put on with, all but its day; nothing where none is there."""
    like = request.args.get("like", type=a_number)
    if like is None:
        return {}
    page = session_page(like, reader_id=signed_in().account_id, now=now())
    return as_another(page.session, page.line.facilitators)


def _heeded(form: SessionForm) -> bool:
    planned = form.planned
    found = clashes(tuple(planned.roles), starts_at=planned.starts_at, minutes=planned.minutes)
    return form.heeds(found, closed=closed_on(planned.starts_at))


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


def _day_asked() -> date:
    """The day in the address; today where there is none, or none that a calendar could be about."""
    return a_day(request.args.get("day")) or london_date(now())
