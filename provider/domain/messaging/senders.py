"""How many texts a sender may be given at this moment, and how long it rests when its texts do not go through.

Both stand in the sender's row, which whoever claims for it holds until the claim is committed: so however many workers
there are, together they never take more than the rate, and all of them rest.
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.messaging.models import TextSender
from provider.kernel.database import db, insert_or

log = logging.getLogger("provider.texts")

A_SECOND_BY_SERVICE = 100.0
A_SECOND_BY_NUMBER = 10.0
"""What a sender is given where nothing is set. Twilio takes more, and lets it wait: there it only grows old."""

A_DAY = timedelta(days=1)
BURST = timedelta(seconds=1)
"""How much of its rate a sender that was idle may use at once."""

FAILURES = 5
"""So many in a row make a sender rest; one that the network itself asks to wait rests at once."""

SHORTEST_REST = timedelta(seconds=2)
FIRST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(minutes=5)
ANSWERED_WITHIN = timedelta(seconds=30)
"""By then the one text that goes ahead has been answered, or its worker is gone: another may go."""

_ADDRESS = re.compile(r"MG[0-9a-f]{32}|\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


@dataclass(frozen=True)
class Turn:
    """``most`` is how many texts the sender may be given now; ``ahead``: one, which says whether the rest is over.

    ``sender`` is its row, which is held.
    """

    sender: TextSender
    most: int
    ahead: bool = False


def is_sender(address: str) -> bool:
    """Whether Twilio could send by it: a messaging service's SID, a number, or a name of up to eleven characters."""
    return _ADDRESS.fullmatch(address) is not None


def rate_of(address: str, *, given: float | None) -> float | None:
    """Texts a second; None for the sandbox, which takes all."""
    if given is not None:
        return given
    if address == "sandbox":
        return None
    return A_SECOND_BY_SERVICE if address.startswith("MG") else A_SECOND_BY_NUMBER


def take_turn(address: str, *, rate: float | None, most: int, went: bool, now: datetime) -> Turn:
    """What the sender may be given, up to ``most``. Its row is held until the transaction ends.

    ``went``: the last that this worker heard of the sender was a yes.
    """
    sender = _held(address, now=now)
    if went and sender.rests_until is None:
        sender.failures = 0
    if sender.rests_until is not None:
        return Turn(sender, min(most, 1) if sender.rests_until <= now else 0, ahead=True)
    return Turn(sender, min(most, _unused(sender.used_until, rate, now)))


def _unused(used_until: datetime, rate: float | None, now: datetime) -> int:
    if rate is None:
        return 1_000_000
    # A millionth more than there is: moments are kept to the microsecond, and a third of a second is not.
    return max(math.floor((now - _from(used_until, rate, now)).total_seconds() * rate + 1e-3), 0)


def _from(used_until: datetime, rate: float, now: datetime) -> datetime:
    return max(used_until, now - max(BURST, timedelta(seconds=1 / rate)))


def spend(turn: Turn, count: int, *, rate: float | None, now: datetime) -> None:
    """So many were claimed in this turn, in the same transaction."""
    if not count:
        return
    sender = turn.sender
    if turn.ahead:
        sender.rests_until = now + ANSWERED_WITHIN
    if rate is not None:
        sender.used_until = _from(sender.used_until, rate, now) + timedelta(seconds=count / rate)


def failed(
    address: str, *, because: str, ahead: bool, wait_seconds: float | None, chance: float, now: datetime
) -> bool:
    """A text did not go through for the sender's sake, or the network's; answers whether the sender rests now.

    ``chance`` lies between 0 and 1. What comes in of texts that were on their way when the rest began says nothing new.
    """
    sender = _held(address, now=now)
    if sender.rests_until is not None and not ahead:
        return True
    sender.failures += 1
    if not ahead and wait_seconds is None and sender.failures < FAILURES:
        return False
    sender.rests += 1
    sender.rests_until = now + max(rest_for(sender.rests, chance), timedelta(seconds=wait_seconds or 0))
    sender.rests_since = sender.rests_since or now
    sender.rests_because = because
    log.warning("a sender rests", extra={"sender": address, "because": because})
    return True


def rest_for(rests: int, chance: float) -> timedelta:
    """Anything up to a length that doubles with every rest in a row: senders and workers do not come back together."""
    longest: timedelta = min(FIRST_REST * 2 ** min(rests - 1, 10), LONGEST_REST)
    return max(longest * chance, SHORTEST_REST)


def recovered(address: str, *, now: datetime) -> None:
    """The text that went ahead was taken: the others follow."""
    sender = _held(address, now=now)
    sender.failures = sender.rests = 0
    sender.rests_until = sender.rests_since = sender.rests_because = None


def _held(address: str, *, now: datetime) -> TextSender:
    """The sender's row, locked; made where it is not known yet."""
    found = (
        sa.select(TextSender)
        .where(TextSender.address == address)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    sender = db.session.scalars(found).one_or_none()
    if sender is None:
        new = insert_or(TextSender).values(address=address, used_until=now - A_DAY, failures=0, rests=0)
        db.session.execute(new.on_conflict_do_nothing(index_elements=["address"]))
        sender = db.session.scalars(found).one()
    return sender
