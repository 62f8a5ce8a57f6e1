"""The calendar's door: a worker's diary, for the calendar of theirs that knows its link."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask, Response
from flask_wtf import CSRFProtect

calendar = Blueprint("calendar", __name__, url_prefix="/calendar")


def open_door(app: Flask, _csrf: CSRFProtect) -> None:
    import_module("provider.web.calendar.feed")
    app.register_blueprint(calendar)


@calendar.after_request
def _keep_to_yourself(response: Response) -> Response:
    """Also where a link leads nowhere: its address is passed on to nobody, and not listed."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
