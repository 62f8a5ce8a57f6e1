"""The force administrator's door: outcomes, corrections, reviews, places, uploads, officers, keys and webhooks."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

door = Blueprint("force", __name__, url_prefix="/force")

PAGES = (
    "home",
    "outcomes",
    "referral",
    "corrections",
    "reviews",
    "numbers",
    "places",
    "uploads",
    "upload",
    "officers",
    "keys",
    "webhooks",
    "webhook_changes",
)
"""Modules of views behind this door: each puts its own on ``door`` by being imported."""


def open_door(app: Flask, _csrf: CSRFProtect) -> None:
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(door)
