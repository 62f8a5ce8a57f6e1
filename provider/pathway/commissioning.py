"""A force joins, and its systems get keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.secrets import new_token, token_hash
from provider.domain.audit.trail import record
from provider.domain.forces.keys import SCOPES, add_key, end_key, live_key, live_keys
from provider.domain.forces.models import Force
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal

KEY_PREFIX = "pdk_"


class ForceExists(Refusal):
    code = "force_exists"
    sentence = "There is a force with this code already."


def add_force(code: str, name: str, *, by: Actor, now: datetime) -> Force:
    """A new force, without schemes or keys. Raises ForceExists."""
    if db.session.scalar(sa.select(Force.id).where(Force.code == code)) is not None:
        raise ForceExists
    force = Force(code=code, name=name, created_at=now)
    db.session.add(force)
    db.session.flush()
    record("force.added", "force", force.id, by=by, now=now)
    return force


def force_of(code: str) -> Force:
    """The force of this code, locked. Raises NotFound."""
    force = db.session.scalars(sa.select(Force).where(Force.code == code).with_for_update()).one_or_none()
    if force is None:
        raise NotFound
    return force


def issue_key(force_id: int, *, name: str, by: Actor, now: datetime, scopes: Sequence[str] = SCOPES) -> str:
    """A new API key, answered to be shown once. Raises TwoKeysLive, also to one of two who ask at once."""
    _take_turns_at_keys(force_id)
    key = new_token(KEY_PREFIX)
    made = add_key(force_id, key=key, key_hash=token_hash(key), name=name, scopes=scopes, now=now)
    record("key.issued", "force", force_id, by=by, now=now, key=made.id, scopes=" ".join(scopes))
    return key


def _take_turns_at_keys(force_id: int) -> None:
    db.session.execute(sa.select(Force.id).where(Force.id == force_id).with_for_update(key_share=True))


def rotate_key(key_id: int, *, force_id: int, until: datetime, by: Actor, now: datetime) -> str:
    """A new key with the name and scopes of a live one, which works until then at most, so that the two overlap.

    Answers the new key, to be shown once. Raises NotFound, and TwoKeysLive where the old one lives on beside another.
    """
    _take_turns_at_keys(force_id)
    old = live_key(key_id, force_id=force_id, now=now)
    if old is None:
        raise NotFound
    ends_at = until if old.ends_at is None else min(until, old.ends_at)
    end_key(old.id, force_id=force_id, at=ends_at)
    record("key.ended", "force", force_id, by=by, now=now, key=old.id, until=ends_at.isoformat())
    return issue_key(force_id, name=old.name, scopes=old.scopes, by=by, now=now)


def end_one_key(key_id: int, *, force_id: int, by: Actor, now: datetime) -> None:
    """End one of a force's keys at once: what was signed in by it no longer is."""
    end_key(key_id, force_id=force_id, at=now)
    record("key.ended", "force", force_id, by=by, now=now, key=key_id)


def end_old_keys(force_id: int, *, keep: int, by: Actor, now: datetime) -> int:
    """End all live keys of a force but the newest ``keep``; answers how many."""
    ended = [key.id for key in live_keys(force_id, now=now)][keep:]
    for key_id in ended:
        end_key(key_id, force_id=force_id, at=now)
        record("key.ended", "force", force_id, by=by, now=now, key=key_id)
    return len(ended)
