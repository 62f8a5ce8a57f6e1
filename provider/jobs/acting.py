"""What machines told us is acted on, each once, in the order it came."""

from __future__ import annotations

import logging

from provider.domain.messaging import inbox
from provider.domain.messaging.models import Callback
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.kernel.faults import note_fault
from provider.pathway import answering, hearing, joining

log = logging.getLogger("provider.jobs")

BATCH = 100


def act_on_callbacks(shift: Shift) -> None:
    """Act on everything that waits. One that cannot be acted on stays, and does not stand in the way of the others."""
    after = 0
    while not shift.over and (ids := inbox.waiting(after=after, limit=BATCH)):
        for after in ids:
            try:
                _act(shift, after)
            except Exception as fault:  # noqa: BLE001
                note_fault(log, "a callback could not be acted on", fault, callback=after)


def _act(shift: Shift, callback_id: int) -> None:
    with transaction():
        callback = inbox.take(callback_id, now=shift.now())
        if callback is not None:
            _tell(callback, shift)
            callback.handled_at = shift.now()


def _tell(callback: Callback, shift: Shift) -> None:
    said = callback.body
    if callback.kind == "meeting":
        joining.heard(said.get("raw", ""), now=shift.now())
        return
    if callback.kind == "text_inbound":
        hearing.reply(
            said.get("MessageSid", ""),
            from_e164=said.get("From", ""),
            body=said.get("Body", ""),
            opt_out=said.get("OptOutType"),
            now=shift.now(),
        )
        return
    answering.text_status(
        said.get("text", ""),
        attempt=_number(said.get("try")),
        provider_id=said.get("MessageSid", ""),
        status=said.get("MessageStatus", ""),
        code=_number(said.get("ErrorCode")),
        now=shift.now(),
    )


def _number(said: str | None) -> int | None:
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 10 else None
