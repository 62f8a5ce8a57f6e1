"""How many places will be needed, and the sessions that this takes."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.pathway import scheduling
from provider.reporting.demand import demand_page
from provider.reporting.proposals import proposals_page
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.demand_forms import ProposalsForm
from provider.web.staff.ways import done
from provider.web.words import count


@desk.get("/demand")
@needs(Permission.MANAGE_SESSIONS)
def demand() -> ResponseReturnValue:
    return render_template("staff/demand/demand.html", page=demand_page(now=now()))


@desk.route("/demand/<int:course_id>/sessions", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_what_is_short(course_id: int) -> ResponseReturnValue:
    """The sessions that a course is short of, to be looked at, chosen and put on, all of them or none."""
    page = proposals_page(course_id, now=now())
    form = ProposalsForm(page)
    if form.validate_on_submit() and done(
        lambda: scheduling.put_sessions_on(form.planned, by=by(), now=now()),
        said=f"{count(len(form.planned), 'session')} of {page.demand.course} added.",
    ):
        return redirect(url_for("staff.demand"))
    return render_template("staff/demand/add.html", page=page, form=form)
