"""Who gets the texts of somebody under 18, as it was decided with them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.whose_texts import WhoseTexts, whose_texts_page
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway import reaching
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.whose_texts_forms import WhoseTextsForm

POINTERS = {
    "/texts_to": "texts_to",
    "/competence": "competence",
    "/relation": "relation",
    "/mobile": "mobile",
}


@desk.route("/referrals/<reference>/whose-texts", methods=["GET", "POST"])
@needs(Permission.RECORD_CONTACT)
def whose_texts(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    page = whose_texts_page(opened.person_id, now=now())
    form = WhoseTextsForm(data=_as_it_stands(page))
    if form.validate_on_submit():
        try:
            with transaction():
                reaching.agree(opened.case, form.agreed, by=by(), now=now())
        except Invalid as invalid:
            form.add_errors(invalid, POINTERS)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("Recorded. Texts that are planned already follow it too.")
            return redirect(url_for("staff.referral", reference=opened.reference))
    return render_template("staff/whose_texts.html", form=form, page=page, reference=opened.reference)


def _as_it_stands(page: WhoseTexts) -> dict[str, str | bool | None]:
    return {
        "texts_to": page.texts_to,
        "competence": page.competence,
        "relation": page.adult_relation,
        "mobile": page.adult_mobile,
    }
