"""Zoom's participant report, as a facilitator downloads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

PER_JOIN = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),"
    "Guest,Recording Consent,In Waiting Room"
)
TOTALS = "Name (Original Name),User Email,Total Duration (Minutes),Guest"


def joins_report(*joins: tuple[str, str, datetime, int]) -> bytes:
    """Per join: name, e-mail, when they joined (UTC, in winter London's time too), for how many minutes."""
    lines = [PER_JOIN]
    for name, email, joined, minutes in joins:
        left = joined + timedelta(minutes=minutes)
        lines.append(f"{name},{email},{_said(joined)},{_said(left)},{minutes},Yes,,No")
    return "\ufeff".encode() + "\r\n".join(lines).encode()


def totals_report(*people: tuple[str, str, int], preamble: Sequence[str] = ()) -> bytes:
    """Unique users: name, e-mail and total minutes."""
    return "\r\n".join(
        [*preamble, TOTALS, *(f"{name},{email},{minutes},Yes" for name, email, minutes in people)]
    ).encode()


def _said(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %I:%M:%S %p}"
