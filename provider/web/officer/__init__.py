"""The officer's door: a referral from a phone at the roadside, and what came of it."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

door = Blueprint("officer", __name__, url_prefix="/refer")

PAGES = ("screens", "sending", "sent", "mine", "review")
"""Modules of views behind this door: each puts its own on ``door`` by being imported."""


def open_door(app: Flask, _csrf: CSRFProtect) -> None:
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(door)
