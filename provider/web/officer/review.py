"""An officer asks that the bar of somebody they referred be looked at again, and reads what was decided."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.force_reviews import reviews_for_force
from provider.caseload.officer_pages import OwnReferral
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.models import Referral
from provider.domain.schemes.queries import scheme_under
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import reviewing
from provider.web.context import by, now
from provider.web.force.referral_forms import ReviewForm
from provider.web.guard import needs
from provider.web.officer import access, door


@door.get("/mine/<reference>/review")
@needs(Permission.READ_OWN_REFERRALS)
def review(reference: str) -> ResponseReturnValue:
    return _shown(access.look_at(reference), ReviewForm(formdata=None))


@door.post("/mine/<reference>/review")
@needs(Permission.REFER)
def ask_for_review(reference: str) -> ResponseReturnValue:
    found, form = access.sent_by_me(reference), ReviewForm()
    if form.validate_on_submit():
        try:
            with transaction():
                referral = db.session.get_one(Referral, found.referral_id)
                reviewing.ask(referral, words=form.words.data, through="force", by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The review has been asked for. The provider’s answer appears here.")
            return redirect(url_for(".review", reference=found.reference))
    return _shown(access.look_at(reference), form)


def _shown(found: OwnReferral, form: ReviewForm) -> ResponseReturnValue:
    referral = db.session.get_one(Referral, found.referral_id)
    reviews = reviews_for_force(referral, scheme_under(referral.terms_id).terms, now=now())
    return render_template("officer/review.html", page=found, reviews=reviews, form=form)
