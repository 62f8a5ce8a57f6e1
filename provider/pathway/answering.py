"""What machines and phones sent back: what became of a text, and what somebody answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging import dispatch, redactions
from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import Text
from provider.domain.messaging.receipts import ARRIVED, FINAL, FORWARD, advance
from provider.kernel.database import db
from provider.pathway import failing, settling
from provider.pathway.steps import lock_case

ENDED_UP = {"sent": "sent", "delivered": "delivered", "failed": "undelivered"}
"""Our states of a text that went out, in Twilio's words."""


def text_status(
    public_id: str, *, attempt: int | None, provider_id: str, status: str, code: int | None, now: datetime
) -> None:
    """Twilio says what became of the text with this id of ours. Only ever forward; said twice, done once.

    ``attempt`` is the try that it was told of, where the address says so. It may say so before it has answered our own
    call, which settles a text that nobody knew about, also where a person was asked already.
    """
    text = _named(public_id) if provider_id and status in FORWARD else None
    if text is None or text.tries == 0:
        return
    if status in FINAL:
        redactions.note(provider_id, text_id=text.id, now=now)
    asked = text.known_by == "person"
    if asked or text.state not in ENDED_UP:
        # Of an earlier try, or against what a person said, only that it arrived after all is news.
        earlier = text.provider_id == provider_id or (attempt or text.tries) < text.tries
        if (earlier or asked) and status not in ARRIVED:
            return
        settling.went_out(text, Sent(provider_id, "sent"), known_by="callback", now=now)
    if text.provider_id == provider_id:
        _follow(text, status, code, now=now)


def _named(public_id: str) -> Text | None:
    """The text with this id, locked, and its case before it: everybody takes the locks in that order."""
    text = db.session.scalars(sa.select(Text).where(Text.public_id == public_id)).one_or_none()
    if text is not None:
        lock_case(text.case_id)
        db.session.refresh(text, with_for_update=True)
    return text


def _follow(text: Text, status: str, code: int | None, *, now: datetime) -> None:
    before = ENDED_UP[text.state]
    after = advance(before, status)
    if after == before or after not in FINAL:
        return
    if after in ARRIVED:
        dispatch.record_arrived(text, now=now)
        failing.arrived(text)
    else:
        failing.did_not_arrive(text, code=code, temporary=False, now=now)
