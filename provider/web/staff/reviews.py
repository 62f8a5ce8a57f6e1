"""The review of a bar: asked for in the person's words, and decided by somebody who did not end the referral."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.referral_facts import referral_facts
from provider.caseload.reviews import ReviewPage, review_page, reviews_to_decide
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.models import Referral
from provider.domain.referrals.reviews import Decision
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import reviewing
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.review_forms import AskForm, DecideForm


@desk.get("/reviews")
@needs(Permission.REVIEW_BARS)
def reviews() -> ResponseReturnValue:
    """The open ones, the first due at the top."""
    open_ones = reviews_to_decide(reader_id=signed_in().account_id, now=now())
    return render_template("staff/reviews.html", reviews=open_ones, now=now())


@desk.get("/referrals/<reference>/review")
@needs(Permission.READ_CASELOAD)
def review(reference: str) -> ResponseReturnValue:
    """What was asked and decided; and, for who may, the form to ask or to decide."""
    return _shown(access.open_referral(reference), AskForm(formdata=None), DecideForm(formdata=None))


@desk.post("/referrals/<reference>/review")
@needs(Permission.RECORD_CONTACT)
def ask_for_review(reference: str) -> ResponseReturnValue:
    opened, form = access.open_referral(reference), AskForm()
    if form.validate_on_submit():
        try:
            with transaction():
                referral = db.session.get_one(Referral, opened.referral_id)
                reviewing.ask(referral, words=form.words.data, through="desk", by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("The review has been asked for. A team lead decides.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    return _shown(opened, form, DecideForm(formdata=None))


@desk.post("/referrals/<reference>/review/decision")
@needs(Permission.REVIEW_BARS)
def decide_review(reference: str) -> ResponseReturnValue:
    opened, form = access.open_referral(reference), DecideForm()
    if form.validate_on_submit():
        try:
            _decide(opened, form)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("Decided. What changes, the force is told.")
            return redirect(url_for("staff.reviews"))
    return _shown(opened, AskForm(formdata=None), form)


def _decide(opened: access.Opened, form: DecideForm) -> None:
    open_one = _page(opened).open
    if open_one is None:
        raise reviewing.AlreadyDecided
    decision = Decision[form.decision.data.upper()]
    with transaction():
        reviewing.decide(open_one.id, decision=decision, reason=form.reason.data, by=by(), now=now())


def _page(opened: access.Opened) -> ReviewPage:
    facts = referral_facts(opened.referral_id, today=london_date(now()))
    return review_page(facts, reader_id=signed_in().account_id, now=now())


def _shown(opened: access.Opened, ask_form: AskForm, decide_form: DecideForm) -> ResponseReturnValue:
    page = _page(opened)
    if not page.log:
        decide_form.leave_out_the_log()
    return render_template(
        "staff/review.html", page=page, ask_form=ask_form, decide_form=decide_form, now=now()
    )
