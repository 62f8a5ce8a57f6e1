"""API keys: shown once, kept as a hash, two live while one is rotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.forces.models import ApiKey
from provider.kernel.database import UtcDateTime, db
from provider.kernel.errors import Refusal

SCOPES = ("referrals:write", "referrals:read", "compliance:read", "webhooks:write")
USED_EVERY = timedelta(minutes=1)


class TwoKeysLive(Refusal):
    code = "two_keys_live"
    sentence = "Two keys are live already. End one before you make another."


@dataclass(frozen=True)
class KeyHolder:
    """The force and what its key may do, for the length of a request."""

    key_id: int
    force_id: int
    scopes: frozenset[str]
    last_used_at: datetime | None


def add_key(
    force_id: int, *, key: str, key_hash: str, name: str, now: datetime, scopes: tuple[str, ...] = SCOPES
) -> ApiKey:
    """Store a key by its hash. Raises TwoKeysLive."""
    live = sa.select(sa.func.count()).where(ApiKey.force_id == force_id, _live(now))
    if (db.session.scalar(live) or 0) >= 2:
        raise TwoKeysLive
    made = ApiKey(
        force_id=force_id, name=name, prefix=key[:8], key_hash=key_hash, scopes=list(scopes), created_at=now
    )
    db.session.add(made)
    db.session.flush()
    return made


def holder_of(key_hash: str, *, now: datetime) -> KeyHolder | None:
    """Who holds the key with this hash, while it is live."""
    row = db.session.execute(_HOLDER, {"key_hash": key_hash, "now": now}).one_or_none()
    return None if row is None else KeyHolder(row.id, row.force_id, frozenset(row.scopes), row.last_used_at)


def note_use(holder: KeyHolder, *, now: datetime) -> None:
    """Remember when the key was last used, to the minute: writing it each time would queue requests on one row."""
    if holder.last_used_at is None or now - holder.last_used_at >= USED_EVERY:
        db.session.execute(sa.update(ApiKey).where(ApiKey.id == holder.key_id).values(last_used_at=now))


def live_keys(force_id: int, *, now: datetime) -> Sequence[ApiKey]:
    """The keys of a force that work at this moment, the newest first."""
    return db.session.scalars(
        sa.select(ApiKey).where(ApiKey.force_id == force_id, _live(now)).order_by(ApiKey.id.desc())
    ).all()


def end_key(key_id: int, *, force_id: int, at: datetime) -> None:
    db.session.execute(
        sa.update(ApiKey).where(ApiKey.id == key_id, ApiKey.force_id == force_id).values(ends_at=at)
    )


def _live(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now)


# Made once: this is asked by every request.
_HOLDER = sa.select(ApiKey.id, ApiKey.force_id, ApiKey.scopes, ApiKey.last_used_at).where(
    ApiKey.key_hash == sa.bindparam("key_hash"), _live(sa.bindparam("now", type_=UtcDateTime()))
)
