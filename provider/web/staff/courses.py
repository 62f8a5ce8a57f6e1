"""Kinds of course: which there are, adding one, changing it, running it no more."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.courses_page import course_line, courses_page
from provider.domain.accounts.roles import Permission
from provider.pathway import running
from provider.pathway.overbooking import LEAST_SEEN
from provider.reporting.pipeline import Shown, show_rates
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.course_forms import CourseForm, course_form
from provider.web.staff.ways import carried_out, done


@desk.get("/courses")
@needs(Permission.MANAGE_SESSIONS)
def courses() -> ResponseReturnValue:
    return render_template("staff/courses/courses.html", courses=courses_page(now=now()))


@desk.route("/courses/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_course() -> ResponseReturnValue:
    form = CourseForm()
    if form.validate_on_submit() and carried_out(
        form, lambda: running.run_course(form.kind, by=by(), now=now())
    ):
        flash(f"{form.kind.name} is added. Put its first session on.")
        return redirect(url_for("staff.courses"))
    return render_template("staff/courses/add.html", form=form)


@desk.route("/courses/<int:course_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def change_course(course_id: int) -> ResponseReturnValue:
    line = course_line(course_id, now=now())
    form = course_form(line.kind)
    if form.validate_on_submit() and carried_out(
        form, lambda: running.alter_course(course_id, form.kind, by=by(), now=now())
    ):
        flash(f"{form.kind.name} is changed.")
        return redirect(url_for("staff.courses"))
    shown = show_rates(now=now()).get(course_id, Shown())
    return render_template(
        "staff/courses/change.html", form=form, line=line, shown=shown, least_seen=LEAST_SEEN
    )


@desk.post("/courses/<int:course_id>/stop")
@needs(Permission.MANAGE_SESSIONS)
def stop_course(course_id: int) -> ResponseReturnValue:
    """No more sessions of it; whoever waited becomes a task for their worker."""
    line = course_line(course_id, now=now())
    done(lambda: running.stop_course(line.id, by=by(), now=now()), said=f"{line.kind.name} is run no more.")
    return redirect(url_for("staff.courses"))


@desk.post("/courses/<int:course_id>/run-again")
@needs(Permission.MANAGE_SESSIONS)
def run_course_again(course_id: int) -> ResponseReturnValue:
    line = course_line(course_id, now=now())
    done(lambda: running.run_again(line.id, by=by(), now=now()), said=f"{line.kind.name} is run again.")
    return redirect(url_for("staff.courses"))
