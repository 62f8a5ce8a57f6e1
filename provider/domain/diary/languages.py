"""Languages besides English that a worker makes calls in, by their ISO codes."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from provider.domain.diary.models import WorkerLanguage
from provider.kernel.database import db

ENGLISH = "en"


def set_languages(worker_id: int, languages: Collection[str]) -> None:
    """The worker makes calls in these from now on, and in no other."""
    db.session.execute(sa.delete(WorkerLanguage).where(WorkerLanguage.worker_id == worker_id))
    db.session.add_all(WorkerLanguage(worker_id=worker_id, language=code) for code in sorted(set(languages)))
    db.session.flush()


def languages_of(worker_id: int) -> tuple[str, ...]:
    found = sa.select(WorkerLanguage.language).where(WorkerLanguage.worker_id == worker_id)
    return tuple(db.session.scalars(found.order_by(WorkerLanguage.language)))


def speakers(language: str) -> frozenset[int]:
    """Who makes calls in a language. Of English nobody is asked: everybody does."""
    if language == ENGLISH:
        return frozenset()
    found = sa.select(WorkerLanguage.worker_id).where(WorkerLanguage.language == language)
    return frozenset(db.session.scalars(found))
