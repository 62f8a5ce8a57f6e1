"""Asked of schemes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.database import UtcDateTime, db


@dataclass(frozen=True)
class SchemeNow:
    """A scheme with the version of its terms in force at a moment."""

    id: int
    force_id: int
    code: str
    name: str
    terms_id: int
    version: int
    terms: Terms

    @property
    def rule(self) -> str:
        """How a force reads which terms an outcome rests on, as in ``divert-adult v3``."""
        return f"{self.code} v{self.version}"


def schemes_of(force_id: int, *, at: datetime) -> dict[str, SchemeNow]:
    """Schemes of one force by code, each with the terms in force at ``at``; one without terms by then is left out."""
    read: dict[tuple[int, datetime], dict[str, SchemeNow]] = db.session().info.setdefault("schemes_of", {})
    if (force_id, at) not in read:
        rows = db.session.execute(_TERMS_BY_THEN, {"force_id": force_id, "at": at})
        read[force_id, at] = {row.code: _scheme(*row) for row in rows}
    return read[force_id, at]


def scheme_under(terms_id: int) -> SchemeNow:
    """The scheme as a referral came under it: by the id of that version of its terms."""
    known = _read_in_this_session().get(terms_id)
    return known or _scheme(*db.session.execute(_TERMS, {"terms_id": terms_id}).one())


def forget_what_was_read() -> None:
    """Terms were set or withdrawn: what is in force is asked anew."""
    db.session().info.pop("schemes_of", None)


def _scheme(
    scheme_id: int, force_id: int, code: str, name: str, terms_id: int, version: int, terms: dict[str, Any]
) -> SchemeNow:
    scheme = SchemeNow(scheme_id, force_id, code, name, terms_id, version, Terms.model_validate(terms))
    return _read_in_this_session().setdefault(terms_id, scheme)


def _read_in_this_session() -> dict[int, SchemeNow]:
    """Versions of terms never change once written, so that one is read once a request."""
    known: dict[int, SchemeNow] = db.session().info.setdefault("schemes", {})
    return known


_LATER = SchemeTerms.__table__.alias("later")
_COLUMNS = sa.select(
    Scheme.id,
    Scheme.force_id,
    Scheme.code,
    Scheme.name,
    SchemeTerms.id.label("terms_id"),
    SchemeTerms.version,
    SchemeTerms.terms,
).join(SchemeTerms, SchemeTerms.scheme_id == Scheme.id)
_TERMS = _COLUMNS.where(SchemeTerms.id == sa.bindparam("terms_id"))
_TERMS_BY_THEN = _COLUMNS.where(
    Scheme.force_id == sa.bindparam("force_id"),
    SchemeTerms.withdrawn_at.is_(None),
    SchemeTerms.in_force_from <= sa.bindparam("at", type_=UtcDateTime()),
    ~sa.exists().where(
        _LATER.c.scheme_id == SchemeTerms.scheme_id,
        _LATER.c.version > SchemeTerms.version,
        _LATER.c.withdrawn_at.is_(None),
        _LATER.c.in_force_from <= sa.bindparam("at", type_=UtcDateTime()),
    ),
).order_by(Scheme.code)
