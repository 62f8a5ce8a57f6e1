"""The staff door: the desk of everybody who works for the provider."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

desk = Blueprint("staff", __name__)

PAGES = (
    "sign_in",
    "sessions",
    "apart",
    "altering",
    "shifting",
    "series",
    "courses",
    "register",
    "register_report",
    "register_taps",
    "register_fault",
    "meeting",
    "ways",
    "my_day",
    "find",
    "referral",
    "contact",
    "whose_texts",
    "needs",
    "letters",
    "phone_numbers",
    "asked_texts",
    "notes",
    "thread",
    "replies",
    "matches",
    "booking",
    "outcomes",
    "closing",
    "closures",
    "reviews",
    "diary",
    "hours",
    "absences",
    "calendar_links",
    "spread",
    "assessment",
    "course",
    "queue",
    "numbers",
    "demand",
    "schemes",
    "wordings",
    "team",
    "alarms",
    "audit",
    "accounts",
)
"""Modules of views behind this door: each puts its own on ``desk`` by being imported."""


def open_door(app: Flask, _csrf: CSRFProtect) -> None:
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(desk)
