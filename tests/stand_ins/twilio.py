"""Stands in for Twilio's Messages API, over real HTTP and in its formats; it counts what it accepts, and can fail.

A fault is taken from ``faults`` by each request to send, in order:

``429``, ``500``       refused, and not accepted
``500 after``          accepted, and answered with an error all the same
``reset``              the connection is closed without an answer, and nothing is accepted
``reset after``        accepted, and then the same
``hang after``         accepted, and never answered
``garbage after``      accepted, and answered with what is no JSON
``refuse 21610``       refused with one of Twilio's codes

A message that is over can be changed to have no words; ``redact_fails`` says how often that is refused first.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.stand_ins.listening import Listening, Quietly

ACCOUNT = "AC" + "a" * 32
TOKEN = "twilio-token"
SERVICE = "MG" + "b" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
ONE = re.compile(rf"/2010-04-01/Accounts/{ACCOUNT}/Messages/(\w+)\.json")
OVER = frozenset({"delivered", "undelivered", "failed", "received"})
HANG_SECONDS = 30


@dataclass
class Message:
    sid: str
    to: str
    body: str
    form: dict[str, str]
    created: datetime
    status: str = "queued"
    error_code: int | None = None


@dataclass
class TwilioStandIn(Listening):
    """Use as a context; ``url`` is where it listens. ``lag`` is how long a message is missing from the list."""

    clock: Callable[[], datetime]
    lag: timedelta = timedelta(0)
    faults: deque[str] = field(default_factory=deque)
    messages: list[Message] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    list_fails: bool = False
    redact_fails: int = 0
    per_page: int = 1000

    def __enter__(self) -> TwilioStandIn:
        self._lock = threading.Lock()
        stand_in = self

        class Handler(_Handler):
            twilio = stand_in

        self.listen(Handler)
        return self

    def accept(self, form: dict[str, str]) -> Message:
        message = new_message(form, self.clock())
        with self._lock:
            self.messages.append(message)
        return message

    def next_fault(self) -> str:
        with self._lock:
            return self.faults.popleft() if self.faults else ""

    def listed(self, to: str) -> list[Message]:
        with self._lock:
            found = [m for m in self.messages if m.to == to and m.created <= self.clock() - self.lag]
        return list(reversed(found))

    def said_of(self, message: Message, status: str, code: int | None = None) -> dict[str, Any]:
        """A status callback about a message, as arguments for a test client's ``post``."""
        url = message.form["StatusCallback"]
        form = {"MessageSid": message.sid, "MessageStatus": status, "AccountSid": ACCOUNT, "To": message.to}
        if code is not None:
            form["ErrorCode"] = str(code)
        return signed(url, form)


def new_message(form: dict[str, str], at: datetime) -> Message:
    """What Twilio makes of a request that it takes."""
    return Message("SM" + secrets.token_hex(16), form["To"], form["Body"], form, at)


def one_page(found: list[Message], asked: dict[str, str], *, at_most: int) -> dict[str, Any]:
    """The page of a list that a query asks for: the newest first, and where the next one is."""
    page, size = int(asked.get("Page", 0)), min(int(asked.get("PageSize", 50)), at_most)
    more = urlencode({**asked, "Page": page + 1, "PageToken": f"PA{page + 1}"})
    return {
        "messages": [shown(message) for message in found[page * size : (page + 1) * size]],
        "page": page,
        "page_size": size,
        "uri": f"{PATH}?{urlencode(asked)}",
        "next_page_uri": f"{PATH}?{more}" if len(found) > (page + 1) * size else None,
    }


def signed(url: str, form: dict[str, str], *, token: str = TOKEN) -> dict[str, Any]:
    """A request by Twilio to one of our addresses, as arguments for a test client's ``post``."""
    parts = urlsplit(url)
    signature = RequestValidator(token).compute_signature(url, form)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return {"path": path, "data": form, "headers": {"X-Twilio-Signature": signature}}


class _Handler(Quietly, BaseHTTPRequestHandler):
    twilio: TwilioStandIn

    def setup(self) -> None:
        self.twilio.asked["connection"] += 1
        super().setup()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        one = ONE.fullmatch(self.path)
        self.twilio.asked["redact" if one else "send"] += 1
        if not self._authorised():
            return
        if one:
            self._redact(one[1], form)
            return
        fault = self.twilio.next_fault()
        refused = re.fullmatch(r"refuse (\d+)", fault)
        if fault == "429":
            self._error(429, 20429, "Too Many Requests")
        elif fault == "500":
            self._error(500, 20500, "Internal Server Error")
        elif refused:
            self._error(400, int(refused[1]), "refused")
        elif fault == "reset":
            self._reset()
        else:
            self._answer_accepted(self.twilio.accept(form), fault)

    def _redact(self, sid: str, form: dict[str, str]) -> None:
        message = next((one for one in self.twilio.messages if one.sid == sid), None)
        if self.twilio.redact_fails:
            self.twilio.redact_fails -= 1
            self._error(503, 20503, "Service Unavailable")
        elif message is None:
            self._error(404, 20404, "The requested resource was not found")
        elif message.status not in OVER or form != {"Body": ""}:
            self._error(400, 20009, "Cannot change message because delivery has not been completed")
        else:
            message.body = ""
            self._json(200, shown(message))

    def _answer_accepted(self, message: Message, fault: str) -> None:
        if fault == "500 after":
            self._error(500, 20500, "Internal Server Error")
        elif fault == "reset after":
            self._reset()
        elif fault == "hang after":
            self.twilio.closing.wait(HANG_SECONDS)
            self.close_connection = True
        elif fault == "garbage after":
            self._send(201, b"<html>a proxy was here</html>")
        else:
            self._json(201, shown(message))

    def do_GET(self) -> None:
        self.twilio.asked["list"] += 1
        if not self._authorised():
            return
        if self.twilio.list_fails:
            self._error(503, 20503, "Service Unavailable")
            return
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        found = self.twilio.listed(asked["To"])
        self._json(200, one_page(found, asked, at_most=self.twilio.per_page))

    def _authorised(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        path = urlsplit(self.path).path
        if (path == PATH or ONE.fullmatch(path)) and base64.b64decode(given).decode() == f"{ACCOUNT}:{TOKEN}":
            return True
        self._error(401, 20003, "Authenticate")
        return False

    def _reset(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _error(self, status: int, code: int, message: str) -> None:
        self._json(status, {"code": code, "message": message, "more_info": "", "status": status})

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def shown(message: Message) -> dict[str, Any]:
    moment = format_datetime(message.created)
    return {
        "sid": message.sid,
        "account_sid": ACCOUNT,
        "to": message.to,
        "from": None,
        "messaging_service_sid": message.form.get("MessagingServiceSid"),
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "error_code": message.error_code,
        "error_message": None,
        "price": None,
        "price_unit": "GBP",
        "date_created": moment,
        "date_sent": None,
        "date_updated": moment,
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json",
        "subresource_uris": {},
    }
