"""The text sandbox: what arrived on phones that are not there. A demo's alone."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

sandbox = Blueprint("sandbox", __name__, url_prefix="/sandbox")


def open_door(app: Flask, csrf: CSRFProtect) -> None:  # noqa: ARG001 (every door is opened alike)
    import_module("provider.web.sandbox.texts")
    app.register_blueprint(sandbox)
