"""How pages are drawn: where templates are found, what they may call, and that an unknown name is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, has_request_context, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from provider.domain.accounts.roles import Permission
from provider.web.context import signed_in_or_none
from provider.web.controls import faults, has_file, kind_of, typed
from provider.web.speech import speech
from provider.web.words import FILTERS

ROOT = Path(__file__).resolve().parents[2]
A_YEAR = 31_536_000


def furnish(app: Flask) -> None:
    """Give ``app`` the look: call it once, after the settings are in ``app.config`` and before any page is drawn."""
    app.jinja_loader = FileSystemLoader(ROOT / "templates")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.filters.update({filter_.__name__: filter_ for filter_ in FILTERS})
    env.globals.update(
        service_name=app.config["SERVICE_NAME"],
        asset_url=asset_url,
        csrf_token=generate_csrf,
        faults=faults,
        govuk=Library(),
        has_file=has_file,
        kind_of=kind_of,
        on_participant_page=on_participant_page,
        typed=typed,
        signed_in=signed_in_or_none,
        speech=speech,
        may=may,
        # What an error page adds to its own words, where there is something.
        sentence="",
    )


def draw_plainly(template: str, **context: Any) -> str:
    """Draw a page without asking anything of the database or of the session: for the pages that say those are away."""
    return current_app.jinja_env.get_template(template).render(**context)


def may(permission: Permission | str) -> bool:
    """Whether whoever is signed in may; who is not may do nothing. For what a page offers: the door asks again."""
    who = signed_in_or_none()
    return who is not None and who.may(permission)


def on_participant_page() -> bool:
    """Whether the address asked for is a participant's."""
    return has_request_context() and request.path.startswith("/p/")


def asset_url(name: str) -> str:
    """The address of a built file. It changes with the file's content, so that browsers may keep it for a year."""
    folder = Path(current_app.static_folder or ROOT / "provider" / "static") / "built"
    path = folder / name
    changed = path.stat().st_mtime_ns if path.exists() else 0
    base = request.script_root if has_request_context() else ""
    return f"{base}{current_app.static_url_path}/built/{name}?v={_digest(path, changed)}"


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if changed else "unbuilt"


class Library:
    """govuk-frontend-jinja's macros as ``govuk.details({…})``.

    They ask for keys that were not given, which our strict environment refuses: they live in one of their own.
    """

    def __init__(self) -> None:
        loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
        self._env = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)

    def __getattr__(self, name: str) -> Callable[[dict[str, Any]], Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        folder = name.replace("_", "-")
        module = self._env.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module
        macro = "govuk" + "".join(word.capitalize() for word in name.split("_"))
        return cast("Callable[[dict[str, Any]], Markup]", getattr(module, macro))
