"""A body becomes what ``json.loads`` gives, or is refused before anybody looks at its fields."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import RequestEntityTooLarge

from provider.web.api.problems import Problem
from provider.web.api.too_large import LARGEST, too_large

DEEPEST = 32


class _Malformed(ValueError):
    """Not JSON as we take it."""


def json_body() -> object:
    """The request's body, parsed. Raises Problem: 415 for another type, 413 too large, 400 ``malformed_json``.

    Malformed is also what parsers disagree about: a name twice in one object, NaN, half a surrogate pair, bytes that
    are not UTF-8, and nesting deeper than any body of ours.
    """
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype != "application/json" or coding != "identity":
        detail = "Send application/json, not compressed."
        raise Problem(415, "unsupported_media_type", "Unsupported Media Type", detail)
    try:
        return _parsed(_bytes())
    except (ValueError, RecursionError):
        raise Problem(
            400, "malformed_json", "Bad Request", "This is not one well-formed JSON value."
        ) from None


def _bytes() -> bytes:
    """The body. One byte more than allowed is read: a stream without a length is cut at the limit without a word."""
    request.max_content_length = LARGEST + 1
    try:
        sent = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large() from None
    except (OSError, ParseException):  # the line broke, or it came in pieces that are none
        raise _Malformed from None
    if len(sent) > LARGEST:
        raise too_large()
    return sent


def _parsed(sent: bytes) -> object:
    value: object = json.loads(
        sent.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_constant
    )
    if _is_deeper(value, than=DEEPEST):
        raise _Malformed
    # Half a surrogate pair and a number beyond all numbers can be parsed, but not written.
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed
    return found


def _no_constant(_name: str) -> object:
    raise _Malformed


def _is_deeper(value: object, *, than: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return than == 0 or any(_is_deeper(part, than=than - 1) for part in parts)
