"""Corrections that a force has been told of, and whether each is in the force's own records too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.actors import names_of
from provider.domain.compliance.corrections import Said, said_by, to_change
from provider.domain.compliance.models import CORRECTING, ComplianceEvent, CorrectionDone
from provider.kernel.database import db

PAGE = 50
_LATER = aliased(ComplianceEvent)


@dataclass(frozen=True)
class Correction:
    """One correction: what was said before, what stands now, and what that asks of the force's records."""

    event_id: str
    reference: str
    force_reference: str | None
    since: datetime
    before: Said | None
    now: Said
    to_do: tuple[str, ...]


@dataclass(frozen=True)
class Outstanding:
    """The oldest ones; ``total`` is how many there are in all, ``oldest`` since when."""

    corrections: tuple[Correction, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.corrections)


@dataclass(frozen=True)
class Done:
    """That somebody said that a correction was carried out, and who took it back if somebody did."""

    event_id: str
    reference: str
    force_reference: str | None
    since: datetime
    done_at: datetime
    done_by: str
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True)
class History:
    """A page of it, the latest first; ``next`` is what to ask for the page after it with."""

    lines: tuple[Done, ...]
    next: int | None


def outstanding(force_id: int) -> Outstanding:
    """What is not in the force's records yet, oldest first. Three queries."""
    waiting = _outstanding(force_id)
    events = db.session.scalars(waiting.order_by(ComplianceEvent.id).limit(PAGE)).all()
    total = len(events) if len(events) < PAGE else outstanding_since(force_id)[0]
    told = _told_of({event.referral_id for event in events})
    return Outstanding(tuple(_correction(event, told[event.referral_id]) for event in events), total)


def outstanding_since(force_id: int) -> tuple[int, datetime | None]:
    """How many there are, and when the oldest was told."""
    since = sa.func.min(ComplianceEvent.recorded_at)
    counted = _outstanding(force_id).with_only_columns(sa.func.count(ComplianceEvent.id), since)
    row = db.session.execute(counted).one()
    return row[0], row[1]


def correction_of(force_id: int, event_id: str) -> ComplianceEvent | None:
    """One of the force's corrections, outstanding or not."""
    return db.session.scalars(
        sa.select(ComplianceEvent).where(*_corrections(force_id), ComplianceEvent.public_id == event_id)
    ).one_or_none()


def carried_out(force_id: int, *, before: int | None) -> History:
    """What somebody said was carried out, the latest first: two queries. ``before`` is a ``next``."""
    behind = [CorrectionDone.id < before] if before is not None else []
    rows = db.session.execute(
        sa.select(CorrectionDone, ComplianceEvent)
        .join(ComplianceEvent, ComplianceEvent.id == CorrectionDone.event_id)
        .where(CorrectionDone.force_id == force_id, *behind)
        .order_by(CorrectionDone.id.desc())
        .limit(PAGE + 1)
    ).all()
    shown = rows[:PAGE]
    ids = {row.CorrectionDone.done_by_id for row in shown} | {
        row.CorrectionDone.undone_by_id for row in shown
    }
    names = names_of({f"account:{key}" for key in ids if key is not None})
    lines = tuple(_done(row.CorrectionDone, row.ComplianceEvent, names) for row in shown)
    return History(lines, shown[-1].CorrectionDone.id if len(rows) > PAGE else None)


def _corrections(force_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Numbered events that take something back. Coming back after a log is two events: the second says it all."""
    same = sa.exists().where(
        _LATER.referral_id == ComplianceEvent.referral_id,
        _LATER.type == "outcome.corrected",
        _LATER.recorded_at == ComplianceEvent.recorded_at,
        _LATER.id > ComplianceEvent.id,
    )
    return (
        ComplianceEvent.force_id == force_id,
        ComplianceEvent.type.in_(CORRECTING),
        ComplianceEvent.sequence.is_not(None),
        sa.not_(sa.and_(ComplianceEvent.type == "referral.reopened", same)),
    )


def _outstanding(force_id: int) -> sa.Select[ComplianceEvent]:
    done = sa.exists().where(
        CorrectionDone.event_id == ComplianceEvent.id, CorrectionDone.undone_at.is_(None)
    )
    return sa.select(ComplianceEvent).where(*_corrections(force_id), ~done)


def _told_of(referral_ids: Collection[int]) -> Mapping[int, list[ComplianceEvent]]:
    """Everything that was told of these referrals, in its order."""
    if not referral_ids:
        return {}
    events = db.session.scalars(
        sa.select(ComplianceEvent)
        .where(ComplianceEvent.referral_id.in_(referral_ids), ComplianceEvent.sequence.is_not(None))
        .order_by(ComplianceEvent.referral_id, ComplianceEvent.sequence)
    )
    return {referral_id: list(told) for referral_id, told in groupby(events, lambda one: one.referral_id)}


def _correction(event: ComplianceEvent, told: list[ComplianceEvent]) -> Correction:
    corrected = _corrected(event, told)
    before = _said(corrected) if corrected is not None else None
    now = _said(told[-1])
    return Correction(
        event_id=event.public_id,
        reference=event.reference,
        force_reference=told[-1].force_reference,
        since=event.recorded_at,
        before=before,
        now=now,
        to_do=tuple(to_change(before, now)) if before is not None else (),
    )


def _corrected(event: ComplianceEvent, told: list[ComplianceEvent]) -> ComplianceEvent | None:
    """The event that it names; for one that names none, the last before it that said how it had ended."""
    if event.corrects is not None:
        return next((one for one in told if one.public_id == event.corrects), None)
    endings = [one for one in told if one.id < event.id and one.compliance["outcome"] != "open"]
    return endings[-1] if endings else None


def _said(event: ComplianceEvent) -> Said:
    return said_by(event.compliance, event.intelligence_log)


def _done(done: CorrectionDone, event: ComplianceEvent, names: Mapping[str, str]) -> Done:
    return Done(
        event_id=event.public_id,
        reference=event.reference,
        force_reference=event.force_reference,
        since=event.recorded_at,
        done_at=done.done_at,
        done_by=names[f"account:{done.done_by_id}"],
        undone_at=done.undone_at,
        undone_by=names[f"account:{done.undone_by_id}"] if done.undone_by_id is not None else None,
    )
