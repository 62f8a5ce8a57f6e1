"""The journey in numbers: of those referred in a month, by scheme, how many came how far, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from provider.domain.contact.models import ContactAttempt
from provider.domain.contact.outcomes import SPOKE
from provider.domain.diary.models import Appointment
from provider.domain.forces.models import Force
from provider.domain.referrals.models import Referral, ReferralEvent
from provider.domain.referrals.status import OPEN, Status
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db
from provider.reporting.months import Month
from provider.reporting.small_numbers import HIDDEN, SAID_INSTEAD, hidden_in, is_small

STEPS: Mapping[str, str] = {
    "referred": "Sent by the force in this month, whatever came of it.",
    "reached": "Of these, spoke with us, or booked by the link in a text.",
    "assessed": "Of these, the telephone assessment was finished.",
    "placed": "Of these, got a place on a course, or a one-to-one or treatment was booked.",
    "completed": "Of these, did what the scheme asks: for some the assessment, for others what followed it.",
}
"""How far somebody came, with what is counted."""

ENDINGS: Mapping[str, str] = {
    "not_engaged": "Declined, never responded though the number works, or used up the chances that the scheme gives.",
    "not_reached": "Wrong or dead number, hospital, custody or the like: nobody’s fault.",
    "withdrawn": "Taken back by the force.",
    "declined": "Not taken: out of area, or barred after an earlier referral.",
    "open": "Still on the way, held ones included.",
}
"""Where the others stand. With *completed* these add up to *referred*."""

DEFINITIONS: Mapping[str, str] = {**STEPS, **ENDINGS}
LABELS: Mapping[str, str] = {name: name.replace("_", " ").capitalize() for name in DEFINITIONS} | {
    "open": "Still open"
}


@dataclass(frozen=True)
class Shown:
    """A count as it may be shown: ``words`` always, ``count`` only where it is not hidden."""

    name: str
    count: int | None
    words: str

    @property
    def label(self) -> str:
        return LABELS[self.name]


@dataclass(frozen=True)
class SchemeFunnel:
    """One scheme's month, in the order of ``DEFINITIONS``."""

    force: str
    scheme: str
    counts: tuple[Shown, ...]

    @property
    def anybody(self) -> bool:
        return self.counts[0].count != 0


def funnel(month: Month, *, small_hidden: bool) -> tuple[SchemeFunnel, ...]:
    """Every scheme, by force and name. One query. ``small_hidden`` for those who may not know of single people."""
    counts = _counts(month).subquery()
    rows = db.session.execute(
        sa.select(
            Force.name.label("force"), Scheme.name.label("scheme"), *(counts.c[name] for name in DEFINITIONS)
        )
        .join(Force, Force.id == Scheme.force_id)
        .outerjoin(counts, counts.c.scheme_id == Scheme.id)
        .order_by(Force.name, Scheme.name, Scheme.id)
    )
    found = [
        (row.force, row.scheme, {name: int(getattr(row, name) or 0) for name in DEFINITIONS}) for row in rows
    ]
    return tuple(SchemeFunnel(force, scheme, _shown(of, small_hidden)) for force, scheme, of in found)


def _counts(month: Month) -> sa.Select[*tuple[Any, ...]]:
    """Counted over the index on status and receipt: a month costs what it holds, not what ten years hold."""
    when = {
        "referred": sa.true(),
        "reached": _reached(),
        "assessed": Referral.level != "none",
        "placed": sa.exists().where(
            ReferralEvent.referral_id == Referral.id, ReferralEvent.to_status == Status.PLACED
        ),
        "open": Referral.status.in_([*sorted(OPEN), Status.HELD]),
        **{name: Referral.status == name for name in ("completed", *ENDINGS) if name != "open"},
    }
    return (
        sa.select(
            Referral.scheme_id,
            *(sa.func.sum(sa.case((condition, 1), else_=0)).label(name) for name, condition in when.items()),
        )
        .where(
            Referral.status.in_(list(Status)),
            Referral.received_at >= month.starts_at,
            Referral.received_at < month.ends_at,
        )
        .group_by(Referral.scheme_id)
    )


def _reached() -> sa.ColumnElement[bool]:
    """A voice, or their own hand on the link; whoever was assessed was reached, however it was recorded."""
    spoke = sa.exists().where(
        ContactAttempt.case_id == Referral.case_id, ContactAttempt.outcome.in_(sorted(SPOKE))
    )
    booked = sa.exists().where(
        Appointment.case_id == Referral.case_id, Appointment.booked_by.like("participant%")
    )
    return sa.or_(Referral.level != "none", spoke, booked)


def _shown(counts: Mapping[str, int], small_hidden: bool) -> tuple[Shown, ...]:
    if not small_hidden:
        return tuple(Shown(name, count, f"{count:,}") for name, count in counts.items())
    hidden = hidden_in({name: counts[name] for name in ("completed", *ENDINGS)})
    hidden |= {name for name in STEPS if is_small(counts[name])}
    return tuple(
        Shown(name, None, SAID_INSTEAD if is_small(count) else HIDDEN)
        if name in hidden
        else Shown(name, count, f"{count:,}")
        for name, count in counts.items()
    )
