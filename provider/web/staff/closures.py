"""Days on which the service is closed: entered, taken back, and what stands on them all the same."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.closures_page import OnThoseDays, closures_page, on_those_days
from provider.domain.accounts.roles import Permission
from provider.pathway import shutting
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.closure_forms import ClosureForm
from provider.web.staff.ways import carried_out, done


@desk.get("/closures")
@needs(Permission.CLOSE_SERVICE)
def closures() -> ResponseReturnValue:
    page = closures_page(reader_id=signed_in().account_id, now=now())
    return render_template("staff/closures/closures.html", page=page)


@desk.route("/closures/add", methods=["GET", "POST"])
@needs(Permission.CLOSE_SERVICE)
def add_closure() -> ResponseReturnValue:
    """Where something is on those days it is counted first, and a second press closes all the same."""
    form, still = ClosureForm(), OnThoseDays((), ())
    if form.validate_on_submit():
        still = on_those_days([form.days], reader_id=signed_in().account_id, now=now())
        if (form.anyway.data or not still.anything) and carried_out(form, lambda: _shut(form)):
            flash("Closed: nobody is booked for those days from now on.")
            return redirect(url_for("staff.closures"))
    return render_template("staff/closures/add.html", form=form, still=still)


def _shut(form: ClosureForm) -> None:
    first, last = form.days
    shutting.shut(first, last, name=form.name.data or None, by=by(), now=now())


@desk.post("/closures/<int:closure_id>/end")
@needs(Permission.CLOSE_SERVICE)
def end_closure(closure_id: int) -> ResponseReturnValue:
    """We are open again from today on, or do not close."""
    done(
        lambda: shutting.open_again(closure_id, by=by(), now=now()),
        said="Open again: those days can be booked.",
    )
    return redirect(url_for("staff.closures"))
