"""Stands in for Zoom, over real HTTP and in its formats: tokens, meetings, registrants, runs and reports.

It keeps what it accepts, as often as it accepts it: what is asked for twice is there twice. A fault is taken from
``faults`` by each request that would change something, in order:

``401``            the token is said to have ended, and is not taken any more
``429``            refused, with ``retry_after``
``400``, ``500``   refused, and nothing done
``500 after``      done, and answered with an error all the same
``reset``, ``reset after``   the connection is closed without an answer, before or after it was done
``hang after``     done, and never answered
``garbage after``  done, and answered with what is no JSON

``report_faults`` are the same for each request that only reads. ``lag`` hides what is new from the lists, ``latency``
is how many seconds an answer takes.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.stand_ins.listening import Listening, Quietly

ACCOUNT, CLIENT, SECRET = "account-1", "client-1", "client-secret-1"
PASSCODE = "482913"
HANG_SECONDS = 30
Answer = tuple[int, Any]


@dataclass
class Made:
    number: str
    host: str
    body: dict[str, Any]
    created: datetime
    registrants: list[dict[str, Any]] = field(default_factory=list)
    removed: bool = False


@dataclass
class ZoomStandIn(Listening):
    """Use as a context; ``url`` is where it listens. ``users`` are those it knows beside the application's own."""

    clock: Callable[[], datetime]
    lag: timedelta = timedelta(0)
    token_lasts: int = 3600
    per_page: int = 300
    retry_after: str = "2"
    latency: float = 0.0
    users: set[str] = field(default_factory=set)
    faults: deque[str] = field(default_factory=deque)
    report_faults: deque[str] = field(default_factory=deque)
    meetings: list[Made] = field(default_factory=list)
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    tokens: list[str] = field(default_factory=list)
    ended_tokens: set[str] = field(default_factory=set)
    secret: str = SECRET

    def __enter__(self) -> ZoomStandIn:
        self.lock = threading.RLock()
        stand_in = self

        class Handler(_Handler):
            zoom = stand_in

        self.listen(Handler)
        return self

    @property
    def standing(self) -> list[Made]:
        return [meeting for meeting in self.meetings if not meeting.removed]

    def people(self, number: str | None = None) -> list[dict[str, Any]]:
        """Who may join, of one meeting or all that stand."""
        return [
            person
            for meeting in self.standing
            if number in (None, meeting.number)
            for person in meeting.registrants
            if person["status"] == "approved"
        ]

    def held(self, number: str, run: str, started: datetime, *people: dict[str, Any]) -> None:
        """A run of a meeting is over, and the report of it names these."""
        self.runs.setdefault(number, []).append({"uuid": run, "start_time": f"{started:%Y-%m-%dT%H:%M:%SZ}"})
        self.reports[run] = list(people)


def was_there(name: str, joined: datetime, left: datetime, **more: Any) -> dict[str, Any]:
    """A line of a report, as the API gives it."""
    return {
        "id": "",
        "user_id": "1",
        "name": name,
        "user_email": "",
        "join_time": f"{joined:%Y-%m-%dT%H:%M:%SZ}",
        "leave_time": f"{left:%Y-%m-%dT%H:%M:%SZ}",
        "duration": int((left - joined).total_seconds()),
        "registrant_id": "",
        "status": "in_meeting",
        **more,
    }


class _Handler(Quietly, BaseHTTPRequestHandler):
    zoom: ZoomStandIn

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/oauth/token":
            self._answer(*self._token(said))
            return
        if not self._let_in():
            self._answer(401, {"code": 124, "message": "Invalid access token."})
            return
        body = json.loads(raw) if raw else {}
        self.zoom.closing.wait(self.zoom.latency)
        # Read twice where it was written twice: once by every server, once by this one.
        path = [unquote(unquote(part)) for part in parts.path.removeprefix("/v2/").split("/")]
        changes = self.command != "GET"
        fault = self._fault(self.zoom.faults if changes else self.zoom.report_faults)
        self.zoom.asked[f"{self.command} {path[0]}" if changes else f"GET {path[-1]}"] += 1
        if fault and not fault.endswith("after"):
            self._fail(fault)
            return
        with self.zoom.lock:
            answer = self._do(path, said, body)
        if fault:
            self._fail(fault.removesuffix(" after"))
        else:
            self._answer(*answer)

    def _token(self, said: dict[str, str]) -> Answer:
        self.zoom.asked["token"] += 1
        given = base64.b64encode(f"{CLIENT}:{self.zoom.secret}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {given}" or said != {
            "grant_type": "account_credentials",
            "account_id": ACCOUNT,
        }:
            return 400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}
        token = secrets.token_hex(8)
        self.zoom.tokens.append(token)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": self.zoom.token_lasts}

    def _let_in(self) -> bool:
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return token in self.zoom.tokens and token not in self.zoom.ended_tokens

    def _fault(self, faults: deque[str]) -> str:
        with self.zoom.lock:
            fault = faults.popleft() if faults else ""
        if fault == "401":
            self.zoom.ended_tokens.update(self.zoom.tokens)
        return fault

    def _fail(self, fault: str) -> None:
        if fault == "hang":
            self.zoom.closing.wait(HANG_SECONDS)
        if fault in ("hang", "reset"):
            self.close_connection = True
            self.connection.close()
        elif fault == "garbage":
            self._answer(201, None, raw=b"<html>")
        else:
            self._answer(int(fault), {"code": 124 if fault == "401" else 300, "message": "No."})

    def _answer(self, status: int, said: Any, *, raw: bytes | None = None) -> None:
        body = raw if raw is not None else b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", self.zoom.retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _do(self, path: list[str], said: dict[str, str], body: dict[str, Any]) -> Answer:
        match (self.command, *path):
            case ("POST", "users", host, "meetings"):
                return self._make(host, body)
            case ("GET", "users", host, "meetings"):
                return self._list(host, said)
            case ("GET", "past_meetings", number, "instances"):
                found = self.zoom.runs.get(number)
                return (200, {"meetings": found}) if found else _gone()
            case ("GET", "report", "meetings", run, "participants"):
                people = self.zoom.reports.get(run)
                if people is None:
                    return _gone()
                with_links = said.get("include_fields") == "registrant_id"
                shown = people if with_links else [{**one, "registrant_id": None} for one in people]
                return 200, self._page(shown, "participants", said)
            case (_, "meetings", number, *rest):
                known = next((one for one in self.zoom.standing if one.number == number), None)
                return self._of(known, rest, said, body) if known is not None else _gone()
        return 404, {"code": 404, "message": "No such path."}

    def _of(self, meeting: Made, rest: list[str], said: dict[str, str], body: dict[str, Any]) -> Answer:
        match (self.command, *rest):
            case ("GET",):
                return 200, _told(meeting)
            case ("PATCH",):
                return self._change(meeting, body)
            case ("DELETE",):
                meeting.removed = True
                return 204, None
            case ("POST", "registrants"):
                return self._register(meeting, body)
            case ("GET", "registrants"):
                seen = [
                    one for one in meeting.registrants if one["status"] == said["status"] and self._seen(one)
                ]
                return 200, self._page([_shown(one) for one in seen], "registrants", said)
            case ("PUT", "registrants", "status"):
                gone = {one["id"] for one in body["registrants"]}
                for one in meeting.registrants:
                    one["status"] = "denied" if one["id"] in gone else one["status"]
                return 204, None
        return 404, {"code": 404, "message": "No such path."}

    def _make(self, host: str, body: dict[str, Any]) -> Answer:
        if host != "me" and host not in self.zoom.users:
            return 404, {"code": 1001, "message": f"User does not exist: {host}."}
        if stranger := self._stranger(body):
            return stranger
        number = str(81_000_000_000 + len(self.zoom.meetings))
        made = Made(number, host, body, self.zoom.clock())
        self.zoom.meetings.append(made)
        return 201, {"uuid": secrets.token_hex(8), **_told(made)}

    def _change(self, meeting: Made, body: dict[str, Any]) -> Answer:
        if stranger := self._stranger(body):
            return stranger
        settings = {**meeting.body.get("settings", {}), **body.get("settings", {})}
        meeting.body |= {**body, "settings": settings}
        return 204, None

    def _stranger(self, body: dict[str, Any]) -> Answer | None:
        """Zoom takes nobody for a host whom it does not know; then nothing is done."""
        hosts = str(body.get("settings", {}).get("alternative_hosts") or "").split(";")
        if all(host in self.zoom.users for host in hosts if host):
            return None
        return 400, {"code": 300, "message": "An alternative host is not a user of this account."}

    def _list(self, host: str, said: dict[str, str]) -> Answer:
        mine = [
            {"id": int(one.number), "topic": one.body["topic"], "agenda": one.body["agenda"]}
            for one in self.zoom.standing
            if one.host == host and one.created <= self.zoom.clock() - self.zoom.lag
        ]
        return 200, self._page(mine, "meetings", said)

    def _register(self, meeting: Made, body: dict[str, Any]) -> Answer:
        name = secrets.token_urlsafe(12)
        link = f"https://zoom.example/w/{meeting.number}?tk={name}"
        meeting.registrants.append(
            {**body, "id": name, "status": "approved", "join_url": link, "created": self.zoom.clock()}
        )
        return 201, {
            "id": int(meeting.number),
            "registrant_id": name,
            "join_url": link,
            "topic": meeting.body["topic"],
        }

    def _seen(self, one: dict[str, Any]) -> bool:
        return bool(one["created"] <= self.zoom.clock() - self.zoom.lag)

    def _page(self, found: list[dict[str, Any]], name: str, said: dict[str, str]) -> dict[str, Any]:
        size = min(int(said.get("page_size", 30)), self.zoom.per_page)
        start = int(said.get("next_page_token") or 0)
        more = str(start + size) if start + size < len(found) else ""
        return {name: found[start : start + size], "next_page_token": more, "page_size": size}


def _told(meeting: Made) -> dict[str, Any]:
    """What Zoom says of one meeting: also by which numbers it is joined, of every country it has some in."""
    return {
        "id": int(meeting.number),
        "agenda": meeting.body["agenda"],
        "join_url": f"https://zoom.example/j/{meeting.number}",
        "pstn_password": PASSCODE,
        "settings": {
            **meeting.body["settings"],
            "global_dial_in_numbers": [
                {"country": "US", "number": "+1 2025550100", "type": "tollfree"},
                {"country": "GB", "number": "+44 330 088 5830", "type": "toll"},
                {"country": "GB", "number": "+44 800 456 1369", "type": "tollfree"},
            ],
        },
    }


def _gone() -> Answer:
    return 404, {"code": 3001, "message": "Meeting does not exist."}


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "created"}
