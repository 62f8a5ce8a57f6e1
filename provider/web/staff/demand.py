"""How many places will be needed, and the sessions that this takes."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.reporting.demand import demand_page
from provider.web.context import now
from provider.web.guard import needs
from provider.web.staff import desk


@desk.get("/demand")
@needs(Permission.MANAGE_SESSIONS)
def demand() -> ResponseReturnValue:
    return render_template("staff/demand/demand.html", page=demand_page(now=now()))
