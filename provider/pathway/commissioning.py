"""A force joins, its schemes get their terms, and its systems get keys."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.secrets import new_token, token_hash
from provider.domain.audit.trail import record
from provider.domain.compliance.outcomes import intelligence_log_text
from provider.domain.forces.keys import add_key, end_key, live_keys
from provider.domain.forces.models import Force
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import FieldError, NotFound, Refusal

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


def set_terms(force_id: int, code: str, name: str, terms: Terms, *, by: Actor, now: datetime) -> int | None:
    """Give a scheme its terms, as a new version from now on; the scheme is added where there is none.

    Answers the version, None where these terms are in force already. Referrals keep the terms they came under.
    """
    scheme = _scheme(force_id, code, name)
    stored = terms.model_dump(mode="json")
    latest = db.session.scalars(
        sa.select(SchemeTerms)
        .where(SchemeTerms.scheme_id == scheme.id)
        .order_by(SchemeTerms.version.desc())
        .limit(1)
    ).one_or_none()
    if latest is not None and latest.terms == stored:
        return None
    version = 1 if latest is None else latest.version + 1
    db.session.add(SchemeTerms(scheme_id=scheme.id, version=version, in_force_from=now, terms=stored))
    db.session.flush()
    record("scheme.terms_set", "scheme", scheme.id, by=by, now=now, version=version)
    return version


def _scheme(force_id: int, code: str, name: str) -> Scheme:
    scheme = db.session.scalars(
        sa.select(Scheme).where(Scheme.force_id == force_id, Scheme.code == code)
    ).one_or_none()
    if scheme is None:
        scheme = Scheme(force_id=force_id, code=code, name=name)
        db.session.add(scheme)
    scheme.name = name
    db.session.flush()
    return scheme


def faults_of(terms: Terms, *, at: str) -> list[FieldError]:
    """What is wrong with terms that are sound field by field; ``at`` is the JSON pointer they stand at."""
    faults = [
        FieldError(
            f"{at}/service_name", kind, f"“{word}” may not stand in a text, so not in the name either."
        )
        for kind, word in forbidden_in(terms.service_name)
    ]
    if terms.age_to is not None and terms.age_to < terms.age_from:
        faults.append(FieldError(f"{at}/age_to", "invalid", "It ends before it begins: see age_from."))
    if terms.repeat_rule == "up_to" and terms.repeat_limit is None:
        faults.append(FieldError(f"{at}/repeat_limit", "required", "Say up to how many times."))
    try:
        intelligence_log_text(terms.intelligence_sentence, reference="", attempts=0, days=())
    except (KeyError, IndexError, ValueError):
        fillable = "Only {reference}, {attempts} and {dates} are filled in."
        faults.append(FieldError(f"{at}/intelligence_sentence", "invalid", fillable))
    return faults


def issue_key(force_id: int, *, name: str, by: Actor, now: datetime) -> str:
    """A new API key, answered to be shown once. Raises TwoKeysLive, also to one of two who ask at once."""
    db.session.execute(sa.select(Force.id).where(Force.id == force_id).with_for_update(key_share=True))
    key = new_token(KEY_PREFIX)
    made = add_key(force_id, key=key, key_hash=token_hash(key), name=name, now=now)
    record("key.issued", "force", force_id, by=by, now=now, key=made.id)
    return key


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
