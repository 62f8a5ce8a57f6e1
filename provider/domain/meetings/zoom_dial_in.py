"""How a meeting is joined by telephone, as Zoom tells it with the meeting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provider.domain.meetings.zoom_events import read_word

LONGEST_NUMBER = 40
BRITISH = re.compile(r"\+44 ?([1-9][0-9 ]{7,14})")


def dial_in(said: Mapping[str, Any]) -> str | None:
    """A number in the United Kingdom, one that costs nothing first, then what is keyed in: the meeting's, its passcode.

    None where Zoom's answer names no such number.
    """
    number, meeting = _number(said.get("settings")), _digits(said.get("id"))
    if number is None or not meeting:
        return None
    keyed = [meeting, _digits(said.get("pstn_password"))]
    return ", ".join([number, *(f"{digits}#" for digits in keyed if digits)])


def _number(settings: object) -> str | None:
    listed = settings.get("global_dial_in_numbers") if isinstance(settings, Mapping) else None
    ours = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and one.get("country") == "GB"
    ]
    for one in sorted(ours, key=lambda one: one.get("type") != "tollfree"):
        number = BRITISH.fullmatch(read_word(one.get("number"), LONGEST_NUMBER))
        if number is not None:
            return f"0{number[1]}"
    return None


def _digits(said: object) -> str:
    word = read_word(said, 20)
    return word if re.fullmatch("[0-9]{1,15}", word) else ""
