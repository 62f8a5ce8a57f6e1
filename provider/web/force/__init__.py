"""The force door."""

from flask import Flask
from flask_wtf import CSRFProtect


def open_door(app: Flask, csrf: CSRFProtect) -> None:
    """Nothing behind this door yet."""
