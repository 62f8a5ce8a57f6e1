"""Texts are claimed for one sender at a time, as many as it may take now; what goes wrong with it makes it rest.

A job opens the transactions around these.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from provider.caseload.text_senders import Sender
from provider.domain.messaging import senders
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.domain.messaging.pace import Pace
from provider.pathway import sending
from provider.pathway.sending import Claimed, Ready

Answer: TypeAlias = Sent | NotSent | SendUnknown


@dataclass(frozen=True)
class Given:
    """What was claimed for a sender. ``ahead``: after a rest, one text alone, which says whether the rest is over."""

    claimed: Claimed
    ahead: bool


@dataclass(frozen=True)
class Claims:
    """On whose behalf texts are claimed. ``rate`` is the sender's, in texts a second; None is no bound."""

    sender: Sender
    rate: float | None
    worker: str
    public_url: str
    pace: Pace


def claim_for_sender(claims: Claims, *, most: int, went: bool, now: datetime) -> Given:
    """Take as many due texts as the sender may be given now, up to ``most``; none while it rests.

    ``went``: the last that this worker heard of the sender was a yes.
    """
    turn = senders.take_turn(claims.sender.address, rate=claims.rate, most=most, went=went, now=now)
    if not turn.most:
        return Given(Claimed(0, ()), turn.ahead)
    claimed = sending.claim_due(
        limit=turn.most,
        only=claims.sender.only,
        worker=claims.worker,
        public_url=claims.public_url,
        lease=claims.pace.lease,
        now=now,
    )
    senders.spend(turn, len(claimed.ready), rate=claims.rate, now=now)
    return Given(claimed, turn.ahead)


def record_no(
    ready: Ready, answer: NotSent | SendUnknown, *, claims: Claims, ahead: bool, now: datetime
) -> bool:
    """A text was refused, or nobody knows; answers whether its sender rests from now on."""
    if isinstance(answer, NotSent):
        sending.not_sent(ready, answer, now=now)
        if not answer.temporary:
            # The network was there and said no to this one text.
            return _went_ahead(claims, ahead=ahead, now=now)
    else:
        sending.unknown(ready, now=now)
    return senders.failed(
        claims.sender.address,
        because=answer.because,
        ahead=ahead,
        wait_seconds=answer.wait_seconds,
        chance=secrets.randbelow(1000) / 1000,
        now=now,
    )


def record_yes(ready: Ready, answer: Sent, *, claims: Claims, ahead: bool, now: datetime) -> None:
    """The network took the text: after a rest, the others follow. One statement where it was not the one ahead."""
    sending.sent(ready, answer, now=now)
    _went_ahead(claims, ahead=ahead, now=now)


def _went_ahead(claims: Claims, *, ahead: bool, now: datetime) -> bool:
    if ahead:
        senders.recovered(claims.sender.address, now=now)
    return False
