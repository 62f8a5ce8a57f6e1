"""How a call in the diary went; and one that took place without being in it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.booking_page import kind_to_book
from provider.caseload.outcome_page import outcome_page
from provider.caseload.referral_facts import referral_facts
from provider.domain.accounts.roles import Permission
from provider.domain.diary.outcomes import CallOutcome
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import keeping, restating
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.outcome_forms import DID_NOT_ANSWER, OURS, CorrectionForm, HeldForm, OutcomeForm
from provider.web.staff.ways import carried_out, done

SAID = {DID_NOT_ANSWER: "Recorded: they did not answer.", OURS: "Recorded: it was ours to blame."}
TOOK_PLACE = "Recorded: it took place."


@desk.route("/referrals/<reference>/appointments/<int:appointment_id>/outcome", methods=["GET", "POST"])
@needs(Permission.BOOK)
def outcome(reference: str, appointment_id: int) -> ResponseReturnValue:
    """Say how a call went: at the time agreed, at another, not at all, or not because of us."""
    opened = access.open_referral(reference)
    page = outcome_page(opened.referral_id, access.appointment_of(opened, appointment_id), now=now())
    form = OutcomeForm(by_record=page.kind == "assessment" and not page.ended, times=page.times)
    if form.validate_on_submit():
        try:
            with transaction():
                _say(appointment_id, form)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(SAID.get(form.how.data, TOOK_PLACE))
            return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template("staff/outcome.html", page=page, form=form, now=now())


def _say(appointment_id: int, form: OutcomeForm) -> None:
    if form.how.data == DID_NOT_ANSWER:
        keeping.record_missed(appointment_id, by=by(), now=now())
    elif form.how.data == OURS:
        keeping.record_ours(appointment_id, instead=form.instead_at, by=by(), now=now())
    else:
        at = form.held_at if form.how.data == "another_time" else None
        keeping.record_took_place(appointment_id, at=at, by=by(), now=now())


@desk.route("/referrals/<reference>/appointments/<int:appointment_id>/correct", methods=["GET", "POST"])
@needs(Permission.BOOK)
def correct_outcome(reference: str, appointment_id: int) -> ResponseReturnValue:
    """It was said wrongly how a call went: say how it did, and why that was not said at first."""
    opened = access.open_referral(reference)
    page = outcome_page(opened.referral_id, access.appointment_of(opened, appointment_id), now=now())
    form = CorrectionForm(state=page.state, seen=page.seen)
    if form.validate_on_submit() and carried_out(
        form,
        lambda: restating.correct(
            appointment_id,
            CallOutcome[form.how.data.upper()],
            seen=form.last_seen,
            reason=form.reason.data,
            by=by(),
            now=now(),
        ),
    ):
        flash("Corrected, and what had followed from it is put right.")
        return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template("staff/correct_outcome.html", page=page, form=form)


@desk.post("/referrals/<reference>/appointments/<int:appointment_id>/missed")
@needs(Permission.BOOK)
def missed(reference: str, appointment_id: int) -> ResponseReturnValue:
    """They did not answer at the time agreed: one press, from the referral or from *My day*."""
    opened = access.open_referral(reference)
    appointment = access.appointment_of(opened, appointment_id)
    done(lambda: keeping.record_missed(appointment, by=by(), now=now()), said=SAID[DID_NOT_ANSWER])
    return _back(opened)


@desk.post("/referrals/<reference>/appointments/<int:appointment_id>/took-place")
@needs(Permission.BOOK)
def took_place(reference: str, appointment_id: int) -> ResponseReturnValue:
    """A one-to-one or a call of treatment took place at the time agreed: one press."""
    opened = access.open_referral(reference)
    appointment = access.appointment_of(opened, appointment_id)
    done(lambda: keeping.record_took_place(appointment, by=by(), now=now()), said=TOOK_PLACE)
    return _back(opened)


def _back(opened: access.Opened) -> ResponseReturnValue:
    if request.form.get("from") == "my-day":
        return redirect(url_for("staff.my_day", _anchor="calls"))
    return redirect(url_for("staff.referral", reference=opened.reference))


@desk.route("/referrals/<reference>/appointments/held", methods=["GET", "POST"])
@needs(Permission.BOOK)
def held(reference: str) -> ResponseReturnValue:
    """A call took place that nobody had booked."""
    opened = access.open_referral(reference)
    facts = referral_facts(opened.referral_id, today=london_date(now()))
    kind = kind_to_book(facts)
    form = HeldForm()
    if form.validate_on_submit() and form.both_needed():
        assert form.held_at is not None
        try:
            with transaction():
                keeping.record_without_booking(opened.case, kind, at=form.held_at, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(TOOK_PLACE)
            return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template("staff/held.html", facts=facts, kind=kind, form=form)
