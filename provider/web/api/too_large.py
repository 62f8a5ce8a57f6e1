"""A body that is too large is refused, and the line that it came by is left in order."""

from __future__ import annotations

from contextlib import suppress

from flask import request
from gunicorn.http.errors import ParseException

from provider.web.api.problems import Problem

LARGEST = 64 * 1024
PIECE = 64 * 1024
THROWN_AWAY = 8 * 1024 * 1024


def too_large() -> Problem:
    """The refusal. What is still being sent is read and thrown away, unless it goes on for very long: hung up on, its
    sender would hear no answer, or whoever asks next by the same line."""
    if request.environ.get("wsgi.input_terminated"):
        with suppress(OSError, ParseException):
            _throw_away()
    return Problem(413, "content_too_large", "Content Too Large", f"At most {LARGEST} bytes.")


def _throw_away() -> None:
    coming, left = request.environ["wsgi.input"], THROWN_AWAY
    while left > 0 and (piece := coming.read(PIECE)):
        left -= len(piece)
