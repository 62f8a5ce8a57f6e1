"""Where to go after signing in: a page of ours that can be opened, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

LONGEST = 500


def local_path(wanted: str | None) -> str | None:
    """``wanted`` where it is a path and query here that answers GET, else None.

    Browsers read ``//host`` and ``/\\host`` as another site, and drop control characters before they read.
    """
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/") or wanted.startswith("//"):
        return None
    if any(ord(character) < 33 or character == "\\" for character in wanted):
        return None
    try:
        path = urlsplit(wanted).path
        current_app.url_map.bind("localhost").match(path, method="GET")
    except (HTTPException, ValueError):
        return None
    return wanted
