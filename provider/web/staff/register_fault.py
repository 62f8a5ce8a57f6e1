"""A session failed through our fault: marked for everybody at once, after a look at who had come."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import faulting
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.register import page_of
from provider.web.staff.register_forms import FaultForm
from provider.web.staff.ways import done
from provider.web.words import count


@desk.route("/sessions/<int:session_id>/register/our-fault", methods=["GET", "POST"])
@needs(Permission.RUN_REGISTER)
def our_fault(session_id: int) -> ResponseReturnValue:
    page = page_of(session_id)
    if not page.may_mark or not page.rows:
        flash("There is nobody to mark.", "error")
        return redirect(url_for("staff.register", session_id=session_id))
    form = FaultForm(page)
    if form.validate_on_submit():
        try:
            with transaction():
                marked = faulting.mark_our_fault(session_id, came=form.places, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"{count(marked, 'person is', 'people are')} marked. It counts against nobody.")
            return redirect(url_for("staff.register", session_id=session_id))
    return render_template("staff/register/our_fault.html", page=page, form=form)


@desk.post("/sessions/<int:session_id>/register/our-fault/take-back")
@needs(Permission.RUN_REGISTER)
def take_fault_back(session_id: int) -> ResponseReturnValue:
    done(
        lambda: faulting.take_fault_back(session_id, by=by(), now=now()),
        said="Taken back: everybody is marked as before.",
    )
    return redirect(url_for("staff.register", session_id=session_id))
