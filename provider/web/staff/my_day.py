"""My day: what a drug worker has to do, and taking on a referral that nobody has."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.my_day import my_day as build_my_day
from provider.domain.accounts.roles import Permission
from provider.pathway import contacting
from provider.web.addresses import a_number
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.ways import done


@desk.get("/my-day")
@needs(Permission.RECORD_CONTACT)
def my_day() -> ResponseReturnValue:
    me = signed_in().account_id
    worker_id = request.args.get("worker", me, type=a_number)
    if worker_id != me and not signed_in().may(Permission.SPREAD_WORK):
        abort(403)
    page = build_my_day(
        worker_id, reader_id=me, reader_leads=signed_in().may(Permission.SPREAD_WORK), now=now()
    )
    return render_template("staff/my_day.html", page=page, now=now(), own=worker_id == me)


@desk.post("/referrals/<reference>/take")
@needs(Permission.RECORD_CONTACT)
def take(reference: str) -> ResponseReturnValue:
    """Take on a referral that nobody has."""
    opened = access.open_referral(reference)
    taken = done(
        lambda: contacting.take_on(opened.case, by=by(), now=now()), said="You have taken this referral."
    )
    return redirect(
        url_for("staff.referral", reference=opened.reference) if taken else url_for("staff.my_day")
    )


@desk.post("/referrals/<reference>/take-over")
@needs(Permission.RECORD_CONTACT)
def take_over(reference: str) -> ResponseReturnValue:
    """Take over from a colleague: from now on it is in one's own day."""
    opened = access.open_referral(reference)
    me = signed_in().account_id
    done(
        lambda: contacting.assign(opened.case, me, by=by(), now=now()),
        said="You have taken this referral over.",
    )
    return redirect(url_for("staff.referral", reference=opened.reference))
