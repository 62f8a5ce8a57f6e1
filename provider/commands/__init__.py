"""Administration from the command line: ``flask --app provider …``."""

from importlib import import_module

from flask import Flask

GROUPS: tuple[str, ...] = (
    "accounts",
    "forces",
    "senders",
    "people",
    "audit",
    "worker",
    "doctor",
    "backup",
    "demo",
)


def register_commands(app: Flask) -> None:
    for name in GROUPS:
        import_module(f"{__name__}.{name}").register(app)
