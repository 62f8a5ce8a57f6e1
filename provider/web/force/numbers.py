"""Numbers needed: for which referrals the provider asks for another number, and the form that gives one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.force_numbers import is_needed, numbers_needed
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.referrals.models import Referral
from provider.domain.referrals.requests import Correction
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, NotFound
from provider.kernel.parsing import parse
from provider.pathway.correcting import correct
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.number_forms import NumberForm
from provider.web.guard import needs

POINTERS = {"/person/mobile": "mobile"}


@door.get("/numbers")
@needs(Permission.MANAGE_FORCE)
def numbers() -> ResponseReturnValue:
    found = numbers_needed(access.force_id())
    with transaction():
        record("numbers.read", "force", access.force_id(), by=by(), now=now(), referrals=len(found))
    return render_template("force/numbers.html", found=found, now=now())


@door.route("/numbers/<reference>", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def give_number(reference: str) -> ResponseReturnValue:
    """Only while one is asked for: the form shows nothing of the number that is known."""
    found, form = _asked_for(reference), NumberForm()
    if form.validate_on_submit():
        try:
            _give(reference, form)
        except Invalid as invalid:
            form.add_errors(invalid, POINTERS)
        else:
            flash("Thank you. The provider tries that number.")
            return redirect(url_for(".numbers"))
    return render_template("force/number.html", form=form, reference=found.reference)


def _asked_for(reference: str) -> Referral:
    found = access.own_referral(reference)
    if not is_needed(found.id):
        raise NotFound
    return found


def _give(reference: str, form: NumberForm) -> None:
    """Raises Invalid."""
    person = {"mobile": form.mobile.data, "contact": {"number_checked": form.was_checked}}
    correction = parse(Correction, {"person": person})
    with transaction():
        correct(_asked_for(reference), correction, by=by(), now=now())
