"""Each text goes out once: claimed under a lease, sent with no transaction open, then recorded.

Whoever claims a text marks it with a name used once. Every later change asks for that name, so that a worker that was
slow, or was thought dead, changes nothing any more. A lease that lapses does not say that the text failed, only that
nobody knows: see ``unknown_texts``.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import sqlalchemy as sa

from provider.domain.messaging.doubts import digest
from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import Text
from provider.domain.messaging.pace import STEADY
from provider.domain.messaging.receipts import ARRIVED
from provider.kernel.database import Base, db, dialect_name, require_transaction
from provider.kernel.rows import given, handed

LINK_SHOWN_AS = "[link]"

_texts = Base.metadata.tables["texts"]

KnownBy = Literal["answer", "callback", "list", "person"]


def anything_due(*, now: datetime, only: sa.ColumnElement[bool] | None = None) -> bool:
    """Whether it is worth claiming: a read, so that a quiet outbox costs no lock. ``only`` as in ``due_texts``."""
    return _any(*_due(now, only), Text.expires_at > now)


def anything_expired(*, now: datetime) -> bool:
    """Whether a text was due and has grown too old to go out."""
    return _any(*_due(now, None), Text.expires_at <= now)


def anything_lapsed(*, now: datetime) -> bool:
    """Whether a lease has run out."""
    return _any(Text.state == "claimed", Text.lease_until < now)


def _any(*which: sa.ColumnElement[bool]) -> bool:
    return db.session.execute(sa.select(Text.id).where(*which).limit(1)).first() is not None


def _due(now: datetime, only: sa.ColumnElement[bool] | None) -> tuple[sa.ColumnElement[bool], ...]:
    return (Text.state == "planned", Text.due_at <= now, *(() if only is None else (only,)))


def due_texts(
    *, limit: int, now: datetime, only: sa.ColumnElement[bool] | None = None, expired: bool = False
) -> Sequence[Text]:
    """Texts whose time has come, the one that expires first at the top, each locked together with its case.

    ``only`` picks some of them: those of one sender. ``expired``: those instead that it is too late for.

    One that another worker holds is passed over, and so is one whose case somebody is changing at this moment: it is
    worded from what is true before or after that, never from between. Needs a transaction.
    """
    cases = Base.metadata.tables["cases"]
    return db.session.scalars(
        sa.select(Text)
        .join(cases, cases.c.id == Text.case_id)
        .where(*_due(now, only), Text.expires_at <= now if expired else Text.expires_at > now)
        .order_by(Text.expires_at, Text.id)
        .limit(limit)
        .with_for_update(of=[Text, cases], skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()


@dataclass(frozen=True)
class Claim:
    """One text taken for sending, with the words it goes out with: ``body`` holds ``link``, which leads to its case."""

    text_id: int
    number_id: int
    body: str
    link: str
    worded_as: str


def claim(
    claims: Sequence[Claim], *, worker: str, now: datetime, lease: timedelta = STEADY.lease
) -> list[str]:
    """Take texts for sending, in one statement; answers the name of each claim.

    The words are kept without the link; ``body`` itself can be found again by its digest alone.
    """
    names = [f"{worker[:40]}.{secrets.token_hex(8)}" for _ in claims]
    if claims:
        rows = [
            {
                "id": one.text_id,
                "claimed_by": name,
                "claimed_at": now,
                "lease_until": now + lease,
                "to_number_id": one.number_id,
                "body": one.body.replace(one.link, LINK_SHOWN_AS),
                "body_digest": digest(one.body),
                "worded_as": one.worded_as,
            }
            for one, name in zip(claims, names, strict=True)
        ]
        require_transaction()
        db.session.connection().execute(_claim(dialect_name()), handed(rows))
    return names


@cache
def _claim(dialect: str) -> sa.Update:
    names = ("claimed_by", "claimed_at", "lease_until", "to_number_id", "body", "body_digest", "worded_as")
    taken = given(Text, "id", *names, dialect=dialect).subquery()
    return (
        sa.update(_texts)
        .where(_texts.c.id == taken.c.id)
        .values(
            state="claimed",
            state_because=None,
            known_by=None,
            tries=_texts.c.tries + 1,
            **{name: taken.c[name] for name in names},
        )
    )


def drop(text: Text, *, because: str, now: datetime) -> None:
    """The text will not go out: it no longer holds, or there is nowhere to send it."""
    text.state = "dropped"
    text.state_because = because
    text.settled_at = now


def plan_again(text: Text, *, due_at: datetime, because: str) -> None:
    """Let the text be claimed anew, worded from what is true by then."""
    text.state = "planned"
    text.state_because = because
    text.due_at = due_at
    text.lease_until = None
    text.claimed_by = None


def held(text_id: int, *, claim: str) -> Text | None:
    """The text, locked, while it is still held under this claim; None where that was settled by somebody else."""
    return db.session.scalars(
        sa.select(Text)
        .where(Text.id == text_id, Text.claimed_by == claim, Text.state.in_(("claimed", "unknown")))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def record_sent(text: Text, sent: Sent, *, known_by: KnownBy, now: datetime) -> None:
    """The network took it."""
    text.state = "delivered" if sent.status in ARRIVED else "sent"
    text.provider_id = sent.provider_id
    text.known_by = known_by
    text.state_because = None
    text.error_code = None
    text.sent_at = now
    text.settled_at = now if text.state == "delivered" else None


def record_arrived(text: Text, *, now: datetime) -> None:
    """It reached the phone."""
    text.state, text.state_because, text.error_code = "delivered", None, None
    text.sent_at = text.sent_at or text.claimed_at
    text.settled_at = now


_ANSWERED = (
    sa.update(_texts)
    .where(
        _texts.c.id == sa.bindparam("text_id"),
        _texts.c.claimed_by == sa.bindparam("claim"),
        _texts.c.state.in_(("claimed", "unknown")),
    )
    .values(
        state=sa.bindparam("now_state"),
        provider_id=sa.bindparam("now_provider_id"),
        known_by="answer",
        state_because=None,
        error_code=None,
        sent_at=sa.bindparam("now_sent_at"),
        settled_at=sa.bindparam("now_settled_at"),
    )
)

# PostgreSQL need not wait for its disk: what it forgets in a crash is a claim that lapses, and is settled like any.
_AT_LEISURE = _ANSWERED.where(sa.func.set_config("synchronous_commit", "off", True) == "off")


def record_answered(text_id: int, sent: Sent, *, claim: str, now: datetime) -> None:
    """The network took it, and said so: in one statement, which changes nothing where it is known otherwise by now.

    This is done once a text, beside the sending: so the statement is made once, and the session's rows are left out.
    """
    arrived = sent.status in ARRIVED
    require_transaction()
    db.session.connection().execute(
        _AT_LEISURE if dialect_name() == "postgresql" else _ANSWERED,
        {
            "text_id": text_id,
            "claim": claim,
            "now_state": "delivered" if arrived else "sent",
            "now_provider_id": sent.provider_id,
            "now_sent_at": now,
            "now_settled_at": now if arrived else None,
        },
    )


def record_failed(text: Text, *, code: int | None, because: str, now: datetime) -> None:
    """It did not arrive and is not sent again."""
    text.state = "failed"
    text.state_because = because
    text.error_code = code
    text.settled_at = now


def doubt(text: Text, *, now: datetime) -> None:
    """Nobody knows whether it went out; ``lease_until`` now says since when."""
    text.state = "unknown"
    text.lease_until = now


def doubt_lapsed(*, now: datetime) -> int:
    """Doubt every text whose worker did not come back in time; answers how many. Needs a transaction."""
    lapsed = db.session.execute(
        sa.update(Text)
        .where(Text.state == "claimed", Text.lease_until < now)
        .values(state="unknown", lease_until=now)
        .returning(Text.id)
        .execution_options(synchronize_session=False)
    )
    return len(lapsed.all())


SHOWN = "shown"
"""Why a text stays unknown: a person was asked."""


def unknown_texts() -> sa.Select[Text]:
    """Texts of which nobody knows, the longest doubted first, but those that a person was asked about."""
    return _doubted(Text.state_because.is_distinct_from(SHOWN))


def shown_texts(*, since: datetime) -> sa.Select[Text]:
    """Those that a person was asked about, where that was not before ``since``."""
    return _doubted(Text.state_because == SHOWN, Text.lease_until >= since)


def _doubted(*which: sa.ColumnElement[bool]) -> sa.Select[Text]:
    return (
        sa.select(Text).where(Text.state == "unknown", *which).order_by(Text.lease_until, Text.id).limit(200)
    )


def asked_about(case_id: int) -> sa.Select[Text]:
    """Texts of a case of which only a person may still find out whether they went out, the oldest first."""
    shown = (Text.state == "unknown", Text.state_because == SHOWN)
    return sa.select(Text).where(Text.case_id == case_id, *shown).order_by(Text.claimed_at, Text.id)


def explained(provider_ids: Collection[str]) -> frozenset[str]:
    """Those of the network's names that a text is known to have there."""
    found = sa.select(Text.provider_id).where(Text.provider_id.in_(provider_ids))
    return frozenset(one for one in db.session.scalars(found) if one is not None)
