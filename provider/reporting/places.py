"""Places used of the places that a commissioner bought, by scheme and by the time they were bought for.

A place counts as used once the force has been told so: the referral completed, or ended as not engaged after the
assessment had been reached, in London days on which that ending was told. That is counted from what a force reads of
its own referrals and from nothing else. Places in sessions, one-to-ones and treatment are never counted, so that no
count can show who went on which pathway; nor does anything count while it is still open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.domain.forces.models import Force
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import SchemeNow, schemes_of
from provider.domain.schemes.terms import PlacesBought
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db
from provider.reporting.small_numbers import HIDDEN, SAID_INSTEAD, is_small


@dataclass(frozen=True)
class PlacesUsed:
    """One scheme's places for one time. ``forecast`` is how many are used in the end at the pace so far.

    ``used``, ``left`` and ``forecast`` are None where so few were used that the count is not shown; ``forecast`` is
    None too where the time has not begun.
    """

    force: str
    scheme: str
    first: date
    last: date
    bought: int
    used: int | None
    left: int | None
    gone: float
    forecast: int | None
    used_words: str
    left_words: str

    @property
    def gone_percent(self) -> int:
        return round(100 * self.gone)

    @property
    def over(self) -> bool:
        """Whether more are going to be used than were bought."""
        return self.forecast is not None and self.forecast > self.bought


def places_of_force(force_id: int, *, now: datetime) -> tuple[PlacesUsed, ...]:
    """One force's, as its administrator reads them: the latest time first. Three queries."""
    name = db.session.scalars(sa.select(Force.name).where(Force.id == force_id)).one()
    return _used([(name, scheme) for scheme in schemes_of(force_id, at=now).values()], now=now)


def places_of_all(*, small_hidden: bool, now: datetime) -> tuple[PlacesUsed, ...]:
    """Every force's; ``small_hidden`` for those who may not know of single people. A query a force, and two."""
    forces = db.session.execute(sa.select(Force.id, Force.name).order_by(Force.name, Force.id)).all()
    schemes = [(one.name, scheme) for one in forces for scheme in schemes_of(one.id, at=now).values()]
    found = _used(schemes, now=now)
    return tuple(_without_small(one) for one in found) if small_hidden else found


def _used(schemes: Iterable[tuple[str, SchemeNow]], *, now: datetime) -> tuple[PlacesUsed, ...]:
    bought = [
        (force, scheme, each)
        for force, scheme in schemes
        for each in sorted(scheme.terms.places_bought, key=lambda one: one.from_, reverse=True)
    ]
    counts = _counts([(scheme.id, each) for _, scheme, each in bought])
    today = london_date(now)
    return tuple(
        _of(force, scheme.name, each, used, today=today)
        for (force, scheme, each), used in zip(bought, counts, strict=True)
    )


def _counts(bought: Sequence[tuple[int, PlacesBought]]) -> list[int]:
    """How many were used of each, in one query over the schemes' endings."""
    if not bought:
        return []
    took = sa.or_(
        Referral.status == Status.COMPLETED,
        sa.and_(Referral.status == Status.NOT_ENGAGED, Referral.level != "none"),
    )
    columns = [
        sa.func.sum(sa.case((sa.and_(Referral.scheme_id == scheme_id, *_within(each)), 1), else_=0))
        for scheme_id, each in bought
    ]
    asked = sa.select(*columns).where(Referral.scheme_id.in_({scheme_id for scheme_id, _ in bought}), took)
    return [int(count or 0) for count in db.session.execute(asked).one()]


def _within(bought: PlacesBought) -> tuple[sa.ColumnElement[bool], ...]:
    after = bought.until + timedelta(days=1)
    return (
        Referral.closed_at >= at_london(bought.from_, time(0)),
        Referral.closed_at < at_london(after, time(0)),
    )


def _of(force: str, scheme: str, bought: PlacesBought, used: int, *, today: date) -> PlacesUsed:
    gone = share_gone(bought.from_, bought.until, today=today)
    left = max(bought.places - used, 0)
    return PlacesUsed(
        force=force,
        scheme=scheme,
        first=bought.from_,
        last=bought.until,
        bought=bought.places,
        used=used,
        left=left,
        gone=gone,
        forecast=round(used / gone) if gone else None,
        used_words=f"{used:,}",
        left_words=f"{left:,}",
    )


def share_gone(first: date, last: date, *, today: date) -> float:
    """The share of a time that is over with the end of today: 0 before it begins, 1 once it has ended."""
    days = (last - first).days + 1
    return min(max((today - first).days + 1, 0), days) / days


def _without_small(one: PlacesUsed) -> PlacesUsed:
    """What is left and the forecast would say what is hidden."""
    if one.used is None or not is_small(one.used):
        return one
    return replace(one, used=None, left=None, forecast=None, used_words=SAID_INSTEAD, left_words=HIDDEN)
