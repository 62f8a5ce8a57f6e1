"""A person says whether a text arrived of which nobody else can find out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.asked_texts import asked_texts
from provider.caseload.referral_facts import referral_facts
from provider.domain.accounts.roles import Permission
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import settling
from provider.web.context import by, now
from provider.web.forms import HiddenField, Needed, PageForm, RadioField, options
from provider.web.guard import needs
from provider.web.staff import access, desk

ANSWERS = {"arrived": "It arrived", "did_not": "It did not: ring them"}


class ArrivedForm(PageForm):
    text = HiddenField()
    answer = RadioField("Did it arrive?", [Needed("Say whether it arrived")], choices=options(ANSWERS))


@desk.route("/referrals/<reference>/text-arrived", methods=["GET", "POST"])
@needs(Permission.RECORD_CONTACT)
def text_arrived(reference: str) -> ResponseReturnValue:
    """The oldest text that they are asked about; the next one follows."""
    opened = access.open_referral(reference)
    form = ArrivedForm()
    if form.validate_on_submit():
        try:
            with transaction():
                settling.told(
                    _asked(opened.case, form.text.data),
                    arrived=form.answer.data == "arrived",
                    by=by(),
                    now=now(),
                )
        except Refusal as refusal:
            flash(refusal.sentence, "error")
        else:
            flash("Thank you: it is noted.")
        return redirect(_next(opened, rings=form.answer.data == "did_not"))
    texts = asked_texts(opened.case)
    if texts:
        form.text.data = str(texts[0].id)
    facts = referral_facts(opened.referral_id, today=london_date(now()))
    return render_template("staff/text_arrived.html", form=form, facts=facts, texts=texts)


def _asked(case_id: int, said: str | None) -> int:
    """The text that the page asked about, if it still does. Raises KnownByNow."""
    found = next((text.id for text in asked_texts(case_id) if str(text.id) == said), None)
    if found is None:
        raise settling.KnownByNow
    return found


def _next(opened: access.Opened, *, rings: bool) -> str:
    if asked_texts(opened.case):
        return url_for("staff.text_arrived", reference=opened.reference)
    return url_for("staff.referral", reference=opened.reference, _anchor="call" if rings else None)
