"""A scheme's terms are agreed: a change is a new version with its day, and what is in force is never rewritten."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.compliance.outcomes import log_sentence_faults
from provider.domain.forces.models import Force
from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.queries import forget_what_was_read
from provider.domain.schemes.rules import begins_at, faults_together, is_planned
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid, NotFound, Refusal

_PROSECUTION = re.compile(r"\b(?:prosecut\w*|charged?|courts?|sanction\w*|penalt\w*)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\+44|0)\d{9,10}")


class SchemeExists(Refusal):
    code = "scheme_exists"
    sentence = "This force has a scheme with this code already."


class ChangedMeanwhile(Refusal):
    code = "terms_changed_meanwhile"
    sentence = (
        "Somebody has set other terms since you opened this page. Look at what they changed, then save again."
    )


class AnotherIsPlanned(Refusal):
    code = "another_is_planned"
    sentence = "A version waits for its day already: withdraw it first, or begin this one after it."


class NotPlanned(Refusal):
    code = "not_planned"
    sentence = "This version cannot be withdrawn: it is in force, or was withdrawn already."


class NothingChanged(Refusal):
    code = "nothing_changed"
    sentence = "These are the terms as they are already."


def faults_of(terms: Terms, *, at: str = "") -> list[FieldError]:
    """What is wrong with terms that are sound field by field; ``at`` is the JSON pointer they stand at."""
    found = [*faults_together(terms), *_wording_faults(terms)]
    return [FieldError(f"{at}{fault.pointer}", fault.code, fault.detail) for fault in found]


def _wording_faults(terms: Terms) -> list[FieldError]:
    """The name that participants read is held to the words of a text, the sentence to what the scheme may say."""
    faults = [
        FieldError("/service_name", kind, f"“{word}” may not stand in a text, so not in the name either.")
        for kind, word in forbidden_in(terms.service_name)
    ]
    if not terms.service_name.strip():
        faults.append(FieldError("/service_name", "required", "Say by which name people know the service."))
    if not _NUMBER.fullmatch(re.sub(r"[ ()-]", "", terms.phone)):
        faults.append(FieldError("/phone", "invalid", "Give a number that people in the UK can ring."))
    sentence = "/intelligence_sentence"
    faults += [
        FieldError(sentence, "invalid", fault) for fault in log_sentence_faults(terms.intelligence_sentence)
    ]
    threat = _PROSECUTION.search(terms.intelligence_sentence)
    if threat is not None and not terms.may_prosecute:
        said = f"“{threat[0]}”: this scheme never prosecutes, so its sentence does not speak of it."
        faults.append(FieldError(sentence, "invalid", said))
    return faults


def add_scheme(force_id: int, code: str, name: str, terms: Terms, *, by: Actor, now: datetime) -> Scheme:
    """A new scheme of a force, in force from now. Raises NotFound, SchemeExists, or Invalid for unsound terms."""
    _refuse(faults_of(terms))
    if db.session.get(Force, force_id, with_for_update=True) is None:
        raise NotFound
    if _find(force_id, code) is not None:
        raise SchemeExists
    set_terms(force_id, code, name, terms, by=by, now=now)
    return db.session.scalars(_of_code(force_id, code)).one()


def set_terms(force_id: int, code: str, name: str, terms: Terms, *, by: Actor, now: datetime) -> int | None:
    """Give a scheme its terms, as a new version from now on; the scheme is added where there is none.

    Answers the version, None where these terms are in force already. Referrals keep the terms they came under. The
    terms are sound: whoever calls has asked ``faults_of``. Raises AnotherIsPlanned.
    """
    scheme = _find(force_id, code) or _add(force_id, code, name, by=by, now=now)
    scheme.name = name
    latest = _latest(scheme.id)
    if latest is not None and not is_planned(latest, now=now) and _says(latest, terms):
        return None
    return _write(scheme.id, latest, terms, in_force_from=now, by=by, now=now).version


def change_terms(
    scheme_id: int, terms: Terms, *, from_day: date | None, seen: int, by: Actor, now: datetime
) -> SchemeTerms:
    """A new version, from now on or from the midnight that begins ``from_day``.

    ``seen`` is the number of the version that stood there when the change was begun. Raises ChangedMeanwhile where
    another has been set since, NothingChanged, AnotherIsPlanned, NotFound, or Invalid: unsound terms (``/field``), a
    day that has passed (``/from_day``).
    """
    in_force_from = begins_at(from_day, now=now)
    faults = faults_of(terms)
    if in_force_from is None:
        faults.append(
            FieldError("/from_day", "in_past", "Terms never begin in the past: choose today or later.")
        )
    _refuse(faults)
    assert in_force_from is not None
    latest = _lock(scheme_id)
    if latest is not None and latest.version != seen:
        raise ChangedMeanwhile
    if latest is not None and _says(latest, terms):
        raise NothingChanged
    return _write(scheme_id, latest, terms, in_force_from=in_force_from, by=by, now=now)


def withdraw_terms(scheme_id: int, version: int, *, by: Actor, now: datetime) -> None:
    """Take back a version before its day. Raises NotPlanned once that has come, NotFound."""
    _lock(scheme_id)
    planned = db.session.scalars(
        sa.select(SchemeTerms)
        .where(SchemeTerms.scheme_id == scheme_id, SchemeTerms.version == version)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if planned is None:
        raise NotFound
    if not is_planned(planned, now=now):
        raise NotPlanned
    planned.withdrawn_at, planned.withdrawn_by = now, str(by)
    db.session.flush()
    forget_what_was_read()
    record("scheme.terms_withdrawn", "scheme", scheme_id, by=by, now=now, version=version)


def _refuse(faults: Sequence[FieldError]) -> None:
    if faults:
        raise Invalid(faults)


def _of_code(force_id: int, code: str) -> sa.Select[Scheme]:
    return sa.select(Scheme).where(Scheme.force_id == force_id, Scheme.code == code)


def _find(force_id: int, code: str) -> Scheme | None:
    return db.session.scalars(_of_code(force_id, code).with_for_update()).one_or_none()


def _add(force_id: int, code: str, name: str, *, by: Actor, now: datetime) -> Scheme:
    scheme = Scheme(force_id=force_id, code=code, name=name)
    db.session.add(scheme)
    db.session.flush()
    record("scheme.added", "scheme", scheme.id, by=by, now=now)
    return scheme


def _lock(scheme_id: int) -> SchemeTerms | None:
    """The latest version of a scheme, which is locked until the transaction ends: two who change it take turns."""
    if db.session.get(Scheme, scheme_id, with_for_update=True) is None:
        raise NotFound
    return _latest(scheme_id)


def _latest(scheme_id: int) -> SchemeTerms | None:
    """The version with the highest number that was not withdrawn."""
    return db.session.scalars(
        sa.select(SchemeTerms)
        .where(SchemeTerms.scheme_id == scheme_id, SchemeTerms.withdrawn_at.is_(None))
        .order_by(SchemeTerms.version.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _says(version: SchemeTerms, terms: Terms) -> bool:
    return Terms.model_validate(version.terms) == terms


def _write(
    scheme_id: int,
    latest: SchemeTerms | None,
    terms: Terms,
    *,
    in_force_from: datetime,
    by: Actor,
    now: datetime,
) -> SchemeTerms:
    if latest is not None and latest.in_force_from >= in_force_from and is_planned(latest, now=now):
        raise AnotherIsPlanned
    count = sa.select(sa.func.max(SchemeTerms.version)).where(SchemeTerms.scheme_id == scheme_id)
    written = SchemeTerms(
        scheme_id=scheme_id,
        version=(db.session.scalar(count) or 0) + 1,
        in_force_from=in_force_from,
        terms=terms.model_dump(mode="json"),
        set_at=now,
        set_by=str(by),
    )
    db.session.add(written)
    db.session.flush()
    forget_what_was_read()
    record("scheme.terms_set", "scheme", scheme_id, by=by, now=now, version=written.version)
    return written
