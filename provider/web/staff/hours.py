"""When somebody works: their own hours for a drug worker, anybody's for a team lead."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.hours_page import hours_page, weeks_of
from provider.domain.accounts.roles import Permission
from provider.domain.diary.languages import languages_of
from provider.kernel.calendar import london
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import rostering
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.hours_fields import say_hours
from provider.web.staff.hours_forms import LanguagesForm, WeekForm
from provider.web.words import london_date, london_day, london_short

desk.add_app_template_filter(say_hours)


@desk.app_template_filter()
def days_away(starts_at: datetime, ends_at: datetime) -> str:
    """``Monday 21 December 2026``, with ``to …`` where it is several days; ``Mon 21 Dec, 2pm to Tue 22 Dec, 9am``."""
    begins, ends = london(starts_at), london(ends_at)
    if (begins.time(), ends.time()) != (time(0), time(0)):
        return f"{london_short(starts_at)} to {london_short(ends_at)}"
    last = (ends - timedelta(days=1)).date()
    return london_day(last) if last == begins.date() else f"{london_day(begins)} to {london_day(last)}"


@desk.get("/diary/<int:worker_id>/hours")
@needs(Permission.BOOK)
def hours(worker_id: int) -> ResponseReturnValue:
    worker = access.whose_hours(worker_id)
    page = hours_page(worker, reader_id=signed_in().account_id, now=now())
    return render_template("staff/hours/hours.html", page=page, now=now())


@desk.route("/diary/<int:worker_id>/hours/change", methods=["GET", "POST"])
@needs(Permission.BOOK)
def change_hours(worker_id: int) -> ResponseReturnValue:
    """From a day on, or from one day to another."""
    worker = access.whose_hours(worker_id)
    form = WeekForm.of(weeks_of(worker_id, now=now())[-1])
    if form.validate_on_submit():
        try:
            with transaction():
                rostering.set_week(
                    worker_id,
                    form.week,
                    valid_from=form.first_day,
                    valid_until=form.valid_until.data,
                    by=by(),
                    now=now(),
                )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"The hours of {worker.name} change on {london_date(form.first_day)}.")
            return redirect(url_for("staff.hours", worker_id=worker_id))
    return render_template("staff/hours/change.html", worker=worker, form=form)


@desk.route("/diary/<int:worker_id>/languages", methods=["GET", "POST"])
@needs(Permission.BOOK)
def change_languages(worker_id: int) -> ResponseReturnValue:
    """Who speaks one of them is offered times with this worker first."""
    worker = access.whose_hours(worker_id)
    form = LanguagesForm(languages=list(languages_of(worker_id)))
    if form.validate_on_submit():
        with transaction():
            rostering.set_languages(worker_id, form.languages.data, by=by(), now=now())
        flash(f"The languages of {worker.name} are kept.")
        return redirect(url_for("staff.hours", worker_id=worker_id))
    return render_template("staff/hours/languages.html", worker=worker, form=form)
