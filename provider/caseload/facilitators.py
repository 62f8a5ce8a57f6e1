"""Who runs which session, by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.accounts.models import Account
from provider.domain.courses.facilitating import FacilitatorRole
from provider.domain.courses.models import SessionFacilitator
from provider.kernel.database import db

_ORDER = list(FacilitatorRole)


@dataclass(frozen=True)
class Facilitator:
    """Somebody who runs a session, in words: "Ruth Kemp", or "Gareth Lloyd for Ruth Kemp" where they cover."""

    account_id: int
    name: str
    role: FacilitatorRole
    covers: str | None

    def __str__(self) -> str:
        return self.name if self.covers is None else f"{self.name} for {self.covers}"


def facilitators_of(session_ids: Collection[int]) -> dict[int, tuple[Facilitator, ...]]:
    """Who runs each of these sessions now: who leads it first. One query."""
    covered, who = aliased(SessionFacilitator), aliased(Account)
    rows = db.session.execute(
        sa.select(SessionFacilitator, Account.name, who.name)
        .join(Account, Account.id == SessionFacilitator.account_id)
        .outerjoin(covered, covered.id == SessionFacilitator.covers_id)
        .outerjoin(who, who.id == covered.account_id)
        .where(SessionFacilitator.session_id.in_(session_ids), SessionFacilitator.ended_at.is_(None))
        .order_by(SessionFacilitator.session_id, SessionFacilitator.id)
    )
    found: dict[int, list[Facilitator]] = {}
    for one, name, covers in rows:
        line = Facilitator(one.account_id, name, FacilitatorRole(one.role), covers)
        found.setdefault(one.session_id, []).append(line)
    return {
        session_id: tuple(sorted(lines, key=lambda line: _ORDER.index(line.role)))
        for session_id, lines in found.items()
    }
