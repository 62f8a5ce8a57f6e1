"""Where a force administrator starts: what needs them, and what came to an end last."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from provider.caseload.force_home import force_home
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.guard import needs


@door.get("")
@needs(Permission.MANAGE_FORCE)
def home() -> ResponseReturnValue:
    access.number_events()
    page = force_home(access.force_id(), now=now())
    with transaction():
        record("outcomes.read", "force", access.force_id(), by=by(), now=now(), referrals=len(page.latest))
    return render_template("force/home.html", page=page, now=now(), today=london_date(now()))
