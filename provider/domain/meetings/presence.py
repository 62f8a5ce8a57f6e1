"""How long each participant was in the meeting while the session ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from provider.domain.meetings.stays import Stay

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Presence:
    """One participant as the meeting knew them, which may be one person, two on one device, or half of one.

    ``minutes`` are whole minutes inside the session; ``facts`` what they are made of, waiting room included;
    ``at_once`` says that two stays overlap: two devices, or two people under one name. ``here``: nobody knows that
    they left; ``waits``: that they left the waiting room.
    """

    name: str
    original_name: str | None
    email: str | None
    registrant: str | None
    minutes: int
    facts: tuple[int, ...]
    at_once: bool
    here: bool
    waits: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.name, self.original_name) if name)


def presence(
    stays: Sequence[Stay], *, start: datetime, end: datetime, now: datetime | None = None
) -> tuple[Presence, ...]:
    """Minutes per participant, in the order in which they are first seen.

    Stays by one link are one participant; without a link those under one e-mail alias; without one, under the name they
    came in with. Overlapping stays count once, time outside the session and in the waiting room not at all, and a begun
    minute counts, as Zoom counts it. Totals give their minutes, no more than the session's. A stay whose end nobody
    knows counts until ``now`` while the session runs, and for nothing where that is not said.
    """
    links = {stay.email: stay.registrant for stay in stays if stay.email and stay.registrant}
    groups: dict[tuple[str, str], list[Stay]] = {}
    for stay in stays:
        groups.setdefault(_key(stay, links), []).append(stay)
    return tuple(_presence(group, start=start, end=end, now=now) for group in groups.values())


def minutes_covered(stretches: Iterable[Stretch]) -> int:
    """Minutes in the union of stretches of time; what is covered twice counts once, a begun minute counts."""
    total = timedelta()
    reached: datetime | None = None
    for begins, ends in sorted(stretches):
        begins = begins if reached is None else max(begins, reached)
        if ends > begins:
            total += ends - begins
            reached = ends
    return -(-total // timedelta(minutes=1))


def minutes_present(
    stays: Sequence[Stay], *, start: datetime, end: datetime, now: datetime | None = None
) -> int:
    """Minutes of the session that these stays cover together, as ``presence`` counts them."""
    totals = sum(stay.minutes for stay in stays if stay.joined_at is None and not stay.waiting_room)
    stretches = _stretches(stays, start=start, end=end, now=now)
    return minutes_covered(stretches) + min(totals, int((end - start) / timedelta(minutes=1)))


def inside(
    joined_at: datetime | None, left_at: datetime | None, *, start: datetime, end: datetime
) -> Stretch | None:
    """The part of a stay that lies inside the session, if any."""
    if joined_at is None or left_at is None:
        return None
    begins, ends = max(joined_at, start), min(left_at, end)
    return (begins, ends) if begins < ends else None


def _presence(stays: Sequence[Stay], *, start: datetime, end: datetime, now: datetime | None) -> Presence:
    stretches = _stretches(stays, start=start, end=end, now=now)
    lasting = [stay for stay in stays if stay.joined_at is not None and stay.left_at is None]
    here = [stay for stay in lasting if not stay.waiting_room]
    return Presence(
        name=stays[-1].name,
        original_name=next((stay.original_name for stay in stays if stay.original_name), None),
        email=next((stay.email for stay in stays if stay.email), None),
        registrant=next((stay.registrant for stay in stays if stay.registrant), None),
        minutes=minutes_present(stays, start=start, end=end, now=now),
        facts=tuple(fact for stay in stays for fact in stay.facts),
        at_once=any(later[0] < earlier[1] for earlier, later in pairwise(stretches)),
        here=bool(here),
        waits=bool(lasting) and not here,
    )


def _stretches(
    stays: Sequence[Stay], *, start: datetime, end: datetime, now: datetime | None
) -> list[Stretch]:
    counted = (stay for stay in stays if not stay.waiting_room)
    return sorted(
        stretch
        for stay in counted
        if (stretch := inside(stay.joined_at, stay.left_at or now, start=start, end=end))
    )


def _key(stay: Stay, links: dict[str, str]) -> tuple[str, str]:
    registrant = stay.registrant or links.get(stay.email or "")
    if registrant:
        return "link", registrant
    if stay.email:
        return "email", stay.email
    return "name", (stay.original_name or stay.name).casefold()
