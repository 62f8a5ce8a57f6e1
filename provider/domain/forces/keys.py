"""API keys: shown once, kept as a hash, two live while one is rotated.

A key is 256 random bits. A plain SHA-256 of it is right where a password's would not be: what cannot be guessed needs
no slow hash, and this one is made for every request. The key is found by its hash, so that nothing is compared
character by character; whoever reads the table has no key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.forces.models import ApiKey, RateWindow
from provider.domain.forces.rate_limits import Counted
from provider.kernel.database import UtcDateTime, db
from provider.kernel.errors import Refusal

SCOPES = ("referrals:write", "referrals:read", "compliance:read", "webhooks:write")
PLACES = (1, 2)
SHOWN_OF_A_KEY = 8
USED_EVERY = timedelta(minutes=1)
ROTATION = timedelta(days=14)
"""How long a key that has a successor works on, unless somebody says otherwise."""


class TwoKeysLive(Refusal):
    code = "two_keys_live"
    sentence = "Two keys are live already. End one before you make another."


@dataclass(frozen=True)
class KeyHolder:
    """The force and what its key may do, for the length of a request.

    ``window`` is what its requests are counted under, ``used`` how often it asked in that window so far.
    """

    key_id: int
    force_id: int
    scopes: frozenset[str]
    last_used_at: datetime | None
    window: str
    used: Counted | None


def add_key(
    force_id: int, *, key: str, key_hash: str, name: str, now: datetime, scopes: Sequence[str] = SCOPES
) -> ApiKey:
    """Store a key by its hash. Raises TwoKeysLive; of two who ask at once the database lets one have the place."""
    made = ApiKey(
        force_id=force_id,
        name=name,
        prefix=key[:SHOWN_OF_A_KEY],
        key_hash=key_hash,
        scopes=list(scopes),
        created_at=now,
        place=_free_place(force_id, now=now),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _free_place(force_id: int, *, now: datetime) -> int:
    """A place that no live key has; keys that ended meanwhile give theirs up here."""
    of_force = ApiKey.force_id == force_id
    db.session.execute(sa.update(ApiKey).where(of_force, ApiKey.ends_at <= now).values(place=None))
    taken = set(db.session.scalars(sa.select(ApiKey.place).where(of_force, ApiKey.place.is_not(None))))
    free = [place for place in PLACES if place not in taken]
    if not free:
        raise TwoKeysLive
    return free[0]


def holder_of(key_hash: str, *, now: datetime, counted_as: str = "requests") -> KeyHolder | None:
    """Who holds the key with this hash, while it is live, and how often they asked in the window of this name.

    Both in one read: who is over the limit already can be told so without anything being written.
    """
    row = db.session.execute(_HOLDER, {"key_hash": key_hash, "now": now, "name": counted_as}).one_or_none()
    if row is None:
        return None
    used = Counted(row.used, row.expires_at) if row.expires_at and row.expires_at > now else None
    window = f"key:{row.id}:{counted_as}"
    return KeyHolder(row.id, row.force_id, frozenset(row.scopes), row.last_used_at, window, used)


def note_use(holder: KeyHolder, *, now: datetime) -> None:
    """Remember when the key was last used, to the minute: writing it each time would queue requests on one row.

    Needs ``each_by_itself()``. Of those who ask at the same moment one writes, and nobody waits for a row that
    somebody is changing: then it is noted by a later request.
    """
    if holder.last_used_at is None or now - holder.last_used_at >= USED_EVERY:
        db.session.execute(_NOTE_USE, {"key_id": holder.key_id, "at": now, "before": now - USED_EVERY})


def live_keys(force_id: int, *, now: datetime) -> Sequence[ApiKey]:
    """The keys of a force that work at this moment, the newest first."""
    return db.session.scalars(
        sa.select(ApiKey).where(ApiKey.force_id == force_id, _live(now)).order_by(ApiKey.id.desc())
    ).all()


def live_key(key_id: int, *, force_id: int, now: datetime) -> ApiKey | None:
    """One of a force's keys, while it works."""
    return db.session.scalars(
        sa.select(ApiKey).where(ApiKey.id == key_id, ApiKey.force_id == force_id, _live(now))
    ).one_or_none()


def end_key(key_id: int, *, force_id: int, at: datetime) -> None:
    """Let a key end at a moment; where that is now, it is refused from the next request on."""
    db.session.execute(
        sa.update(ApiKey).where(ApiKey.id == key_id, ApiKey.force_id == force_id).values(ends_at=at)
    )


def _live(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now)


# Made once: these are asked by every request, or by many.
_HOLDER = (
    sa.select(
        *(ApiKey.id, ApiKey.force_id, ApiKey.scopes, ApiKey.last_used_at),
        *(RateWindow.count.label("used"), RateWindow.expires_at),
    )
    .join_from(
        ApiKey,
        RateWindow,
        RateWindow.key == sa.literal("key:") + sa.cast(ApiKey.id, sa.String) + ":" + sa.bindparam("name"),
        isouter=True,
    )
    .where(ApiKey.key_hash == sa.bindparam("key_hash"), _live(sa.bindparam("now", type_=UtcDateTime())))
)
_before = sa.bindparam("before", type_=UtcDateTime())
_NOTE_USE = (
    sa.update(ApiKey)
    .where(
        ApiKey.id.in_(
            sa.select(ApiKey.id)
            .where(
                ApiKey.id == sa.bindparam("key_id"),
                sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= _before),
            )
            .with_for_update(key_share=True, skip_locked=True)
        )
    )
    .values(last_used_at=sa.bindparam("at", type_=UtcDateTime()))
    .execution_options(synchronize_session=False)
)
