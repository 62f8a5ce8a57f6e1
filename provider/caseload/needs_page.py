"""What somebody needs to be able to take part, and how it is met, as the desk shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.caseload.actors import names_of
from provider.domain.needs.queries import needs_of
from provider.domain.needs.rules import NeedKind, Way


@dataclass(frozen=True)
class NeedLine:
    """``way`` is None while nothing is arranged; ``by`` and ``at`` are of the last thing said of it."""

    kind: NeedKind
    way: Way | None
    by: str
    at: datetime


def need_lines(person_id: int) -> tuple[NeedLine, ...]:
    """The needs that stand, in two queries; one where there are none."""
    needs = needs_of(person_id)
    names = names_of({need.met_by or need.noted_by for need in needs}) if needs else {}
    return tuple(
        NeedLine(
            kind=NeedKind(need.kind),
            way=Way(need.way) if need.way is not None else None,
            by=names[need.met_by or need.noted_by],
            at=need.met_at or need.noted_at,
        )
        for need in needs
    )
