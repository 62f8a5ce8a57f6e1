"""Texts whose sending broke off, or whose worker never came back, are looked for at the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import SendUnknown
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.pathway import settling
from provider.pathway.settling import Doubted, Looked

AT_ONCE = 8


def settle_unknown_texts(shift: Shift) -> None:
    """Find out about every text of which nobody knows whether it went out."""
    if dispatch.anything_lapsed(now=shift.now()):
        with transaction():
            dispatch.doubt_lapsed(now=shift.now())
    _settle(shift, settling.doubted_texts())


def look_again(shift: Shift) -> None:
    """Spare people what the network can say by now of the texts that they were asked about."""
    _settle(shift, settling.shown_texts(now=shift.now()))


def _settle(shift: Shift, doubted: Sequence[Doubted]) -> None:
    # No read stays open while the network is asked.
    db.session.rollback()
    for one, looked in _look_for(shift, doubted):
        with transaction():
            settling.settle(one, looked, pace=shift.pace, now=shift.now())


def _look_for(shift: Shift, doubted: Sequence[Doubted]) -> Iterator[tuple[Doubted, Looked]]:
    """Each with what the network lists, as soon as it says so; several are asked about at once."""
    if not doubted:
        return
    with ThreadPoolExecutor(AT_ONCE, "settle") as pool:
        calls = {pool.submit(_look, shift, one): one for one in doubted}
        for call in as_completed(calls):
            yield calls[call], call.result()


def _look(shift: Shift, one: Doubted) -> Looked:
    """What the network lists for the text's number: nothing is said of one that is gone, or once the shift is over."""
    at = shift.now()
    if one.to is None or shift.over:
        return Looked(None, at)
    try:
        return Looked(shift.texts.listed(to=one.to, since=one.since), at)
    except SendUnknown:
        return Looked(None, at)
