"""Ids of ours as a page of ours sends them back: in a hidden field or behind a button."""

from __future__ import annotations

import re
from typing import Any

from provider.kernel.errors import NotFound

MOST = 200


def number(text: Any) -> int:
    """One id. Raises NotFound for what cannot be one."""
    if not re.fullmatch("[0-9]{1,18}", str(text)):
        raise NotFound
    return int(text)


def numbers(text: str | None) -> list[int]:
    """Several, with commas between them: ``4,5,9``. Raises NotFound for anything else."""
    parts = (text or "").split(",")
    if len(parts) > MOST:
        raise NotFound
    return [number(part) for part in parts]
