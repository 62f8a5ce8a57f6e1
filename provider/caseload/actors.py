"""Who did it, in words: ``account:7`` is somebody's name, ``participant:3`` the person themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.kernel.database import db

_KINDS = {"key": "the force’s system", "participant": "the person themselves", "system": "by itself"}


def names_of(actors: Iterable[str]) -> Mapping[str, str]:
    """The words for each of these actors, in one query."""
    asked = set(actors)
    ids = {int(number) for kind, _, number in (actor.partition(":") for actor in asked) if kind == "account"}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(ids)))
    accounts = {f"account:{row.id}": row.name for row in rows}
    return {actor: accounts.get(actor) or _KINDS.get(actor.partition(":")[0], actor) for actor in asked}
