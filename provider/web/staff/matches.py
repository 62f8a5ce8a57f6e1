"""Is somebody sent to us somebody we know? A person looks, and says so."""

from __future__ import annotations

import re

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.match_page import match_page
from provider.domain.accounts.roles import Permission
from provider.pathway import recognising
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.ways import done


@desk.get("/matches/<reference>")
@needs(Permission.SETTLE_MATCHES)
def match(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    page = match_page(opened.referral_id, reader_id=signed_in().account_id)
    access.note_looks(candidate.person_id for candidate in page.candidates if candidate.readable)
    return render_template("staff/match.html", page=page, now=now())


@desk.post("/matches/<reference>")
@needs(Permission.SETTLE_MATCHES)
def settle_match(reference: str) -> ResponseReturnValue:
    """Somebody says who it is: ``same`` is the person's id, or ``nobody``."""
    opened = access.open_referral(reference)
    page = match_page(opened.referral_id, reader_id=signed_in().account_id)
    same_as = _read(request.form.get("same", ""))
    if same_as not in page.answers:
        return redirect(url_for("staff.match", reference=opened.reference))
    settled = done(
        lambda: recognising.settle_match(opened.referral_id, same_as=same_as, by=by(), now=now()),
        said="Settled. This is somebody new."
        if same_as is None
        else "Settled. The referral is on their record now.",
    )
    return redirect(url_for("staff.referral" if settled else "staff.match", reference=opened.reference))


def _read(said: str) -> int | None:
    """The person named; None for nobody; 0, which is no person's id, for anything else."""
    return None if said == "nobody" else int(said) if re.fullmatch("[0-9]{1,18}", said) else 0
