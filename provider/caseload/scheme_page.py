"""Schemes at the desk: each force's, with the terms in force and planned; one scheme with every version it has had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.scheme_words import Changed, Group, changes, grouped
from provider.domain.forces.models import Force
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class Version:
    """One version. ``state``: in_force, planned, past or withdrawn; ``changed`` is what it says otherwise."""

    number: int
    state: str
    in_force_from: datetime
    set_at: datetime | None
    set_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    terms: Terms
    referrals: int
    changed: tuple[Changed, ...]


@dataclass(frozen=True)
class SchemeLine:
    """A scheme in the list of its force: the versions by number, None where there is none."""

    id: int
    code: str
    name: str
    in_force: int | None
    in_force_from: datetime | None
    planned: int | None
    planned_from: datetime | None


@dataclass(frozen=True)
class ForceLine:
    id: int
    name: str
    schemes: tuple[SchemeLine, ...]


@dataclass(frozen=True)
class SchemePage:
    """``versions`` newest first."""

    id: int
    code: str
    name: str
    force: str
    groups: tuple[Group, ...]
    versions: tuple[Version, ...]

    @property
    def in_force(self) -> Version | None:
        return next((version for version in self.versions if version.state == "in_force"), None)

    @property
    def planned(self) -> Version | None:
        """The next version that waits for its day."""
        waiting = [version for version in self.versions if version.state == "planned"]
        return waiting[-1] if waiting else None

    @property
    def latest(self) -> Version | None:
        """What a change begins from: the newest version that was not withdrawn."""
        return next((version for version in self.versions if version.state != "withdrawn"), None)


def schemes_page(*, now: datetime) -> tuple[ForceLine, ...]:
    """Every force with its schemes, by name. Two queries."""
    forces = db.session.execute(sa.select(Force.id, Force.name).order_by(Force.name)).all()
    rows = db.session.execute(
        sa.select(Scheme.id, Scheme.force_id, Scheme.code, Scheme.name)
        .add_columns(SchemeTerms.version, SchemeTerms.in_force_from, SchemeTerms.withdrawn_at)
        .outerjoin(SchemeTerms, SchemeTerms.scheme_id == Scheme.id)
        .order_by(Scheme.name, Scheme.id, SchemeTerms.version)
    ).all()
    return tuple(
        ForceLine(force.id, force.name, _lines([row for row in rows if row.force_id == force.id], now=now))
        for force in forces
    )


def _lines(rows: Sequence[sa.Row[tuple[object, ...]]], *, now: datetime) -> tuple[SchemeLine, ...]:
    found: dict[int, SchemeLine] = {}
    for row in rows:
        line = found.get(row.id) or SchemeLine(row.id, row.code, row.name, None, None, None, None)
        if row.version is not None and row.withdrawn_at is None:
            line = _with_version(line, row.version, row.in_force_from, now=now)
        found[row.id] = line
    return tuple(found.values())


def _with_version(line: SchemeLine, number: int, since: datetime, *, now: datetime) -> SchemeLine:
    if since <= now:
        return SchemeLine(line.id, line.code, line.name, number, since, line.planned, line.planned_from)
    if line.planned is not None:
        return line
    return SchemeLine(line.id, line.code, line.name, line.in_force, line.in_force_from, number, since)


def scheme_page(scheme_id: int, *, now: datetime) -> SchemePage:
    """One scheme, in four queries. Raises NotFound."""
    row = db.session.execute(
        sa.select(Scheme.code, Scheme.name, Force.name.label("force"))
        .join(Force, Force.id == Scheme.force_id)
        .where(Scheme.id == scheme_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    versions = _versions(scheme_id, now=now)
    shown = next((version for version in versions if version.state == "in_force"), None)
    groups = grouped(shown.terms) if shown is not None else ()
    return SchemePage(scheme_id, row.code, row.name, row.force, groups, versions)


def _versions(scheme_id: int, *, now: datetime) -> tuple[Version, ...]:
    rows = db.session.scalars(
        sa.select(SchemeTerms)
        .where(SchemeTerms.scheme_id == scheme_id)
        .order_by(SchemeTerms.version)
        .execution_options(populate_existing=True)
    ).all()
    names = names_of(actor for row in rows for actor in (row.set_by, row.withdrawn_by) if actor)
    used = _used(scheme_id)
    made: list[Version] = []
    for row in rows:
        terms = Terms.model_validate(row.terms)
        before = next((one.terms for one in reversed(made) if one.state != "withdrawn"), None)
        made.append(
            Version(
                number=row.version,
                state=_state(row, rows, now=now),
                in_force_from=row.in_force_from,
                set_at=row.set_at,
                set_by=names[row.set_by] if row.set_by else None,
                withdrawn_at=row.withdrawn_at,
                withdrawn_by=names[row.withdrawn_by] if row.withdrawn_by else None,
                terms=terms,
                referrals=used.get(row.id, 0),
                changed=changes(before, terms) if before is not None else (),
            )
        )
    return tuple(reversed(made))


def _state(row: SchemeTerms, rows: Sequence[SchemeTerms], *, now: datetime) -> str:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.in_force_from > now:
        return "planned"
    later = (
        other
        for other in rows
        if other.version > row.version and other.withdrawn_at is None and other.in_force_from <= now
    )
    return "past" if next(later, None) is not None else "in_force"


def _used(scheme_id: int) -> Mapping[int, int]:
    """How many referrals came under each version, by the id of its terms."""
    rows = db.session.execute(
        sa.select(Referral.terms_id, sa.func.count().label("referrals"))
        .where(Referral.scheme_id == scheme_id)
        .group_by(Referral.terms_id)
    )
    return {row.terms_id: row.referrals for row in rows}
