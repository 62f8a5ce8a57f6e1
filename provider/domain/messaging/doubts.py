"""What the network's list says of a text of which nobody knows whether it went out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from provider.domain.messaging.gateways import Listed
from provider.domain.messaging.pace import Pace


class Verdict(StrEnum):
    WENT_OUT = "went_out"
    DID_NOT = "did_not"
    WAIT = "wait"
    ASK = "ask"


@dataclass(frozen=True)
class Decision:
    """``found`` is every message that is the text: more than one where it went out twice."""

    verdict: Verdict
    found: tuple[Listed, ...] = ()


def digest(body: str) -> str:
    """What is kept of the words of a text, link included, so that they can be known again."""
    return hashlib.sha256(body.encode()).hexdigest()


def decide(
    body_digest: str | None,
    *,
    listed: Sequence[Listed] | None,
    explained: Collection[str],
    doubted_for: timedelta,
    pace: Pace,
) -> Decision:
    """Whether a doubted text went out. ``listed`` is all that the network lists for its number, asked for when the
    doubt was ``doubted_for`` old; None where it did not say. ``explained``: the messages known to be other texts.

    Every body is unique by its link, so that the same words are the same text. Words that were taken out of the list
    could be anybody's: while there are any that nothing explains, nothing counts as not sent.
    """
    others = [one for one in listed or () if one.provider_id not in explained]
    found = tuple(one for one in others if digest(one.body) == body_digest)
    if found:
        return Decision(Verdict.WENT_OUT, found)
    certain = listed is not None and all(one.body for one in others)
    if certain and doubted_for >= pace.grace:
        return Decision(Verdict.DID_NOT)
    return Decision(Verdict.ASK if doubted_for >= pace.give_up else Verdict.WAIT)
