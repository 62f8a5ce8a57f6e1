"""A force mends what it sent: its own reference, the officer, how the person can be reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.messaging.outbox import kill_links
from provider.domain.people.matching import Identity
from provider.domain.people.models import Person
from provider.domain.people.records import current_number, give_number
from provider.domain.referrals.models import Case, Referral, ReferralChange
from provider.domain.referrals.requests import Correction, PersonCorrection
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import ringing
from provider.pathway.receiving import DuplicateReferral, duplicate_key


def correct(referral: Referral, correction: Correction, *, by: Actor, now: datetime) -> None:
    """Carry out a correction; each changed field is kept with who changed it, when, and what it was.

    Raises DuplicateReferral where the new force reference is one this force already used for the person.
    """
    if "force_reference" in correction.model_fields_set:
        _correct_force_reference(referral, correction.force_reference, by=by, now=now)
    if correction.officer is not None:
        for field in sorted(correction.officer.model_fields_set):
            _set(referral, referral, f"officer_{field}", getattr(correction.officer, field), by=by, now=now)
    if correction.person is not None:
        _correct_person(referral, correction.person, by=by, now=now)
    record("referral.corrected", "referral", referral.id, by=by, now=now, person_id=referral.person_id)


def _correct_force_reference(referral: Referral, new: str | None, *, by: Actor, now: datetime) -> None:
    person = db.session.get_one(Person, referral.person_id)
    sent = Identity(person.given_name, person.family_name, person.date_of_birth, None, None)
    key = duplicate_key(new, sent)
    other = sa.select(Referral.reference).where(
        Referral.force_id == referral.force_id, Referral.duplicate_key == key, Referral.id != referral.id
    )
    existing = db.session.scalars(other).first() if key is not None else None
    if existing is not None:
        raise DuplicateReferral(existing)
    _set(referral, referral, "force_reference", new, by=by, now=now)
    referral.duplicate_key = key


def _correct_person(referral: Referral, sent: PersonCorrection, *, by: Actor, now: datetime) -> None:
    person = db.session.get_one(Person, referral.person_id)
    if "email" in sent.model_fields_set:
        _set(referral, person, "email", sent.email, by=by, now=now)
    if sent.address is not None:
        columns = {"line_1": "address_line_1", "town": "town", "postcode": "postcode"}
        for field in sorted(sent.address.model_fields_set):
            _set(referral, person, columns[field], getattr(sent.address, field), by=by, now=now)
    if sent.mobile is not None or sent.contact is not None:
        _correct_number(referral, sent, by=by, now=now)


def _correct_number(referral: Referral, sent: PersonCorrection, *, by: Actor, now: datetime) -> None:
    """Another number starts unconfirmed, and links sent to the old one lead nowhere; preferences stay with a number."""
    old, contact = current_number(referral.person_id), sent.contact
    checked = "officer" if contact is not None and contact.number_checked else None
    if sent.mobile is not None and (old is None or sent.mobile != old.as_given):
        _note(referral, "mobile", old.as_given if old is not None else None, sent.mobile, by=by, now=now)
        if old is not None:
            kill_links(number_id=old.id, now=now)
        give_number(
            referral.person_id,
            sent.mobile,
            texts_wanted=contact is None or contact.text_ok is not False,
            voicemail_wanted=contact is not None and bool(contact.voicemail_ok),
            confirmed_by=checked,
            now=now,
        )
    elif old is not None and contact is not None:
        for column, wanted in (("texts_wanted", contact.text_ok), ("voicemail_wanted", contact.voicemail_ok)):
            if wanted is not None:
                _set(referral, old, column, wanted, by=by, now=now)
    _ring_again(referral, contact.best_times if contact is not None else None, now=now)


def _ring_again(referral: Referral, best_times: str | None, *, now: datetime) -> None:
    case = db.session.get(Case, referral.case_id) if referral.case_id is not None else None
    if case is not None and case.closed_at is None:
        case.best_times = best_times or case.best_times
        ringing.plan_next_call(case, now=now)


def _set(referral: Referral, record_: Any, column: str, new: Any, *, by: Actor, now: datetime) -> None:
    before = getattr(record_, column)
    if before != new:
        setattr(record_, column, new)
        _note(referral, column, before, new, by=by, now=now)


def _note(referral: Referral, field: str, before: Any, after: Any, *, by: Actor, now: datetime) -> None:
    db.session.add(
        ReferralChange(
            referral_id=referral.id,
            at=now,
            by=str(by),
            field=field,
            before=None if before is None else str(before)[:500],
            after=None if after is None else str(after)[:500],
        )
    )
