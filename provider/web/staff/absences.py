"""Somebody will be away, or is back sooner."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.domain.diary.absences import AbsenceReason
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import rostering
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.hours import days_away
from provider.web.staff.hours_forms import AbsenceForm
from provider.web.staff.ways import done


@desk.route("/diary/<int:worker_id>/absences/add", methods=["GET", "POST"])
@needs(Permission.BOOK)
def add_absence(worker_id: int) -> ResponseReturnValue:
    """Calls booked for that time stand, and are shown on the page that comes next."""
    worker = access.whose_hours(worker_id)
    form = AbsenceForm()
    if form.validate_on_submit():
        try:
            _enter(worker_id, form)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"{worker.name} is away: {days_away(form.starts_at, form.ends_at)}.")
            return redirect(url_for("staff.hours", worker_id=worker_id))
    return render_template("staff/hours/absence.html", worker=worker, form=form)


def _enter(worker_id: int, form: AbsenceForm) -> None:
    with transaction():
        rostering.enter_absence(
            worker_id,
            reason=AbsenceReason(form.reason.data),
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            by=by(),
            now=now(),
        )


@desk.post("/diary/<int:worker_id>/absences/<int:absence_id>/end")
@needs(Permission.BOOK)
def end_absence(worker_id: int, absence_id: int) -> ResponseReturnValue:
    """They are back now, or do not go."""
    worker = access.whose_hours(worker_id)
    absence = access.absence_of(worker, absence_id)
    done(lambda: rostering.end_absence(absence, by=by(), now=now()), said=f"{worker.name} is no longer away.")
    return redirect(url_for("staff.hours", worker_id=worker_id))
