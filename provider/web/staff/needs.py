"""What somebody needs to be able to take part, and how it is met."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.needs_page import need_lines
from provider.domain.accounts.roles import Permission
from provider.domain.needs.rules import NeedKind
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import meeting_needs
from provider.pathway.steps import lock_case
from provider.web.context import by, now
from provider.web.guard import needs as needs_permission
from provider.web.staff import access, desk
from provider.web.staff.needs_forms import needs_form


@desk.route("/referrals/<reference>/needs", methods=["GET", "POST"])
@needs_permission(Permission.RECORD_CONTACT)
def needs(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    form = needs_form(need_lines(opened.person_id))
    if form.validate_on_submit():
        try:
            with transaction():
                meeting_needs.say_needs(lock_case(opened.case), form.said, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("Recorded. What is not arranged yet waits on the list of tasks.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template("staff/needs.html", form=form, kinds=NeedKind, reference=opened.reference)
