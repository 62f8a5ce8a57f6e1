"""People who are never in one session with somebody."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.apart_page import apart_page, readable_person
from provider.domain.accounts.roles import Permission
from provider.pathway import parting
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.apart_forms import ApartForm
from provider.web.staff.ways import carried_out, done


@desk.route("/referrals/<reference>/apart", methods=["GET", "POST"])
@needs(Permission.KEEP_APART)
def apart(reference: str) -> ResponseReturnValue:
    """Whom they are kept apart from, and one more."""
    opened = access.open_referral(reference)
    form = ApartForm()
    if form.validate_on_submit() and _kept_apart(opened, form):
        flash("Kept apart from now on: they are never given places in one session.")
        return redirect(url_for("staff.apart", reference=opened.reference))
    me = signed_in()
    lines = apart_page(
        opened.person_id, reader_id=me.account_id, notes=me.may(Permission.READ_SENSITIVE_NOTES)
    )
    return render_template("staff/apart.html", form=form, lines=lines, reference=opened.reference)


@desk.post("/referrals/<reference>/apart/<int:pair_id>/end")
@needs(Permission.KEEP_APART)
def end_apart(reference: str, pair_id: int) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    done(
        lambda: parting.unite(pair_id, person_id=opened.person_id, by=by(), now=now()),
        said="They need not be kept apart any more.",
    )
    return redirect(url_for("staff.apart", reference=opened.reference))


def _kept_apart(opened: access.Opened, form: ApartForm) -> bool:
    other_id = readable_person(form.other.data, reader_id=signed_in().account_id)
    if other_id is None:
        form.unknown()
        return False
    how = {"why": form.why.data, "note": form.note.data or None, "moves": form.moves.data}
    return carried_out(form, lambda: parting.part(opened.person_id, other_id, **how, by=by(), now=now()))
