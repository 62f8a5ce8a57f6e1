"""Who was sent is put on record: somebody new, or what is new about somebody known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from provider.domain.audit.trail import record
from provider.domain.messaging.outbox import kill_links
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.number_states import NumberEvent, NumberState
from provider.domain.people.reach import is_confirmed
from provider.domain.people.records import add_number, add_person, confirm_number, current_number, learn
from provider.domain.referrals.models import Case
from provider.domain.referrals.submission import Contact, ReferralSubmission
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.numbers import Verdict, read_mobile
from provider.pathway.disowning import found

SAYS_NOTHING: Mapping[str, frozenset[Any]] = {
    "gender": frozenset({"not_known", "not_specified"}),
    "self_defined_ethnicity": frozenset({None, "NS"}),
    "officer_observed_ethnicity": frozenset({None, "0"}),
    "pnc_id": frozenset({None}),
    "email": frozenset({None}),
    "address_line_1": frozenset({None}),
    "town": frozenset({None}),
    "postcode": frozenset({None}),
}
"""What of a known person is filled in by a later referral, and never overwritten."""

SAID_LAST = ("language", "interpreter_needed", "accessibility_needs")
"""How somebody is understood: the last word on it counts."""


def put_on_record(
    submission: ReferralSubmission,
    known_id: int | None,
    case: Case | None,
    *,
    by: Actor,
    now: datetime,
) -> Person:
    """Record who was sent. A known person, and their open case if any, are locked already."""
    facts = _facts(submission)
    if known_id is None:
        person = add_person(
            {
                **facts,
                "language": facts["language"] or "en",
                "interpreter_needed": bool(facts["interpreter_needed"]),
            },
            now=now,
        )
        _give(person.id, submission, now=now)
        return person
    person = db.session.get_one(Person, known_id, populate_existing=True)
    _add_to(person, facts, by=by, now=now)
    _take_number(known_id, submission, case, by=by, now=now)
    return person


def name_looked_at(person_id: int, *, by: Actor, now: datetime) -> None:
    """Somebody has looked at a name that came with a doubt, and it is right."""
    person = db.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    person.name_checked_at = now
    record("person.name_checked", "person", person_id, by=by, now=now, person_id=person_id)


def _facts(submission: ReferralSubmission) -> dict[str, Any]:
    person = submission.person
    address = person.address
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "date_of_birth": person.date_of_birth,
        "gender": person.gender,
        "self_defined_ethnicity": person.self_defined_ethnicity,
        "officer_observed_ethnicity": person.officer_observed_ethnicity,
        "pnc_id": person.pnc_id,
        "email": person.email,
        "address_line_1": address.line_1 if address else None,
        "town": address.town if address else None,
        "postcode": address.postcode if address else None,
        "language": person.language,
        "interpreter_needed": person.interpreter_needed,
        "accessibility_needs": person.accessibility_needs,
    }


def _add_to(person: Person, facts: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    empty = [column for column, nothing in SAYS_NOTHING.items() if getattr(person, column) in nothing]
    said = [column for column in (*empty, *SAID_LAST) if facts[column] is not None]
    changed = [column for column in said if getattr(person, column) != facts[column]]
    for column in changed:
        setattr(person, column, facts[column])
    if changed:
        record(
            "person.added_to",
            "person",
            person.id,
            by=by,
            now=now,
            person_id=person.id,
            fields=" ".join(changed),
        )


def put_together(double: Person, known: Person, *, by: Actor, now: datetime) -> None:
    """The record made for somebody known after all points to theirs, which takes what is new of it, the number too."""
    double.same_as_id = known.id
    facts = {column: getattr(double, column) for column in (*SAYS_NOTHING, *SAID_LAST)}
    # What nobody said when the double was recorded is no word on how they are understood.
    facts["language"] = double.language if double.language != "en" else None
    facts["interpreter_needed"] = double.interpreter_needed or None
    _add_to(known, facts, by=by, now=now)
    _one_number(double.id, known.id, now=now)
    db.session.flush()


def _one_number(double_id: int, known_id: int, *, now: datetime) -> None:
    """The later number is the one to ring, unless the other is known to be theirs and it is not."""
    theirs, later = current_number(known_id), current_number(double_id)
    if later is None:
        return
    if theirs is not None and not _gives_way_to(theirs, later, now=now):
        end_number(later, now=now)
        return
    if theirs is not None:
        end_number(theirs, now=now)
    later.person_id = known_id


def _gives_way_to(theirs: PhoneNumber, later: PhoneNumber, *, now: datetime) -> bool:
    if theirs.state == NumberState.BAD or later.confirmed_at is not None:
        return True
    return not is_confirmed(theirs.confirmed_at, now=now) and later.state == NumberState.GOOD


def end_number(number: PhoneNumber, *, now: datetime) -> None:
    """Nobody is rung on it any more, and links sent to it lead nowhere."""
    number.ended_at = now
    kill_links(number_id=number.id, now=now)
    db.session.flush()


def _take_number(
    person_id: int, submission: ReferralSubmission, case: Case | None, *, by: Actor, now: datetime
) -> None:
    """The latest number is the one to ring, unless another is known to be theirs and this one is not."""
    mobile, contact = submission.person.mobile, submission.person.contact
    current = current_number(person_id)
    if mobile is None:
        return
    if current is not None and is_same_number(current, mobile):
        _same_again(current, contact, now=now)
        if case is not None and current.state != NumberState.BAD:
            found(case.id, by=by, now=now)
    elif current is None or _gives_way(current, mobile, contact, now=now):
        if current is not None:
            end_number(current, now=now)
        _give(person_id, submission, now=now)
        if case is not None:
            found(case.id, by=by, now=now)


def is_same_number(current: PhoneNumber, mobile: str) -> bool:
    """Whether ``mobile`` is the number that is rung already, however it is written."""
    read = read_mobile(mobile).e164
    return read == current.e164 if read is not None else _digits(mobile) == _digits(current.as_given)


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdecimal())


def _gives_way(current: PhoneNumber, mobile: str, contact: Contact, *, now: datetime) -> bool:
    if current.state == NumberState.BAD or contact.number_checked:
        return True
    return (
        not is_confirmed(current.confirmed_at, now=now)
        and read_mobile(mobile).verdict is not Verdict.DOUBTFUL
    )


def _same_again(number: PhoneNumber, contact: Contact, *, now: datetime) -> None:
    """A wish for no texts counts whoever hears it; that they are wanted after all is for the person to say to us."""
    learn(number, NumberEvent.GIVEN_AGAIN)
    if contact.number_checked:
        confirm_number(number, by="officer", now=now)
    if contact.text_ok is False:
        number.texts_wanted = False
    if contact.voicemail_ok is not None:
        number.voicemail_wanted = contact.voicemail_ok


def _give(person_id: int, submission: ReferralSubmission, *, now: datetime) -> None:
    mobile, contact = submission.person.mobile, submission.person.contact
    if mobile:
        add_number(
            person_id,
            mobile,
            texts_wanted=contact.text_ok is not False,
            voicemail_wanted=bool(contact.voicemail_ok),
            confirmed_by="officer" if contact.number_checked else None,
            now=now,
        )
