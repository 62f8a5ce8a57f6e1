"""A session that is on is changed: places, closing time, where people join; and who runs it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.facilitator_diary import clashes
from provider.caseload.session_page import SessionPage, session_page
from provider.caseload.sessions_page import session_choices
from provider.domain.accounts.roles import Permission
from provider.pathway import altering
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.facilitator_forms import FacilitatorForm, StandDownForm
from provider.web.staff.session_forms import ChangeForm, details_of
from provider.web.staff.ways import carried_out


@desk.route("/sessions/<int:session_id>/change", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def change_session(session_id: int) -> ResponseReturnValue:
    page = _page(session_id)
    form = ChangeForm(data=details_of(page.session))
    if form.validate_on_submit():
        to = form.altered(page.session.starts_at)
        if carried_out(form, lambda: altering.alter_session(session_id, to, by=by(), now=now())):
            flash("The session is changed.")
            return _back(session_id)
    return render_template("staff/sessions/change.html", page=page, form=form)


@desk.route("/sessions/<int:session_id>/facilitators", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_facilitator(session_id: int) -> ResponseReturnValue:
    """One more facilitator."""
    page = _page(session_id)
    form = FacilitatorForm(page.line.facilitators, session_choices())
    if form.validate_on_submit() and _heeded(form, page):
        who_id = form.who_id or 0
        if carried_out(form, lambda: altering.put_to(session_id, who_id, by=by(), now=now())):
            flash("They run this session too.")
            return _back(session_id)
    return render_template("staff/sessions/add_facilitator.html", page=page, form=form)


@desk.route("/sessions/<int:session_id>/facilitators/<int:account_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def stand_down(session_id: int, account_id: int) -> ResponseReturnValue:
    """Somebody does not run it after all: who does instead, and why."""
    page = _page(session_id)
    form = StandDownForm(page.line.facilitators, session_choices())
    if form.validate_on_submit() and _heeded(form, page):
        how = {"cover_id": form.who_id, "because": form.because.data, "by": by(), "now": now()}
        if carried_out(form, lambda: altering.take_off(session_id, account_id, **how)):
            flash("Changed: who runs this session is up to date.")
            return _back(session_id)
    who = next((one for one in page.line.facilitators if one.account_id == account_id), None)
    return render_template("staff/sessions/stand_down.html", page=page, form=form, who=who)


def _page(session_id: int) -> SessionPage:
    return session_page(session_id, reader_id=signed_in().account_id, now=now())


def _back(session_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff.session", session_id=session_id))


def _heeded(form: FacilitatorForm, page: SessionPage) -> bool:
    accounts = () if form.who_id is None else (form.who_id,)
    return form.heeds(clashes(accounts, starts_at=page.line.starts_at, minutes=page.line.minutes))
