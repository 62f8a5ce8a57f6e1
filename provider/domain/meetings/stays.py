"""Stays in a meeting, from what several sources told of them: each stay once, whoever told it, in whatever order.

Zoom tells of a stay while it happens (somebody joined; somebody left), again in its report some minutes later, and once
more in the file that a facilitator downloads. It tells things twice, late and in any order. So what was told is kept as
it was told, and the stays are worked out from all of it: the same facts give the same stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

SAME_MOMENT = timedelta(seconds=60)
"""A file rounds, and two of Zoom's machines do not tell the same second."""

Source = Literal["webhook", "report", "file"]
_SUREST_FIRST: tuple[Source, ...] = ("report", "webhook", "file")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_Device: TypeAlias = tuple[str | None, str | None, bool]


@dataclass(frozen=True)
class Fact:
    """What one source told: that somebody joined, that they left, both, or only for how many minutes they were there.

    ``registrant`` is known where they came by a link of their own. ``connection`` is one device in one ``run``.
    """

    id: int
    source: Source
    name: str
    original_name: str | None
    email: str | None
    registrant: str | None
    run: str | None
    connection: str | None
    joined_at: datetime | None
    left_at: datetime | None
    minutes: int
    waiting_room: bool


@dataclass(frozen=True)
class Stay:
    """Once in the meeting, or in its waiting room. ``left_at`` is None while nobody knows that they left.

    ``facts`` are the ids of what it is made of. One of totals has no moments and only ``minutes``.
    """

    name: str
    original_name: str | None
    email: str | None
    registrant: str | None
    run: str | None
    connection: str | None
    joined_at: datetime | None
    left_at: datetime | None
    minutes: int
    waiting_room: bool
    facts: tuple[int, ...]


def stays_of(facts: Iterable[Fact], *, ended: Mapping[str, datetime] | None = None) -> tuple[Stay, ...]:
    """Every stay once, in the order in which they began. ``ended``: when runs of the meeting were over, by run.

    Totals count only where nobody told when anybody joined. That somebody left of whom nobody told that they had come
    says nothing yet.
    """
    told = sorted(facts, key=_order)
    timed = [fact for fact in told if fact.joined_at is not None or fact.left_at is not None]
    if not any(fact.joined_at for fact in timed):
        return tuple(_stay(fact) for fact in told if fact.joined_at is None and fact.left_at is None)
    found: list[Stay] = []
    for source in _SUREST_FIRST:
        found = _merged(found, _told_by(source, timed))
    over = ended or {}
    return tuple(
        sorted(
            (_until_over(stay, over) for stay in found),
            key=lambda stay: (_moment(stay.joined_at), stay.facts),
        )
    )


def _order(fact: Fact) -> tuple[object, ...]:
    """By when it happened, never by when it was told; of one moment the leaving comes first."""
    when = fact.joined_at or fact.left_at
    return (_moment(when), fact.joined_at is not None, fact.id, fact.name, fact.connection or "")


def _moment(when: datetime | None) -> datetime:
    return when or _LONG_AGO


def _told_by(source: Source, timed: Sequence[Fact]) -> list[Stay]:
    """One source's stays: where it tells joining and leaving apart, each leaving ends what its device began."""
    begun: list[Stay] = []
    gone: dict[_Device, datetime] = {}
    for fact in timed:
        if fact.source != source:
            continue
        at = _last_of(fact, begun)
        if at is not None and _is_told_again(fact, begun[at]):
            begun[at] = replace(begun[at], facts=(*begun[at].facts, fact.id))
        elif fact.joined_at is not None:
            came_and_went = fact.left_at is None and gone.get(_device(fact)) == fact.joined_at
            begun.append(replace(_stay(fact), left_at=fact.joined_at if came_and_went else fact.left_at))
        elif at is not None and begun[at].left_at is None:
            begun[at] = replace(begun[at], left_at=fact.left_at, facts=(*begun[at].facts, fact.id))
        elif fact.left_at is not None:
            gone[_device(fact)] = fact.left_at
    return begun


def _is_told_again(fact: Fact, stay: Stay) -> bool:
    """A machine that gets no answer in time says the same again, word for word."""
    if fact.joined_at is None:
        return stay.left_at == fact.left_at
    if fact.left_at is not None:
        return (stay.joined_at, stay.left_at) == (fact.joined_at, fact.left_at)
    return stay.joined_at == fact.joined_at


def _device(told: Fact | Stay) -> _Device:
    return told.run, told.connection, told.waiting_room


def _last_of(fact: Fact, begun: Sequence[Stay]) -> int | None:
    """Where the latest stay of the fact's device is, if it has any."""
    if fact.connection is None:
        return None
    return next((at for at in reversed(range(len(begun))) if _device(begun[at]) == _device(fact)), None)


def _merged(found: Sequence[Stay], told: Sequence[Stay]) -> list[Stay]:
    """What is found already, with what another source tells of it; what only that one tells is added."""
    merged = list(found)
    free = set(range(len(found)))
    for stay in told:
        same = [at for at in sorted(free) if _is_same(merged[at], stay)]
        if not same:
            merged.append(stay)
            continue
        at = min(same, key=lambda one: abs(_moment(merged[one].joined_at) - _moment(stay.joined_at)))
        free.discard(at)
        merged[at] = _both(merged[at], stay)
    return merged


def _is_same(one: Stay, other: Stay) -> bool:
    return (
        one.waiting_room == other.waiting_room
        and _same_moment(one.joined_at, other.joined_at)
        and _same_participant(one, other)
    )


def _same_moment(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= SAME_MOMENT


def _same_participant(one: Stay, other: Stay) -> bool:
    """By the surest that both know: the device, the link, the address, else the name."""
    if one.connection and other.connection and one.run == other.run:
        return one.connection == other.connection
    if one.registrant and other.registrant:
        return one.registrant == other.registrant
    if one.email and other.email:
        return one.email == other.email
    return bool(_names(one) & _names(other))


def _names(stay: Stay) -> set[str]:
    return {name.casefold() for name in (stay.name, stay.original_name) if name}


def _both(surer: Stay, other: Stay) -> Stay:
    """One stay told by two: what the surer does not know the other fills in."""
    return replace(
        surer,
        original_name=surer.original_name or other.original_name,
        email=surer.email or other.email,
        registrant=surer.registrant or other.registrant,
        run=surer.run or other.run,
        connection=surer.connection or other.connection,
        left_at=surer.left_at or other.left_at,
        facts=(*surer.facts, *other.facts),
    )


def _until_over(stay: Stay, ended: Mapping[str, datetime]) -> Stay:
    """Nobody stays in a meeting that is over."""
    over = ended.get(stay.run or "")
    if stay.left_at is not None or stay.joined_at is None or over is None:
        return stay
    return replace(stay, left_at=max(over, stay.joined_at))


def _stay(fact: Fact) -> Stay:
    return Stay(
        name=fact.name,
        original_name=fact.original_name,
        email=fact.email,
        registrant=fact.registrant,
        run=fact.run,
        connection=fact.connection,
        joined_at=fact.joined_at,
        left_at=fact.left_at,
        minutes=fact.minutes,
        waiting_room=fact.waiting_room,
        facts=(fact.id,),
    )
