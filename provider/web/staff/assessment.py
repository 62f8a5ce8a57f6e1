"""The assessment: written down during the call, then advice and pathway, then only read."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.advice_page import AdvicePage, advice_page
from provider.caseload.assessment_page import AssessmentPage, assessment_page
from provider.caseload.assessment_record import TITLES, recorded_sections
from provider.domain.accounts.roles import Permission
from provider.domain.assessments.pathway import PATHWAY_LABELS
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import assessing
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.advice_forms import DecisionForm, decision_form
from provider.web.staff.assessment_forms import AssessmentForm, assessment_form
from provider.web.words import london_time


@desk.get("/referrals/<reference>/assessment")
@needs(Permission.ASSESS)
def assessment(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    page = assessment_page(opened.referral_id, now=now())
    if not page.assessable:
        return _read(page)
    form = assessment_form(page, formdata=None)
    if "add" in request.args:
        form.add_row()
    return _write(page, form)


@desk.post("/referrals/<reference>/assessment")
@needs(Permission.ASSESS)
def save_assessment(reference: str) -> ResponseReturnValue:
    """Keep what was said so far, whichever button was pressed; ``action`` says where to go on."""
    opened = access.open_referral(reference)
    page = assessment_page(opened.referral_id, now=now())
    action, _, which = request.form.get("action", "save").partition(":")
    form = AssessmentForm(page)
    if action == "remove":
        form.remove_row(which)
    if not form.validate(going_on=action == "advice"):
        if action == "add":
            form.add_row()
        return _write(page, form)
    try:
        with transaction():
            assessing.save(opened.case, form.recorded, by=by(), now=now())
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _write(page, form)
    if "X-Autosave" in request.headers:
        return "", 204
    if action == "advice":
        return redirect(url_for("staff.advice", reference=opened.reference))
    flash(f"Saved at {london_time(now())}.")
    anchor = which if which in TITLES else "substances" if action in {"add", "remove"} else None
    add = "1" if action == "add" else None
    return redirect(url_for("staff.assessment", reference=opened.reference, _anchor=anchor, add=add))


@desk.get("/referrals/<reference>/assessment/advice")
@needs(Permission.ASSESS)
def advice(reference: str) -> ResponseReturnValue:
    """Advice and pathway as the rules suggest them from what was said."""
    opened = access.open_referral(reference)
    page = advice_page(opened.referral_id, now=now())
    if page.assessment.started_at is None or not page.assessment.assessable:
        return redirect(url_for("staff.assessment", reference=opened.reference))
    return _decide(page, decision_form(page, formdata=None))


@desk.post("/referrals/<reference>/assessment/advice")
@needs(Permission.ASSESS)
def finish_assessment(reference: str) -> ResponseReturnValue:
    """The worker decides: with that the assessment is finished."""
    opened = access.open_referral(reference)
    page = advice_page(opened.referral_id, now=now())
    form = DecisionForm(page)
    if request.form.get("action") == "add":
        form.add_own()
        return _decide(page, form)
    if not form.validate():
        return _decide(page, form)
    try:
        with transaction():
            assessing.finish(opened.case, form.decided, took_place_at=form.held_at, by=by(), now=now())
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _decide(page, form)
    flash("The assessment is finished.")
    return redirect(url_for("staff.course", reference=opened.reference))


def _write(page: AssessmentPage, form: AssessmentForm) -> str:
    return render_template("staff/assessment/write.html", page=page, form=form, titles=TITLES)


def _decide(page: AdvicePage, form: DecisionForm) -> str:
    return render_template("staff/assessment/advice.html", page=page, form=form)


def _read(page: AssessmentPage) -> str:
    return render_template(
        "staff/assessment/read.html", page=page, sections=recorded_sections(page), pathways=PATHWAY_LABELS
    )
