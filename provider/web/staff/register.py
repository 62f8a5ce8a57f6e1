"""The register of a session: marking it, confirming it, correcting it afterwards."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.register_page import RegisterPage, register_page
from provider.caseload.register_sheet import register_sheet
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.courses.attendance import Attendance
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import attending, registering
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.register_forms import (
    CorrectionForm,
    RegisterForm,
    ReportForm,
    register_form,
)
from provider.web.staff.ways import done
from provider.web.words import count

REST = {"present": Attendance.ATTC}
"""What the button that marks everybody else says."""


@desk.get("/sessions/<int:session_id>/register")
@needs(Permission.RUN_REGISTER)
def register(session_id: int) -> ResponseReturnValue:
    page = page_of(session_id)
    with transaction():
        record("register.viewed", "session", session_id, by=by(), now=now())
    return draw(page)


@desk.post("/sessions/<int:session_id>/register")
@needs(Permission.RUN_REGISTER)
def mark_register(session_id: int) -> ResponseReturnValue:
    """Save the marks; with a button that says so, mark everybody else too, or go on to confirm."""
    action = request.form.get("action", "save")
    form = RegisterForm()
    if not form.validate():
        return draw(page_of(session_id), form)
    try:
        with transaction():
            outcome = registering.mark_lines(session_id, form.sent, rest=REST.get(action), by=by(), now=now())
    except Refusal as refusal:
        form.add_refusal(refusal)
        return draw(page_of(session_id), form)
    if outcome.overtaken:
        page = page_of(session_id)
        form.add_overtaken(outcome, page)
        return draw(page, form)
    if action == "confirm":
        return redirect(url_for("staff.confirming", session_id=session_id))
    flash(f"{count(outcome.written, 'mark')} saved." if outcome.written else "Nothing was changed.")
    return redirect(url_for("staff.register", session_id=session_id))


@desk.get("/sessions/<int:session_id>/register.csv")
@needs(Permission.RUN_REGISTER)
def register_csv(session_id: int) -> ResponseReturnValue:
    """The register as a spreadsheet."""
    page = page_of(session_id)
    with transaction():
        record("register.exported", "session", session_id, by=by(), now=now(), places=len(page.rows))
    answer = Response(register_sheet(page), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=register-{session_id}.csv"
    return answer


@desk.get("/sessions/<int:session_id>/register/confirm")
@needs(Permission.RUN_REGISTER)
def confirming(session_id: int) -> ResponseReturnValue:
    """Before a register is confirmed: what follows for whom."""
    page = page_of(session_id)
    if page.unmarked or not page.may_mark:
        flash("Mark everyone before you confirm the register.", "error")
        return redirect(url_for("staff.register", session_id=session_id))
    if page.running:
        flash(attending.StillRunning.sentence, "error")
        return redirect(url_for("staff.register", session_id=session_id))
    seen = registering.as_it_stands({row.place_id: row.seen for row in page.rows})
    return render_template("staff/register/confirm.html", page=page, seen=seen)


@desk.post("/sessions/<int:session_id>/register/confirm")
@needs(Permission.RUN_REGISTER)
def confirm_register(session_id: int) -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    done(
        lambda: registering.confirm_as_seen(session_id, seen=seen, by=by(), now=now()),
        said="The register is confirmed.",
    )
    return redirect(url_for("staff.register", session_id=session_id))


@desk.route("/sessions/<int:session_id>/register/<int:place_id>/correct", methods=["GET", "POST"])
@needs(Permission.RUN_REGISTER)
def correct_attendance(session_id: int, place_id: int) -> ResponseReturnValue:
    """After the register was confirmed: another mark, with the reason."""
    page = page_of(session_id)
    row = page.row(place_id)
    mark = row.mark
    form = CorrectionForm(
        code=mark.code if mark is not None else None, minutes=mark.minutes if mark is not None else None
    )
    if form.validate_on_submit():
        try:
            with transaction():
                attending.correct(
                    place_id,
                    Attendance(form.code.data),
                    minutes=form.minutes.data,
                    reason=form.reason.data,
                    by=by(),
                    now=now(),
                )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"The attendance of {row.name} is corrected.")
            return redirect(url_for("staff.register", session_id=session_id))
    return render_template("staff/register/correct.html", page=page, row=row, form=form)


def page_of(session_id: int) -> RegisterPage:
    """The register as whoever asks may see it. Raises NotFound."""
    who = signed_in()
    return register_page(
        session_id, reader_id=who.account_id, may_ring=who.may(Permission.RECORD_CONTACT), now=now()
    )


def draw(page: RegisterPage, form: RegisterForm | None = None, report: ReportForm | None = None) -> str:
    """The register's page, with the form that is at fault as it was sent."""
    form = form if form is not None else register_form(page, formdata=None)
    report = report if report is not None else ReportForm(formdata=None)
    form.add_missing(page)
    return render_template(
        "staff/register/register.html",
        page=page,
        form=form,
        lines=form.by_place(),
        report=report,
        page_forms=[form, report],
    )
