"""The trail of who saw and did what, the latest first, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.domain.accounts.models import Account
from provider.domain.audit.chain import Broken, verify
from provider.domain.audit.models import AuditEntry
from provider.domain.audit.queries import latest_stretch
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.kernel.database import db
from provider.kernel.references import normal_reference

A_PAGE = 50
LOOKED_AT = 200


@dataclass(frozen=True)
class AuditFilter:
    """What is looked for; None is everything. ``before`` pages back: entries with a smaller id."""

    reference: str | None = None
    action: str | None = None
    email: str | None = None
    before: int | None = None


@dataclass(frozen=True)
class AuditLine:
    id: int
    at: datetime
    who: str
    action: str
    subject: str
    reference: str | None
    detail: Mapping[str, object]


@dataclass(frozen=True)
class ChainState:
    """The newest seals, walked: ``broken`` names the first that does not hold. ``sealed_at`` is the newest's."""

    looked_at: int
    broken: Broken | None
    sealed_at: datetime | None


@dataclass(frozen=True)
class AuditPage:
    """``older`` is the id to page back from, None at the end. ``unknown``: nobody and nothing is called that."""

    lines: tuple[AuditLine, ...]
    older: int | None
    chain: ChainState
    unknown: bool = False


def audit_page(asked: AuditFilter) -> AuditPage:
    """A page of entries. Seven queries at most, by index."""
    which = _which(asked)
    chain = _chain()
    if which is None:
        return AuditPage((), None, chain, unknown=True)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(*which).order_by(AuditEntry.id.desc()).limit(A_PAGE + 1)
    ).all()
    shown = entries[:A_PAGE]
    names = names_of(entry.actor for entry in shown)
    references = _references(shown)
    lines = tuple(
        AuditLine(
            id=entry.id,
            at=entry.at,
            who=names[entry.actor],
            action=entry.action,
            subject=entry.subject if entry.subject_id is None else f"{entry.subject} {entry.subject_id}",
            reference=references.get(entry.subject_id or 0) if entry.subject == "referral" else None,
            detail={key: value for key, value in entry.detail.items() if value is not None},
        )
        for entry in shown
    )
    return AuditPage(lines, shown[-1].id if len(entries) > A_PAGE else None, chain)


def _which(asked: AuditFilter) -> list[sa.ColumnElement[bool]] | None:
    """The conditions of a filter; None where it names nobody."""
    which: list[sa.ColumnElement[bool]] = []
    if asked.before is not None:
        which.append(AuditEntry.id < asked.before)
    if asked.action:
        which.append(AuditEntry.action == asked.action)
    if asked.reference:
        people = _people(asked.reference)
        if not people:
            return None
        which.append(AuditEntry.person_id.in_(people))
    if asked.email:
        account_id = db.session.scalar(
            sa.select(Account.id).where(Account.email == asked.email.strip().lower())
        )
        if account_id is None:
            return None
        which.append(AuditEntry.actor == f"account:{account_id}")
    return which


def _people(reference: str) -> list[int]:
    """The person of a referral, whoever was found to be the same, and who they were found to be."""
    referred = sa.select(sa.func.coalesce(Person.same_as_id, Person.id)).join(
        Referral, Referral.person_id == Person.id
    )
    one = referred.where(Referral.reference == normal_reference(reference)).scalar_subquery()
    return list(
        db.session.scalars(sa.select(Person.id).where(sa.or_(Person.id == one, Person.same_as_id == one)))
    )


def _references(entries: Iterable[AuditEntry]) -> dict[int, str]:
    ids = [entry.subject_id for entry in entries if entry.subject == "referral" and entry.subject_id]
    rows = db.session.execute(sa.select(Referral.id, Referral.reference).where(Referral.id.in_(ids)))
    return {row.id: row.reference for row in rows}


def _chain() -> ChainState:
    """The newest seals alone: ``audit verify`` walks them all."""
    stretch = latest_stretch(LOOKED_AT)
    broken = verify(stretch.entries, after=stretch.after, first=stretch.first)
    return ChainState(len(stretch.entries), broken, stretch.sealed_at)


def actions() -> tuple[str, ...]:
    """The actions among the newest entries, by name. One query."""
    newest = sa.select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(5_000).subquery()
    return tuple(db.session.scalars(sa.select(newest.c.action).distinct().order_by(newest.c.action)))
