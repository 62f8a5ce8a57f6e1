"""The door for machines: what they say is checked, kept as it came, and answered; a job acts on it."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


def open_door(app: Flask, csrf: CSRFProtect) -> None:
    """No CSRF token: machines sign what they send."""
    import_module("provider.web.webhooks.twilio")
    import_module("provider.web.webhooks.zoom")
    csrf.exempt(webhooks)
    app.register_blueprint(webhooks)
