"""Texts go out: claimed in one short transaction, sent with none open, recorded in one each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeAlias

from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.pathway import sending
from provider.pathway.sending import Ready

BATCH = 24
AT_ONCE = 8

Answer: TypeAlias = Sent | NotSent | SendUnknown


def send_due_texts(shift: Shift) -> None:
    """Send everything that is due now."""
    while not shift.over and dispatch.anything_due(now=shift.now()):
        with transaction():
            claimed = sending.claim_due(
                limit=BATCH,
                worker=shift.worker,
                public_url=shift.settings.public_url,
                now=shift.now(),
                lease=shift.pace.lease,
            )
        if not claimed.looked_at:
            return
        for ready, answer in _send(shift, claimed.ready):
            with transaction():
                _record(shift, ready, answer)


def _send(shift: Shift, texts: Sequence[Ready]) -> Iterator[tuple[Ready, Answer]]:
    """Each text with what the network said, as soon as it says so; several are on their way at once."""
    with ThreadPoolExecutor(AT_ONCE, "text") as pool:
        calls: dict[Future[Answer], Ready] = {pool.submit(_hand_over, shift, text): text for text in texts}
        for call in as_completed(calls):
            yield calls[call], call.result()


def _hand_over(shift: Shift, text: Ready) -> Answer:
    if shift.now() > text.begin_by:
        return NotSent(None, temporary=True)
    status = f"{shift.settings.public_url.rstrip('/')}/webhooks/twilio/status"
    callback = f"{status}?text={text.public_id}&try={text.attempt}"
    try:
        return shift.texts.send(
            to=text.to, body=text.body, callback_url=callback, valid_seconds=text.valid_seconds
        )
    except (NotSent, SendUnknown) as told:
        return told


def _record(shift: Shift, ready: Ready, answer: Answer) -> None:
    if isinstance(answer, Sent):
        sending.sent(ready, answer, now=shift.now())
    elif isinstance(answer, NotSent):
        sending.not_sent(ready, answer, now=shift.now())
    else:
        sending.unknown(ready, now=shift.now())
