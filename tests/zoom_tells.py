"""What Zoom tells while a meeting runs, signed as it signs: an argument for a test client's ``post``."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

SECRET = "zoom"
NUMBER = "123456789"
HOST = "host-1"


def signed(body: Any, *, at: datetime, secret: str = SECRET) -> dict[str, Any]:
    """A request of Zoom's, signed at a moment."""
    raw = body if isinstance(body, str) else json.dumps(body)
    stamp = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
    return {
        "path": "/webhooks/zoom",
        "data": raw,
        "content_type": "application/json",
        "headers": {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={signature}"},
    }


def event(
    what: str, *, at: datetime, number: str = NUMBER, run: str = "run/A==", **participant: Any
) -> dict[str, Any]:
    """``what`` as in ``participant_joined``, of the meeting's run, with its participant where one is given."""
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    meeting: dict[str, Any] = {
        "id": number,
        "uuid": run,
        "host_id": HOST,
        "topic": "Looking forward",
        "type": 2,
    }
    if participant:
        name = (
            "date_time"
            if "waiting" in what
            else "leave_time"
            if what.startswith("participant_left")
            else "join_time"
        )
        meeting["participant"] = {"id": "", "email": "", name: moment, **participant}
    else:
        meeting["end_time" if what == "ended" else "start_time"] = moment
    return {
        "event": f"meeting.{what}",
        "event_ts": int(at.timestamp() * 1000),
        "payload": {"account_id": "account", "object": meeting},
    }
