"""The words that schemes have at the desk instead of those that are shipped, as texts are sent in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from provider.domain.messaging.lint import clean
from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import IN_FORCE
from provider.domain.messaging.wording import Words
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import Scheme
from provider.domain.schemes.promises import unkept
from provider.domain.schemes.queries import SchemeNow, schemes_of
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db
from provider.kernel.errors import NotFound
from provider.kernel.rows import among

OwnWords: TypeAlias = Mapping[int, Words]
"""By scheme."""


def own_words(case_ids: Sequence[int]) -> OwnWords:
    """What the schemes of these cases say in words of their own at this moment. One query, however many cases."""
    return _own(sa.select(Referral.scheme_id).where(among(Referral.case_id, case_ids)))


def own_words_of(scheme_ids: Sequence[int]) -> OwnWords:
    """What these schemes say in words of their own at this moment."""
    return _own(scheme_ids)


def _own(schemes: Sequence[int] | sa.Select[int]) -> OwnWords:
    rows = db.session.execute(
        sa.select(Wording.scheme_id, Wording.kind, Wording.language, Wording.words)
        .where(Wording.scheme_id.in_(schemes), Wording.words.is_not(None), IN_FORCE)
        .order_by(Wording.id)
    )
    found: dict[int, dict[tuple[str, str], str]] = {}
    for row in rows:
        found.setdefault(row.scheme_id, {})[row.kind, row.language] = row.words or ""
    return found


def usable(own: OwnWords, kind: str, *, scheme: SchemeNow | None) -> Words:
    """The words of a kind that its scheme may use for somebody who came under it."""
    return {} if scheme is None else holding(own.get(scheme.id, {}), kind, terms=scheme.terms)


def holding(words: Words, kind: str, *, terms: Terms) -> Words:
    """Those words of a kind that hold under the terms; what is shipped holds under all.

    Terms differ from version to version, and what no text may say can grow: words that were right when they were set
    are looked at again.
    """
    broken = frozenset(unkept(terms).items())
    return {
        (of, language): said
        for (of, language), said in words.items()
        if of == kind and clean(kind, said, language, broken)
    }


def scheme_in_force(scheme_id: int, *, now: datetime) -> SchemeNow:
    """A scheme with its terms in force. Raises NotFound where there is none, or none is in force."""
    force_id = db.session.scalar(sa.select(Scheme.force_id).where(Scheme.id == scheme_id))
    schemes = {} if force_id is None else schemes_of(force_id, at=now)
    found = next((scheme for scheme in schemes.values() if scheme.id == scheme_id), None)
    if found is None:
        raise NotFound
    return found
