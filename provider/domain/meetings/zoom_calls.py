"""Calls to Zoom's API: signed in as an application (server-to-server OAuth), over connections that are kept open.

A token serves every thread of a process. It is renewed before it ends, and once where Zoom says that it has ended.
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from provider.domain.meetings.gateways import MeetingRefused, MeetingUnknown
from provider.domain.meetings.zoom_events import read_moment
from provider.kernel.lines import Answered, BrokeOff, Lines, NeverLeft, Patience

PATIENCE = Patience(connect=3.05, read=10.0, total=15.0)
RENEW_BEFORE_SECONDS = 120
PAGE = 300
MOST_PAGES = 40
LONGEST_WAIT_ASKED = 24 * 60 * 60
NO_SUCH_USER = (1001, 1010)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}


class Calls:
    """``base_url`` is the API's; a host that stands in for it stands in for where tokens are given, too."""

    def __init__(self, *, account_id: str, client_id: str, client_secret: str, base_url: str) -> None:
        base = base_url.rstrip("/").removesuffix("/v2")
        self._api = Lines(base)
        own = urlsplit(base).hostname == "api.zoom.us"
        self._tokens = Lines("https://zoom.us") if own else self._api
        self._account_id = account_id
        self._application = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._renewing = threading.Lock()
        self._token, self._until = "", 0.0

    def ask(self, method: str, path: str, **body: object) -> Mapping[str, Any]:
        """What Zoom answers, which may be nothing. Raises MeetingRefused or MeetingUnknown."""
        token = self._signed_in()
        answer = self._send(method, path, token, body)
        if answer.status == 401:
            # Refused at the door: nothing was done, so it may be said again.
            answer = self._send(method, path, self._signed_in(instead_of=token), body)
        return _read(answer)

    def all_of(self, path: str, name: str, **query: object) -> Iterator[Mapping[str, Any]]:
        """Everything in a list, page after page. Raises as ``ask``, and MeetingUnknown for one without end."""
        page = ""
        for _ in range(MOST_PAGES):
            asked = {"page_size": PAGE, **query, **({"next_page_token": page} if page else {})}
            said = self.ask("GET", f"{path}?{urlencode(asked)}")
            found = said.get(name)
            yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
            page = str(said.get("next_page_token") or "")
            if not page:
                return
        raise MeetingUnknown("list_too_long")

    def _send(self, method: str, path: str, token: str, body: Mapping[str, object]) -> Answered:
        sent = json.dumps(body).encode() if body else None
        headers = {"Authorization": f"Bearer {token}", **(_JSON if body else {})}
        try:
            return self._api.ask(method, f"/v2{path}", body=sent, headers=headers, patience=PATIENCE)
        except NeverLeft as fault:
            raise MeetingRefused("no_connection") from fault
        except BrokeOff as fault:
            raise MeetingUnknown("broke_off" if fault.in_time else "no_answer_in_time") from fault

    def _signed_in(self, *, instead_of: str = "") -> str:
        """A token that serves; a new one where ``instead_of`` is the one we have."""
        with self._renewing:
            if not self._token or self._token == instead_of or time.monotonic() >= self._until:
                self._token, self._until = self._new_token()
            return self._token

    def _new_token(self) -> tuple[str, float]:
        query = urlencode({"grant_type": "account_credentials", "account_id": self._account_id})
        headers = {"Authorization": f"Basic {self._application}", **_FORM}
        try:
            answer = self._tokens.ask(
                "POST", f"/oauth/token?{query}", body=b"", headers=headers, patience=PATIENCE
            )
        except (NeverLeft, BrokeOff) as fault:
            raise MeetingRefused("no_connection") from fault
        if answer.status == 429:
            raise MeetingRefused("too_many", wait_seconds=_wait_asked(answer))
        if answer.status >= 500:
            raise MeetingRefused("no_connection")
        said = _json(answer)
        token, lasts = said.get("access_token"), said.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not isinstance(lasts, int | float):
            raise MeetingRefused("not_let_in", code=_code(answer))
        return token, time.monotonic() + max(lasts - RENEW_BEFORE_SECONDS, 1)


def part(text: str) -> str:
    """A part of a path. One with a slash is written so that it is still one after it was read twice, as Zoom asks."""
    once = quote(text, safe="")
    return quote(once, safe="") if "/" in text else once


def _read(answer: Answered) -> Mapping[str, Any]:
    """Raises MeetingRefused for a no, and MeetingUnknown for what says neither yes nor no."""
    if 200 <= answer.status < 300:
        return _json(answer) if answer.body else {}
    if not 400 <= answer.status < 500:
        raise MeetingUnknown("server_error")
    code = _code(answer)
    raise MeetingRefused(_because(answer.status, code), code=code, wait_seconds=_wait_asked(answer))


def _because(status: int, code: int | None) -> str:
    if status == 429:
        return "too_many"
    if status in (401, 403):
        return "not_let_in"
    if code in NO_SUCH_USER:
        return "no_such_user"
    return "gone" if status == 404 else "refused"


def _json(answer: Answered) -> Mapping[str, Any]:
    """Raises MeetingUnknown where the answer to what was asked cannot be read."""
    try:
        said = json.loads(answer.body)
    except ValueError as fault:
        raise MeetingUnknown("answer_not_read") from fault
    if not isinstance(said, dict):
        raise MeetingUnknown("answer_not_read")
    return said


def _code(answer: Answered) -> int | None:
    """Zoom's own code, where the answer names one."""
    found = re.search(rb'"code"\s*:\s*(\d{1,6})\b', answer.body)
    return int(found[1]) if found else None


def _wait_asked(answer: Answered) -> float | None:
    """The seconds of a Retry-After, or until the moment that it names, as Zoom does once a day's calls are used up."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(min(int(said), LONGEST_WAIT_ASKED))
    until, at = read_moment(said), _date_of(answer)
    if until is None or at is None:
        return None
    return min(max((until - at).total_seconds(), 0.0), LONGEST_WAIT_ASKED)


def _date_of(answer: Answered) -> datetime | None:
    """When Zoom's own clock says that it answered."""
    try:
        return datetime.strptime(answer.headers.get("date", ""), "%a, %d %b %Y %H:%M:%S GMT").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
