"""Titles that officers write into a name field."""

from __future__ import annotations

import re

_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof|rev|master)\b\.?\s+(?=\S)", re.IGNORECASE)


def without_title(name: str) -> str:
    """``name`` without a title at its front: ``Mr Sam`` is ``Sam``. A title alone is left as it is."""
    return _TITLE.sub("", name, count=1) if _TITLE.match(name) else name
