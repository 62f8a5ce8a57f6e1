"""Numbers and names to put right, and the next step with each: ring, change it, ask for another, say it is right."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.number_worklist import SENTENCES, Problem, numbers_to_put_right
from provider.domain.accounts.roles import Permission
from provider.pathway import disowning, knowing
from provider.web.addresses import a_page
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.ways import done


@desk.get("/phone-numbers")
@needs(Permission.RECORD_CONTACT)
def phone_numbers() -> ResponseReturnValue:
    """One's own caseload, or everybody's."""
    me, mine = signed_in().account_id, request.args.get("whose") != "all"
    asked = request.args.get("which")
    page = numbers_to_put_right(
        reader_id=me,
        worker_id=me if mine else None,
        which=Problem(asked) if asked in set(Problem) else None,
        page=request.args.get("page", 1, type=a_page),
        now=now(),
    )
    return render_template("staff/phone_numbers.html", page=page, problems=SENTENCES, now=now())


@desk.post("/referrals/<reference>/number/ask")
@needs(Permission.RECORD_CONTACT)
def ask_for_number(reference: str) -> ResponseReturnValue:
    """Put it on the force's list: which referral, and that another number is needed. Nothing else is said."""
    opened = access.open_referral(reference)
    done(
        lambda: disowning.ask_for_another(opened.case, by=by(), now=now()),
        said="The force sees that another number is needed.",
    )
    return redirect(url_for("staff.phone_numbers"))


@desk.post("/referrals/<reference>/name/right")
@needs(Permission.RECORD_CONTACT)
def name_is_right(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    done(
        lambda: knowing.name_looked_at(opened.person_id, by=by(), now=now()),
        said="The name stays as it is.",
    )
    return redirect(url_for("staff.phone_numbers", which="odd_name"))
