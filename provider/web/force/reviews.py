"""Every review of a bar of this force: who waits for an answer, and what was decided."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from provider.caseload.force_reviews import all_reviews
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.web.context import by, now
from provider.web.force import door
from provider.web.force.access import force_id
from provider.web.guard import needs


@door.get("/reviews")
@needs(Permission.MANAGE_FORCE)
def reviews() -> ResponseReturnValue:
    found = all_reviews(force_id())
    read = len(found.open) + len(found.decided)
    with transaction():
        record("reviews.read", "force", force_id(), by=by(), now=now(), referrals=read)
    return render_template("force/reviews.html", found=found, now=now())
