"""From which event on a force wants to be sent everything again: by event, by time, or from the beginning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from pydantic import AfterValidator, Field

from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.database import Base, db
from provider.kernel.fields import NotBlank, OneLine, read_moment
from provider.kernel.parsing import Body

FIRST = 1
BEGINNING = "beginning"
_EVENT = re.compile(r"evt_[0-9a-f]{24}", re.ASCII)


@dataclass(frozen=True)
class Start:
    """From an event of the force on, or from what was recorded at a moment; with neither, from the beginning."""

    event: str | None = None
    moment: datetime | None = None

    @classmethod
    def read(cls, text: str) -> Start:
        """``evt_…``, a time as ``2026-11-20T21:40:00+00:00``, or ``beginning``; the fault ``invalid`` for all else."""
        if text == BEGINNING:
            return cls()
        return cls(event=text) if _EVENT.fullmatch(text) else cls(moment=read_moment(text))


def _readable(text: str) -> str:
    Start.read(text)
    return text


class Replay(Body):
    """From where on events are to be sent again: an event's id, a time with its offset, or ``beginning``."""

    from_: Annotated[str, NotBlank, Field(alias="from", max_length=60), OneLine, AfterValidator(_readable)]

    @property
    def start(self) -> Start:
        return Start.read(self.from_)


def sequence_of(public_id: str, *, force_id: int) -> int | None:
    """The place of one of the force's numbered events in its feed; None where it has no such event."""
    return db.session.scalar(
        sa.select(ComplianceEvent.sequence).where(
            ComplianceEvent.public_id == public_id, ComplianceEvent.force_id == force_id
        )
    )


def first_since(moment: datetime, *, force_id: int) -> int:
    """The place of the first event that was recorded at ``moment`` or later; where there is none, the next to come."""
    found = db.session.scalar(
        sa.select(ComplianceEvent.sequence)
        .where(
            ComplianceEvent.force_id == force_id,
            ComplianceEvent.sequence.is_not(None),
            ComplianceEvent.recorded_at >= moment,
        )
        .order_by(ComplianceEvent.sequence)
        .limit(1)
    )
    return next_sequence(force_id) if found is None else found


def next_sequence(force_id: int) -> int:
    """The place that the force's next event will have."""
    forces = Base.metadata.tables["forces"]
    return int(
        db.session.execute(sa.select(forces.c.next_sequence).where(forces.c.id == force_id)).scalar_one()
    )
