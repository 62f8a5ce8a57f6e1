"""Asked of schemes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db


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
    latest = (
        sa.select(SchemeTerms.scheme_id, sa.func.max(SchemeTerms.version).label("version"))
        .where(SchemeTerms.in_force_from <= at)
        .group_by(SchemeTerms.scheme_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Scheme.id, Scheme.code, Scheme.name, SchemeTerms.id, SchemeTerms.version, SchemeTerms.terms)
        .join(SchemeTerms, SchemeTerms.scheme_id == Scheme.id)
        .join(
            latest,
            sa.and_(latest.c.scheme_id == SchemeTerms.scheme_id, latest.c.version == SchemeTerms.version),
        )
        .where(Scheme.force_id == force_id)
        .order_by(Scheme.code)
    )
    return {
        code: SchemeNow(scheme_id, force_id, code, name, terms_id, version, Terms.model_validate(terms))
        for scheme_id, code, name, terms_id, version, terms in rows
    }


def scheme_under(terms_id: int) -> SchemeNow:
    """The scheme as a referral came under it: by the id of that version of its terms."""
    row = db.session.execute(
        sa.select(
            Scheme.id, Scheme.force_id, Scheme.code, Scheme.name, SchemeTerms.version, SchemeTerms.terms
        )
        .join(SchemeTerms, SchemeTerms.scheme_id == Scheme.id)
        .where(SchemeTerms.id == terms_id)
    ).one()
    terms = Terms.model_validate(row.terms)
    return SchemeNow(row.id, row.force_id, row.code, row.name, terms_id, row.version, terms)
