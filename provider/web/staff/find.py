"""Finding a referral. What is looked for is sent by POST: a name has no place in an address."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.find import find_referrals, own_referrals
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.web.addresses import a_page
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.find_forms import FindForm


@desk.route("/referrals", methods=["GET", "POST"])
@needs(Permission.READ_CASELOAD)
def find() -> ResponseReturnValue:
    return _answer() if request.method == "POST" else _own()


def _own() -> ResponseReturnValue:
    page = request.args.get("page", 1, type=a_page)
    found = own_referrals(reader_id=signed_in().account_id, page=page)
    return render_template("staff/find.html", form=FindForm(), found=found, searched=False)


def _answer() -> ResponseReturnValue:
    """What was found; that somebody looked is kept, what they looked for is not."""
    form = FindForm()
    if not form.validate_on_submit():
        return render_template("staff/find.html", form=form, found=None, searched=True)
    found = find_referrals(
        form.what.data or "", form.born.data, reader_id=signed_in().account_id, page=form.page.data or 1
    )
    with transaction():
        record("referrals.searched", "account", signed_in().account_id, by=by(), now=now(), found=found.total)
    return render_template("staff/find.html", form=form, found=found, searched=True)
