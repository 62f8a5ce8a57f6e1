"""Places used of the places that were bought for the force's schemes."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.reporting.places import places_of_force
from provider.web.context import now
from provider.web.force import door
from provider.web.force.access import force_id
from provider.web.guard import needs


@door.get("/places")
@needs(Permission.MANAGE_FORCE)
def places() -> ResponseReturnValue:
    return render_template("force/places.html", places=places_of_force(force_id(), now=now()))
