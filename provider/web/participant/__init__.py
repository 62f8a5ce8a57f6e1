"""The participant's door: a link in a text, a question, and what is coming."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask, Response, request
from flask_wtf import CSRFProtect

participant = Blueprint("participant", __name__, url_prefix="/p")


def open_door(app: Flask, csrf: CSRFProtect) -> None:
    """No CSRF token: the link, or a cookie that other sites cannot send, is the proof."""
    import_module("provider.web.participant.opening")
    import_module("provider.web.participant.pages")
    import_module("provider.web.participant.booking")
    import_module("provider.web.participant.places")
    import_module("provider.web.participant.joining")
    import_module("provider.web.participant.survey")
    import_module("provider.web.participant.next_steps")
    csrf.exempt(participant)
    app.register_blueprint(participant)
    app.after_request(_keep_to_yourself)


def _keep_to_yourself(response: Response) -> Response:
    """Of every answer under /p, also where there is no such page: not kept, not passed on, not listed."""
    if request.path == "/p" or request.path.startswith("/p/"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
