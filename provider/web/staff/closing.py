"""A worker says how a referral ends; what follows for the person is decided by the scheme's terms."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.referral_facts import referral_facts
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.endings import NotReached
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import contacting, ending
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.closing_forms import AFTER_CALLS, DECLINED, EndForm


@desk.route("/referrals/<reference>/close", methods=["GET", "POST"])
@needs(Permission.CLOSE_REFERRALS)
def close(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    form = EndForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _end(opened.case, form.ending.data)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The referral has ended.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    facts = referral_facts(opened.referral_id, today=london_date(now()))
    return render_template("staff/close.html", form=form, facts=facts)


def _end(case_id: int, how: str) -> None:
    if how == AFTER_CALLS:
        contacting.close_after_calls(case_id, by=by(), now=now())
    elif how == DECLINED:
        ending.end_declined(case_id, by=by(), now=now())
    else:
        ending.end_unreachable(case_id, reason=NotReached[how.upper()], by=by(), now=now())
