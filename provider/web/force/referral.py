"""One referral at the force's desk: read, corrected, withdrawn, its bar's review asked for."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.force_referral import force_referral
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.models import Referral
from provider.domain.referrals.requests import Correction
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.kernel.parsing import parse
from provider.pathway import closing, reviewing
from provider.pathway.correcting import correct
from provider.pathway.receiving import DuplicateReferral
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.referral_forms import CorrectForm, ReviewForm, WithdrawForm
from provider.web.guard import needs

POINTERS = {
    "/force_reference": "force_reference",
    "/officer/collar_number": "collar_number",
    "/officer/name": "officer_name",
    "/officer/email": "officer_email",
}


@door.get("/outcomes/<reference>")
@needs(Permission.MANAGE_FORCE)
def referral(reference: str) -> ResponseReturnValue:
    access.number_events()
    return _shown(access.look_at(reference), ReviewForm(formdata=None))


@door.post("/outcomes/<reference>/review")
@needs(Permission.MANAGE_FORCE)
def ask_for_review(reference: str) -> ResponseReturnValue:
    found, form = access.own_referral(reference), ReviewForm()
    if form.validate_on_submit():
        try:
            with transaction():
                again = access.own_referral(reference)
                reviewing.ask(again, words=form.words.data, through="force", by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The review has been asked for. The provider’s answer appears here.")
            return redirect(url_for(".referral", reference=found.reference))
    return _shown(access.look_at(reference), form)


@door.route("/outcomes/<reference>/correct", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def correct_referral(reference: str) -> ResponseReturnValue:
    found = access.own_referral(reference)
    form = CorrectForm(data=_as_it_stands(found))
    if form.validate_on_submit():
        try:
            _correct(reference, form)
        except DuplicateReferral as duplicate:
            form.force_reference.errors = [f"{duplicate.sentence} See {duplicate.reference}."]
        except Invalid as invalid:
            form.add_errors(invalid, POINTERS)
        else:
            flash("Corrected.")
            return redirect(url_for(".referral", reference=found.reference))
    return render_template("force/outcomes/correct.html", form=form, reference=found.reference)


@door.route("/outcomes/<reference>/withdraw", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def withdraw(reference: str) -> ResponseReturnValue:
    found, form = access.own_referral(reference), WithdrawForm()
    if form.validate_on_submit():
        try:
            with transaction():
                again = access.own_referral(reference)
                closing.withdraw(again, reason=form.reason.data, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The referral has been withdrawn. Nobody rings or texts them about it any more.")
            return redirect(url_for(".referral", reference=found.reference))
    return render_template("force/outcomes/withdraw.html", form=form, reference=found.reference)


def _shown(found: Referral, form: ReviewForm) -> ResponseReturnValue:
    page = force_referral(found, now=now())
    return render_template("force/outcomes/referral.html", page=page, form=form, now=now())


def _as_it_stands(found: Referral) -> dict[str, Any]:
    return {
        "force_reference": found.force_reference,
        "collar_number": found.officer_collar_number,
        "officer_name": found.officer_name,
        "officer_email": found.officer_email,
    }


def _correct(reference: str, form: CorrectForm) -> None:
    """Raises Invalid or DuplicateReferral."""
    officer = {
        "collar_number": form.collar_number.data,
        "name": form.officer_name.data,
        "email": form.officer_email.data,
    }
    correction = parse(Correction, {"force_reference": form.force_reference.data, "officer": officer})
    with transaction():
        correct(access.own_referral(reference), correction, by=by(), now=now())
