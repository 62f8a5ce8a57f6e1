"""The api door: what police systems are built against. ``operations`` lists all of it."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from provider.web.api.access import PREFIX, authenticate_unrouted
from provider.web.api.openapi import show_document
from provider.web.api.operations import OPERATIONS
from provider.web.api.problems import answer_problems
from provider.web.api.reference import show
from provider.web.guard import open_to_all


def open_door(app: Flask, csrf: CSRFProtect) -> None:
    """One route an operation. A key proves who asks, so that no form's token is needed."""
    api = Blueprint("api", __name__)
    exactly = {"strict_slashes": True, "merge_slashes": False, "provide_automatic_options": False}
    for operation in OPERATIONS:
        rule = PREFIX + operation.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, operation.id, operation.guarded(), methods=[operation.method], **exactly)
    api.add_url_rule(
        f"{PREFIX}/openapi.json", "openapi", open_to_all(show_document), methods=["GET"], **exactly
    )
    answer_problems(app, api)
    api.before_app_request(authenticate_unrouted)
    csrf.exempt(api)
    app.register_blueprint(api)
    reference = Blueprint("reference", __name__)
    reference.add_url_rule("/api", "show", open_to_all(show), strict_slashes=False)
    app.register_blueprint(reference)
