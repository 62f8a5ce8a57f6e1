"""The neutral names that people know us by, and the numbers they ring."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.caseload.text_facts import terms_served_under
from provider.caseload.whose_number import whose_number
from provider.domain.schemes.models import SchemeTerms
from provider.kernel.database import db

MOST = 5


def numbers_to_ring(caller: str, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Service and number, for somebody who rang from ``caller``: their own where the number is theirs alone, or all
    there are, a few at most."""
    case_id = whose_number(caller).case_id
    terms = terms_served_under(case_id) if case_id is not None else None
    if terms is not None:
        return ((terms.service_name, terms.phone),)
    return _all(now)


def _all(now: datetime) -> tuple[tuple[str, str], ...]:
    latest = (
        sa.select(SchemeTerms.scheme_id, sa.func.max(SchemeTerms.version).label("version"))
        .where(SchemeTerms.in_force_from <= now, SchemeTerms.withdrawn_at.is_(None))
        .group_by(SchemeTerms.scheme_id)
        .subquery()
    )
    found = db.session.scalars(
        sa.select(SchemeTerms.terms)
        .join(
            latest,
            sa.and_(latest.c.scheme_id == SchemeTerms.scheme_id, latest.c.version == SchemeTerms.version),
        )
        .order_by(SchemeTerms.scheme_id)
    )
    pairs = dict.fromkeys((str(terms["service_name"]), str(terms["phone"])) for terms in found)
    return tuple(pairs)[:MOST]
