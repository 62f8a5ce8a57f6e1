"""A text of which nobody knows whether it went out is looked for at the network, and only then sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import Listed, Sent
from provider.domain.messaging.models import Text
from provider.domain.people.models import PhoneNumber
from provider.kernel.database import db
from provider.pathway import failing
from provider.pathway.steps import lock_case

GRACE = timedelta(minutes=2)
"""How far Twilio's list may lag behind what it took. Only after it does a text that is not listed count as not sent."""

GIVE_UP = timedelta(minutes=15)
LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True)
class Doubted:
    """A text of which nobody knows whether it went out; ``since`` is before it can have done."""

    text_id: int
    case_id: int
    claim: str
    to: str
    since: datetime


def doubted_texts() -> tuple[Doubted, ...]:
    """What is to be settled, the longest doubted first. Reads only."""
    found = dispatch.unknown_texts().join(PhoneNumber, PhoneNumber.id == Text.to_number_id)
    rows = db.session.execute(found.add_columns(PhoneNumber.e164)).all()
    return tuple(
        Doubted(text.id, text.case_id, text.claimed_by or "", e164 or "", text.lease_until - LOOK_BACK)
        for text, e164 in rows
    )


def settle(doubted: Doubted, *, listed: Sequence[Listed] | None, now: datetime) -> None:
    """Find a doubted text among what the network lists for its number; ``listed`` is None where it did not answer.

    Found: it was sent. Not found once the list cannot lag any more: it was not, and is sent anew. Neither for too
    long: a person is told.
    """
    lock_case(doubted.case_id)
    text = dispatch.held(doubted.text_id, claim=doubted.claim)
    if text is None or text.state != "unknown" or text.lease_until is None:
        return
    found = next((one for one in listed or () if dispatch.digest(one.body) == text.body_digest), None)
    doubted_for = now - text.lease_until
    if found is not None:
        dispatch.record_sent(text, Sent(found.provider_id, found.status), now=now)
    elif listed is not None and doubted_for >= GRACE:
        dispatch.plan_again(text, due_at=now, because="was_not_sent")
    elif doubted_for >= GIVE_UP:
        text.state_because = "shown"
        failing.ask_a_person(text, now=now)
