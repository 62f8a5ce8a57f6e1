"""What a monitor watches of texts: how many stand where, what was refused and why, how long the oldest has waited.

Every label is from a closed list. No kind of text, no scheme and no sender is among them: of a small scheme a count
could tell who it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.messaging.models import Redaction, Text, TextSender
from provider.domain.messaging.receipts import Action
from provider.kernel.database import db

RECENT = timedelta(days=1)
ON_THE_WAY = ("planned", "claimed", "unknown")
SETTLED = ("sent", "delivered", "failed", "dropped", "cancelled")


@dataclass(frozen=True)
class TextMeasures:
    """``states``: those on their way in all, the others of the last day; ``failed`` those by what their code asks for.

    ``senders`` counts those at work and those that rest; ``redactions`` what is to be taken from the network, and what
    it would not give up.
    """

    states: Mapping[str, int]
    failed: Mapping[str, int]
    due: int
    oldest_due_age: timedelta
    senders: Mapping[str, int]
    redactions: Mapping[str, int]


def text_measures(*, now: datetime) -> TextMeasures:
    """Five queries, each by an index."""
    due, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Text.due_at)).where(
            Text.state == "planned", Text.due_at <= now
        )
    ).one()
    return TextMeasures(
        states=_states(now),
        failed=_failed(now),
        due=due,
        oldest_due_age=now - oldest if due else timedelta(),
        senders=_senders(now),
        redactions=_redactions(),
    )


def _states(now: datetime) -> dict[str, int]:
    of_late = sa.and_(Text.state.in_(SETTLED), Text.due_at > now - RECENT, Text.due_at <= now)
    rows = db.session.execute(
        sa.select(Text.state, sa.func.count())
        .where(sa.or_(Text.state.in_(ON_THE_WAY), of_late))
        .group_by(Text.state)
    )
    return dict.fromkeys((*ON_THE_WAY, *SETTLED), 0) | {row[0]: row[1] for row in rows}


def _failed(now: datetime) -> dict[str, int]:
    """What a person said of one counts as *look*: it has no code."""
    found: dict[str, int] = dict.fromkeys(Action, 0)
    rows = db.session.execute(
        sa.select(Text.state_because, sa.func.count())
        .where(Text.state == "failed", Text.due_at > now - RECENT, Text.due_at <= now)
        .group_by(Text.state_because)
    )
    for because, count in rows:
        found[because if because in found else Action.LOOK] += count
    return found


def _senders(now: datetime) -> dict[str, int]:
    rests = sa.func.count().filter(TextSender.rests_until > now)
    every, resting = db.session.execute(sa.select(sa.func.count(), rests).select_from(TextSender)).one()
    return {"at work": every - resting, "resting": resting}


def _redactions() -> dict[str, int]:
    waiting = sa.select(sa.func.count()).where(Redaction.done_at.is_(None), Redaction.given_up_at.is_(None))
    given_up = sa.select(sa.func.count()).where(Redaction.given_up_at.is_not(None))
    row = db.session.execute(
        sa.select(waiting.scalar_subquery().label("waiting"), given_up.scalar_subquery().label("given_up"))
    ).one()
    return {"waiting": row.waiting, "given_up": row.given_up}
