"""A force mends what it sent: its own reference, the officer, how the person can be reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.people.matching import Identity
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.number_states import NumberEvent, NumberState
from provider.domain.people.records import confirm_number, current_number, give_number, identity_of, learn
from provider.domain.referrals.doubts import warnings_after
from provider.domain.referrals.models import Case, Referral, ReferralChange
from provider.domain.referrals.requests import Correction, PersonCorrection
from provider.domain.referrals.submission import Contact
from provider.kernel.actors import Actor
from provider.kernel.database import db, take_turns
from provider.pathway import meeting_needs, ringing
from provider.pathway.disowning import found
from provider.pathway.knowing import end_number, is_same_number
from provider.pathway.receiving import DuplicateReferral, duplicate_key, turn_of
from provider.pathway.steps import lock_open_case

ADDRESS = {"line_1": "address_line_1", "town": "town", "postcode": "postcode"}


def correct(referral: Referral, correction: Correction, *, by: Actor, now: datetime) -> None:
    """Carry out a correction; each changed field is kept with who changed it, when, and what it was.

    Raises DuplicateReferral where the new force reference is one this force already used for the person.
    """
    case = _hold_still(referral)
    if "force_reference" in correction.model_fields_set:
        _correct_force_reference(referral, correction.force_reference, by=by, now=now)
    if correction.officer is not None:
        for field in sorted(correction.officer.model_fields_set):
            _set(referral, referral, f"officer_{field}", getattr(correction.officer, field), by=by, now=now)
    if correction.person is not None:
        _correct_person(referral, correction.person, case, by=by, now=now)
    referral.warnings = warnings_after(correction, referral.warnings)
    record("referral.corrected", "referral", referral.id, by=by, now=now, person_id=referral.person_id)


def _hold_still(referral: Referral) -> Case | None:
    """The person's open case, whichever force's referral it serves, while nobody else refers or changes them."""
    take_turns(turn_of(_identity(referral)))
    case = lock_open_case(referral.person_id)
    db.session.refresh(referral)
    return case


def _identity(referral: Referral) -> Identity:
    return identity_of(db.session.get_one(Person, referral.person_id), None)


def _correct_force_reference(referral: Referral, new: str | None, *, by: Actor, now: datetime) -> None:
    key = duplicate_key(new, _identity(referral))
    other = sa.select(Referral.reference).where(
        Referral.force_id == referral.force_id, Referral.duplicate_key == key, Referral.id != referral.id
    )
    existing = db.session.scalars(other).first() if key is not None else None
    if existing is not None:
        raise DuplicateReferral(existing)
    _set(referral, referral, "force_reference", new, by=by, now=now)
    referral.duplicate_key = key


def _correct_person(
    referral: Referral, sent: PersonCorrection, case: Case | None, *, by: Actor, now: datetime
) -> None:
    person = db.session.get_one(Person, referral.person_id, populate_existing=True)
    if "email" in sent.model_fields_set:
        _set(referral, person, "email", sent.email, by=by, now=now)
    if sent.address is not None:
        for field in sorted(sent.address.model_fields_set):
            _set(referral, person, ADDRESS[field], getattr(sent.address, field), by=by, now=now)
    elif "address" in sent.model_fields_set:
        for column in ADDRESS.values():
            _set(referral, person, column, None, by=by, now=now)
    if "mobile" in sent.model_fields_set or sent.contact is not None:
        _correct_number(referral, sent, by=by, now=now)
        if case is not None:
            meeting_needs.number_came(case, by=by, now=now)
            _ring_again(referral, case, sent.contact, by=by, now=now)


def _correct_number(referral: Referral, sent: PersonCorrection, *, by: Actor, now: datetime) -> None:
    """Another number starts unconfirmed, and links sent to the old one lead nowhere; preferences stay with a number."""
    old, contact = current_number(referral.person_id), sent.contact or Contact()
    same = old is not None and (sent.mobile is None or is_same_number(old, sent.mobile))
    if "mobile" in sent.model_fields_set and not (same and sent.mobile):
        _note(referral, "mobile", old.as_given if old is not None else None, sent.mobile, by=by, now=now)
        if old is not None:
            end_number(old, now=now)
        if sent.mobile is not None:
            _give(referral.person_id, sent.mobile, contact, now=now)
    elif old is not None:
        if "mobile" in sent.model_fields_set:
            learn(old, NumberEvent.GIVEN_AGAIN)
        _say_again(referral, old, contact, by=by, now=now)


def _give(person_id: int, mobile: str, contact: Contact, *, now: datetime) -> None:
    give_number(
        person_id,
        mobile,
        texts_wanted=contact.text_ok is not False,
        voicemail_wanted=bool(contact.voicemail_ok),
        confirmed_by="officer" if contact.number_checked else None,
        now=now,
    )


def _say_again(
    referral: Referral, number: PhoneNumber, contact: Contact, *, by: Actor, now: datetime
) -> None:
    for column, wanted in (("texts_wanted", contact.text_ok), ("voicemail_wanted", contact.voicemail_ok)):
        if wanted is not None:
            _set(referral, number, column, wanted, by=by, now=now)
    if contact.number_checked:
        confirm_number(number, by="officer", now=now)


def _ring_again(referral: Referral, case: Case, contact: Contact | None, *, by: Actor, now: datetime) -> None:
    """The next call is planned anew; a number that replaces a dead one is what was asked for."""
    if contact is not None and referral.case_id == case.id:
        case.best_times = contact.best_times or case.best_times
    number = current_number(case.person_id)
    if number is not None and number.state != NumberState.BAD:
        found(case.id, by=by, now=now)
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
