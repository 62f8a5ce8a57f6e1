"""The words of every scheme's texts: which schemes and languages there are, and what each says its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.own_words import scheme_in_force
from provider.caseload.wording_words import OCCASIONS
from provider.domain.forces.models import Force
from provider.domain.messaging.languages import Language, languages, shipped
from provider.domain.messaging.lint import clean
from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import IN_FORCE
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.promises import unkept
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class LanguageLine:
    """A language of a scheme, and how many of its texts are worded otherwise than they are shipped."""

    code: str
    name: str
    own: int


@dataclass(frozen=True)
class SchemeLine:
    id: int
    name: str
    languages: tuple[LanguageLine, ...]


@dataclass(frozen=True)
class ForceLine:
    id: int
    name: str
    schemes: tuple[SchemeLine, ...]


@dataclass(frozen=True)
class WordingLine:
    """One kind of text. ``state``: shipped, own, unused (own, but not to be sent under these terms) or in_english."""

    kind: str
    name: str
    said: str
    state: str
    version: int
    set_at: datetime | None
    set_by: str | None


@dataclass(frozen=True)
class Occasion:
    title: str
    lines: tuple[WordingLine, ...]


@dataclass(frozen=True)
class WordingsPage:
    scheme: SchemeNow
    language: Language
    languages: tuple[Language, ...]
    occasions: tuple[Occasion, ...]


def wordings_overview(*, now: datetime) -> tuple[ForceLine, ...]:
    """Every force with its schemes in force. Three queries."""
    forces = db.session.execute(sa.select(Force.id, Force.name).order_by(Force.name)).all()
    begun = sa.exists().where(
        SchemeTerms.scheme_id == Scheme.id,
        SchemeTerms.in_force_from <= now,
        SchemeTerms.withdrawn_at.is_(None),
    )
    schemes = db.session.scalars(sa.select(Scheme).where(begun).order_by(Scheme.name, Scheme.id)).all()
    rows = db.session.execute(
        sa.select(Wording.scheme_id, Wording.language).where(Wording.words.is_not(None), IN_FORCE)
    )
    own = Counter((row.scheme_id, row.language) for row in rows)
    return tuple(
        ForceLine(
            force.id,
            force.name,
            tuple(_scheme(scheme, own) for scheme in schemes if scheme.force_id == force.id),
        )
        for force in forces
    )


def _scheme(scheme: Scheme, own: Counter[tuple[int, str]]) -> SchemeLine:
    spoken = languages().values()
    lines = tuple(LanguageLine(one.code, one.name, own[scheme.id, one.code]) for one in spoken)
    return SchemeLine(scheme.id, scheme.name, lines)


def wordings_page(scheme_id: int, code: str, *, now: datetime) -> WordingsPage:
    """What a scheme says in a language, kind by kind. Raises NotFound."""
    scheme = scheme_in_force(scheme_id, now=now)
    if code not in languages():
        raise NotFound
    rows = db.session.scalars(
        sa.select(Wording)
        .where(Wording.scheme_id == scheme_id, Wording.language == code, IN_FORCE)
        .order_by(Wording.id)
    ).all()
    own = {row.kind: row for row in rows}
    names = names_of(row.set_by for row in rows)
    return WordingsPage(
        scheme,
        languages()[code],
        tuple(languages().values()),
        tuple(
            Occasion(
                title,
                tuple(_line(kind, name, own.get(kind), names, scheme, code) for kind, name in kinds.items()),
            )
            for title, kinds in OCCASIONS.items()
        ),
    )


def _line(
    kind: str, name: str, own: Wording | None, names: Mapping[str, str], scheme: SchemeNow, code: str
) -> WordingLine:
    said = (own.words if own is not None else None) or shipped(kind, code)
    return WordingLine(
        kind=kind,
        name=name,
        said=said or "",
        state=_state(kind, own, said, scheme, code),
        version=own.version if own is not None else 0,
        set_at=own.set_at if own is not None else None,
        set_by=names[own.set_by] if own is not None else None,
    )


def _state(kind: str, own: Wording | None, said: str | None, scheme: SchemeNow, code: str) -> str:
    if said is None:
        return "in_english"
    if own is None or own.words is None:
        return "shipped"
    broken = frozenset(unkept(scheme.terms).items())
    return "own" if clean(kind, said, code, broken) else "unused"
