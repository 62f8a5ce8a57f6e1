"""Recording a call as it went, and the number to ring."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.person_facts import numbers_of
from provider.domain.accounts.roles import Permission
from provider.domain.contact.ladder import NextCall, StopCalling
from provider.domain.contact.outcomes import AttemptOutcome
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import contacting
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.call_forms import CallForm, NumberForm
from provider.web.staff.referral import show_referral
from provider.web.words import london_datetime

Follows = NextCall | StopCalling | None


@desk.post("/referrals/<reference>/calls")
@needs(Permission.RECORD_CONTACT)
def record_call(reference: str) -> ResponseReturnValue:
    """Record one contact attempt; who spoke and wants a time goes straight on to the diary."""
    opened = access.open_referral(reference)
    form = CallForm()
    if not form.validate_on_submit():
        return show_referral(opened, call_form=form)
    try:
        with transaction():
            follows = _record(opened.case, form)
    except Refusal as refusal:
        form.add_refusal(refusal)
        return show_referral(opened, call_form=form)
    flash(_said(follows))
    booked = form.outcome.data == AttemptOutcome.SPOKE_AND_BOOKED
    return redirect(url_for("staff.book" if booked else "staff.referral", reference=opened.reference))


def _record(case_id: int, form: CallForm) -> Follows:
    if form.note.data:
        contacting.write_note(case_id, kind="ordinary", text=form.note.data, by=by(), now=now())
    return contacting.record_attempt(
        case_id,
        outcome=AttemptOutcome[form.outcome.data.upper()],
        number_confirmed=form.own_voice.data,
        call_back_at=form.call_back_at,
        who_sees=form.seen,
        at=form.held_at,
        by=by(),
        now=now(),
    )


def _said(follows: Follows) -> str:
    if isinstance(follows, NextCall):
        return f"Call recorded. Ring next on {london_datetime(follows.at)}. {follows.reason}"
    return f"Call recorded. {follows.reason}" if follows is not None else "Call recorded."


@desk.route("/referrals/<reference>/number", methods=["GET", "POST"])
@needs(Permission.RECORD_CONTACT)
def number(reference: str) -> ResponseReturnValue:
    """Ring another number from now on."""
    opened = access.open_referral(reference)
    form = NumberForm()
    if form.validate_on_submit():
        confirmed_by = None if form.confirmed_by.data == "not_yet" else form.confirmed_by.data
        try:
            with transaction():
                contacting.change_number(
                    opened.case, form.mobile.data, confirmed_by=confirmed_by, by=by(), now=now()
                )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The number is changed. Links sent to the old one no longer work.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template(
        "staff/number.html", form=form, reference=opened.reference, numbers=numbers_of(opened.person_id)
    )
