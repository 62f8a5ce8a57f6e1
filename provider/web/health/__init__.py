"""The door for monitors: is it up, is it ready, and how much waits."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from provider.web.health import views


def open_door(app: Flask, _csrf: CSRFProtect) -> None:
    health = Blueprint("health", __name__)
    health.get("/healthz")(views.healthz)
    health.get("/readyz")(views.readyz)
    health.get("/metrics")(views.metrics)
    app.register_blueprint(health)
