"""A call goes into the diary, is moved, or is called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.booking_page import booking_page, kind_to_book
from provider.caseload.referral_facts import referral_facts
from provider.domain.accounts.roles import Permission
from provider.domain.diary.models import Appointment
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import booking
from provider.web.addresses import a_day
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.booking_forms import MoveForm, SlotForm
from provider.web.staff.ways import done
from provider.web.words import london_datetime

Change = Callable[[datetime], Appointment]


@desk.route("/referrals/<reference>/book", methods=["GET", "POST"])
@needs(Permission.BOOK)
def book(reference: str) -> ResponseReturnValue:
    """Put a call in the diary."""
    opened = access.open_referral(reference)
    kind = kind_to_book(referral_facts(opened.referral_id, today=london_date(now())))
    form = SlotForm()

    def change(starts_at: datetime) -> Appointment:
        return booking.book(
            opened.case,
            starts_at=starts_at,
            kind=kind,
            worker_id=signed_in().account_id if form.is_own else None,
            in_their_language=form.in_their_language,
            by=by(),
            now=now(),
        )

    return _choose(opened, form, change, moving=None)


@desk.route("/referrals/<reference>/appointments/<int:appointment_id>/move", methods=["GET", "POST"])
@needs(Permission.BOOK)
def move(reference: str, appointment_id: int) -> ResponseReturnValue:
    """Give an appointment another time."""
    opened = access.open_referral(reference)
    appointment = access.appointment_of(opened, appointment_id)
    form = MoveForm()

    def change(starts_at: datetime) -> Appointment:
        return booking.move_appointment(
            appointment,
            starts_at=starts_at,
            why=form.why,
            in_their_language=form.in_their_language,
            by=by(),
            now=now(),
        )

    return _choose(opened, form, change, moving=appointment)


def _choose(
    opened: access.Opened, form: SlotForm, change: Change, *, moving: int | None
) -> ResponseReturnValue:
    if form.validate_on_submit():
        if form.starts_at is None:
            form.form_errors = ["Choose one of the times."]
            return _times(opened, form, moving=moving)
        try:
            with transaction():
                appointment = change(form.starts_at)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            said = "Booked for" if moving is None else "Moved to"
            flash(f"{said} {london_datetime(appointment.starts_at)}.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    return _times(opened, form, moving=moving)


def _times(opened: access.Opened, form: SlotForm, *, moving: int | None) -> ResponseReturnValue:
    page = booking_page(
        opened.referral_id,
        account_id=signed_in().account_id,
        moving=moving,
        first=a_day(request.args.get("from")),
        now=now(),
    )
    return render_template("staff/book.html", page=page, form=form)


@desk.post("/referrals/<reference>/appointments/<int:appointment_id>/call-off")
@needs(Permission.BOOK)
def call_off(reference: str, appointment_id: int) -> ResponseReturnValue:
    """Nobody's miss: they asked, or it is our fault (``ours``)."""
    opened = access.open_referral(reference)
    appointment = access.appointment_of(opened, appointment_id)
    ours = request.form.get("ours") == "yes"
    done(
        lambda: booking.call_off(appointment, ours=ours, by=by(), now=now()),
        said="Called off. Offer another time.",
    )
    return redirect(url_for("staff.referral", reference=opened.reference))
