"""Texts by way of Twilio, through its own library with a client of ours that pools, gives up in time and never resends.

What matters about a failure is whether the text may have gone out: a refusal, and a connection that was never made,
say for sure that it did not; everything after the first byte was sent says nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from provider.domain.messaging.gateways import Listed, NotSent, SendUnknown, Sent

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
CONNECTIONS = 20
LONGEST_VALIDITY = 36_000
MOST_LISTED = 100
TOO_MANY = 429
NOT_OURS = frozenset({401, 403, 404})
"""Twilio does not know us or our account: a setting is wrong, which somebody will put right."""


class PooledClient(HttpClient):  # type: ignore[misc]
    """Keeps connections open, gives up in time, and sends a request once: what a POST did is not found out by another.

    ``base_url`` takes the place of Twilio's own host, so that a test's can stand in.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(logging.getLogger("provider.twilio"), False, READ_SECONDS)
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0, pool_block=True)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        asked = urlsplit(url)
        query = f"?{asked.query}" if asked.query else ""
        answer = self._session.request(
            method.upper(),
            f"{self._base_url}{asked.path}{query}",
            params=params,  # type: ignore[arg-type]
            data=data,
            headers=headers,
            auth=auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        return Response(answer.status_code, answer.text, answer.headers)


class Twilio:
    """A ``TextGateway``. ``sender`` is a messaging service's SID (``MG…``) or the number or name texts come from."""

    def __init__(self, *, account_sid: str, auth_token: str, sender: str, base_url: str) -> None:
        self._client = Client(account_sid, auth_token, http_client=PooledClient(base_url))
        self._from = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}

    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int) -> Sent:
        message = _ask(
            self._client.messages.create,
            to=to,
            body=body,
            status_callback=callback_url,
            validity_period=min(max(valid_seconds, 1), LONGEST_VALIDITY),
            **self._from,
        )
        if not isinstance(message.sid, str):
            raise SendUnknown
        return Sent(message.sid, str(message.status))

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        # Twilio's own filter by date leaves out what it has taken and not sent yet: ours looks at when it was made.
        try:
            messages = _ask(self._client.messages.list, to=to, limit=MOST_LISTED, page_size=MOST_LISTED)
        except NotSent as refused:
            raise SendUnknown from refused
        return [
            Listed(message.sid, message.body or "", str(message.status), message.date_created)
            for message in messages
            if message.sid and (message.date_created is None or message.date_created >= since)
        ]


def _ask(call: Callable[..., Any], **arguments: object) -> Any:
    """What Twilio answered. Raises NotSent where it is sure that nothing was sent, else SendUnknown."""
    try:
        return call(**arguments)
    except TwilioException as refused:
        raise _refusal(refused) from refused
    except (requests.RequestException, ValueError, TypeError, AttributeError, KeyError) as broken:
        # The last four: an answer that is not what Twilio's library reads.
        raise _never_left(broken) from broken


def _refusal(refused: TwilioException) -> NotSent | SendUnknown:
    status = int(getattr(refused, "status", 0) or 0)
    if not 400 <= status < 500:
        return SendUnknown()
    return NotSent(_code(refused, status), temporary=status == TOO_MANY or status in NOT_OURS)


def _code(refused: TwilioException, status: int) -> int | None:
    """Twilio's code. Its library puts the HTTP status there where the answer names none."""
    try:
        code = int(getattr(refused, "code", 0) or 0)
    except (TypeError, ValueError):
        code = 0
    if status == TOO_MANY:
        return 20429
    return code if code and code != status else None


def _never_left(broken: Exception) -> NotSent | SendUnknown:
    """A connection that was never made carried nothing; of any other nobody knows."""
    if isinstance(broken, ConnectTimeout):
        return NotSent(None, temporary=True)
    cause = broken.args[0] if isinstance(broken, NoConnection) and broken.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return NotSent(None, temporary=True)
    return SendUnknown()
