"""The waiting list of a course: who waits, in their turn; and putting somebody ahead."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.referral_facts import referral_facts
from provider.caseload.waiting_page import waiting_page
from provider.domain.accounts.roles import Permission
from provider.domain.courses.waiting import Ahead
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import queueing, short_notice
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.queue_forms import AheadForm
from provider.web.staff.ways import done


@desk.get("/sessions/waiting/<int:course_id>")
@needs(Permission.GIVE_PLACES)
def waiting_list(course_id: int) -> ResponseReturnValue:
    page = waiting_page(course_id, reader_id=signed_in().account_id, now=now())
    return render_template("staff/sessions/waiting.html", page=page, now=now())


@desk.route("/referrals/<reference>/course/ahead", methods=["GET", "POST"])
@needs(Permission.GIVE_PLACES)
def put_ahead(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    form = AheadForm()
    if form.validate_on_submit():
        try:
            with transaction():
                queueing.put_ahead(opened.case, because=Ahead(form.because.data), by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("They are put ahead: the next free place is offered to them.")
            return redirect(url_for("staff.course", reference=opened.reference))
    facts = referral_facts(opened.referral_id, today=london_date(now()))
    return render_template("staff/course/ahead.html", form=form, facts=facts)


@desk.post("/referrals/<reference>/course/in-order")
@needs(Permission.GIVE_PLACES)
def put_in_order(reference: str) -> ResponseReturnValue:
    """Back to the turn they had by joining."""
    opened = access.open_referral(reference)
    done(
        lambda: queueing.put_in_order(opened.case, by=by(), now=now()),
        said="They have the turn again that they had by joining.",
    )
    return redirect(url_for("staff.course", reference=opened.reference))


@desk.post("/referrals/<reference>/course/short-notice")
@needs(Permission.GIVE_PLACES)
def say_short_notice(reference: str) -> ResponseReturnValue:
    """They could come shortly before a session, or no longer."""
    opened = access.open_referral(reference)
    able = request.form.get("able") == "yes"
    says = short_notice.can_come if able else short_notice.can_come_no_longer
    done(
        lambda: says(opened.case, by=by(), now=now()),
        said="They are texted if a place comes free shortly before."
        if able
        else "They are not texted shortly before.",
    )
    return redirect(url_for("staff.course", reference=opened.reference))
