"""Texts by way of Twilio, through its own library with a client of ours that pools, gives up in time and never resends.

What matters about a failure is whether the text may have gone out: a refusal, and a connection that was never made,
say for sure that it did not; everything after the first byte was sent says nothing.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from provider.domain.messaging.gateways import Listed, NotRedacted, NotSent, SendUnknown, Sent
from provider.kernel.lines import Answered, BrokeOff, Lines, NeverLeft, Patience

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""For all of one call, also where the answer drips in; far less than a text is held for by who claimed it."""

LONGEST_VALIDITY = 36_000
PAGE, MOST_LISTED = 100, 1000
TOO_MANY = 429
NOT_OURS = frozenset({401, 403, 404})
"""Twilio does not know us or our account: a setting is wrong, which somebody will put right."""

GONE = 20404
"""There is no message of that name."""

LONGEST_WAIT_ASKED = 15 * 60
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class _Refused(Exception):
    """Twilio answered, and not with yes."""

    def __init__(self, answer: Answered) -> None:
        self.answer = answer
        super().__init__(answer.status)


class PooledClient(HttpClient):  # type: ignore[misc]
    """Keeps connections open, gives up in time, and sends a request once: what a POST did is not found out by another.

    ``base_url`` takes the place of Twilio's own host, so that a test's can stand in.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(logging.getLogger("provider.twilio"), False, READ_SECONDS)
        self._lines = Lines(base_url)

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
        given = {name: value for name, value in (params or {}).items() if value is not None}
        query = "&".join(part for part in (asked.query, urlencode(given, doseq=True)) if part)
        answer = self._lines.ask(
            method.upper(),
            f"{asked.path}?{query}" if query else asked.path,
            body=urlencode(data, doseq=True).encode() if data else None,
            headers={**(headers or {}), **(_FORM if data else {}), **_signed_in(auth)},
            patience=Patience(CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS),
        )
        if not 200 <= answer.status < 300:
            raise _Refused(answer)
        return Response(answer.status, answer.body.decode(), answer.headers)


def _signed_in(auth: tuple[str, str] | None) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"} if auth else {}


class Twilio:
    """A ``TextGateway``. ``sender`` is a messaging service's SID (``MG…``) or the number or name texts come from."""

    def __init__(self, *, account_sid: str, auth_token: str, sender: str, base_url: str) -> None:
        self._http, self._account = PooledClient(base_url), (account_sid, auth_token)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self.sender = sender

    def send(self, *, to: str, body: str, callback_url: str, valid_seconds: int, sender: str = "") -> Sent:
        by = sender or self.sender
        form = {
            "To": to,
            "Body": body,
            "StatusCallback": callback_url,
            "ValidityPeriod": min(max(valid_seconds, 1), LONGEST_VALIDITY),
            "MessagingServiceSid" if by.startswith("MG") else "From": by,
        }
        return cast("Sent", _ask(self._create, form=form))

    def _create(self, *, form: dict[str, object]) -> Sent:
        """What the library's ``messages.create`` does, without what it builds around the answer: half of its time."""
        said = json.loads(self._http.request("POST", self._messages, data=form, auth=self._account).text)
        if not isinstance(said["sid"], str):
            raise TypeError
        return Sent(said["sid"], str(said["status"]))

    def listed(self, *, to: str, since: datetime) -> Sequence[Listed]:
        # Twilio's own filter by date leaves out what it has taken and not sent yet: ours looks at when it was made.
        try:
            messages = _ask(self._client.messages.list, to=to, limit=MOST_LISTED + 1, page_size=PAGE)
        except NotSent as refused:
            raise SendUnknown(refused.because) from refused
        if len(messages) > MOST_LISTED:
            # What is not among them may be behind them.
            raise SendUnknown("list_too_long")
        return [
            _listed(message)
            for message in messages
            if message.sid and (message.date_created is None or message.date_created >= since)
        ]

    def redact(self, provider_id: str) -> None:
        """Twilio takes an empty body for a message that is over, and for one whose body is empty already."""
        try:
            _ask(self._client.messages(provider_id).update, body="")
        except NotSent as refused:
            if refused.code != GONE:
                raise NotRedacted from refused
        except SendUnknown as unknown:
            raise NotRedacted from unknown


def _listed(message: Any) -> Listed:
    code = message.error_code
    return Listed(
        message.sid,
        message.body or "",
        str(message.status),
        message.date_created,
        int(code) if code else None,
    )


def _ask(call: Callable[..., Any], **arguments: object) -> Any:
    """What Twilio answered. Raises NotSent where it is sure that nothing was sent, else SendUnknown."""
    try:
        return call(**arguments)
    except _Refused as refused:
        raise _refusal(refused.answer) from refused
    except NeverLeft as fault:
        raise NotSent(None, temporary=True, because="no_connection") from fault
    except BrokeOff as fault:
        raise SendUnknown("broke_off" if fault.in_time else "no_answer_in_time") from fault
    except (TwilioException, ValueError, TypeError, AttributeError, KeyError) as broken:
        # An answer that is not what Twilio's library reads.
        raise SendUnknown("answer_not_read") from broken


def _refusal(answer: Answered) -> NotSent | SendUnknown:
    wait = _wait_asked(answer)
    if not 400 <= answer.status < 500:
        return SendUnknown("server_error", wait_seconds=wait)
    temporary = answer.status == TOO_MANY or answer.status in NOT_OURS
    because = "too_many" if answer.status == TOO_MANY else "not_let_in" if temporary else "refused"
    return NotSent(_code(answer), temporary=temporary, because=because, wait_seconds=wait)


def _code(answer: Answered) -> int | None:
    """Twilio's code, where the answer names one."""
    if answer.status == TOO_MANY:
        return 20429
    try:
        code = int(json.loads(answer.body)["code"])
    except (ValueError, TypeError, LookupError):
        return None
    return code if code != answer.status else None


def _wait_asked(answer: Answered) -> float | None:
    """The seconds of a Retry-After; a date in its place, which Twilio does not send, is passed over."""
    said = answer.headers.get("retry-after", "").strip()
    return float(min(int(said), LONGEST_WAIT_ASKED)) if said.isascii() and said.isdigit() else None
