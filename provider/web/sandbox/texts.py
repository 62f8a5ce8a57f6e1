"""Each phone with the texts that arrived on it, the newest first."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.sandbox_page import sandbox_page
from provider.web.context import settings
from provider.web.guard import door
from provider.web.sandbox import sandbox


def _in_a_demo() -> None:
    """Anywhere else there is no such page: it would show people's texts to anybody."""
    if not settings().demo:
        abort(404)


@sandbox.get("/texts")
@door(_in_a_demo)
def texts() -> ResponseReturnValue:
    number = request.args.get("number", "")[:20]
    return render_template("sandbox/texts.html", page=sandbox_page(number=number))
