"""What an officer sent, where each stands, and the crime number when it follows later."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.officer_list import own_referrals
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.models import Referral
from provider.domain.referrals.requests import Correction
from provider.kernel.database import db, transaction
from provider.kernel.errors import Invalid
from provider.kernel.parsing import parse
from provider.pathway.correcting import correct
from provider.pathway.receiving import DuplicateReferral
from provider.web.addresses import a_number
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.officer import access, door
from provider.web.officer.forms import CrimeNumberForm


@door.get("/mine")
@needs(Permission.READ_OWN_REFERRALS)
def mine() -> ResponseReturnValue:
    page = request.args.get("page", default=1, type=a_number)
    if page > 10_000:
        abort(404)
    listed = own_referrals(signed_in().account_id, force_id=access.force_id(), page=page)
    return render_template("officer/mine.html", page=listed)


@door.get("/mine/<reference>")
@needs(Permission.READ_OWN_REFERRALS)
def referral(reference: str) -> ResponseReturnValue:
    page = access.look_at(reference)
    form = CrimeNumberForm(data={"force_reference": page.incident.force_reference})
    return render_template("officer/referral.html", page=page, form=form)


@door.post("/mine/<reference>")
@needs(Permission.REFER)
def add_crime_number(reference: str) -> ResponseReturnValue:
    page = access.sent_by_me(reference)
    form = CrimeNumberForm()
    if form.validate_on_submit():
        try:
            _correct(page.referral_id, form.force_reference.data)
        except DuplicateReferral as duplicate:
            form.force_reference.errors = [f"{duplicate.sentence} See {duplicate.reference}."]
        except Invalid as invalid:
            form.add_errors(invalid, {"/force_reference": "force_reference"})
        else:
            flash("The crime number has been saved.")
            return redirect(url_for(".referral", reference=page.reference))
    return render_template("officer/referral.html", page=access.look_at(reference), form=form)


def _correct(referral_id: int, force_reference: str) -> None:
    correction = parse(Correction, {"force_reference": force_reference})
    with transaction():
        correct(db.session.get_one(Referral, referral_id), correction, by=by(), now=now())
