"""A person is erased: who they are and every word about them goes; that they were referred, and how it ended, stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.whole_person import WholePerson, replies_of, whole_person
from provider.domain.assessments.models import AdviceGiven, AssessedSubstance, Assessment
from provider.domain.audit.trail import record
from provider.domain.contact.models import Note
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.meetings.models import MeetingJoin
from provider.domain.messaging.models import Callback, Reply, SandboxText, Text
from provider.domain.messaging.outbox import kill_links
from provider.domain.needs.models import Need
from provider.domain.people.models import NonAssociation, Person, PhoneNumber
from provider.domain.referrals.models import BarReview, Case, Referral, ReferralChange, ReferralDraft
from provider.domain.uploads.models import UploadRow
from provider.kernel.actors import Actor
from provider.kernel.database import Base, db
from provider.kernel.errors import Refusal

GONE = "Erased"


class HeldByLaw(Refusal):
    code = "held_by_law"
    sentence = "This record is under legal hold: nothing in it may be erased."


class StillOpen(Refusal):
    code = "still_open"
    sentence = "They have a referral that is open. Close it first."


class AlreadyErased(Refusal):
    code = "already_erased"
    sentence = "This person was erased before."


@dataclass(frozen=True)
class Erased:
    """How many records keep counting without saying whose they were."""

    referrals: int
    cases: int


def erase(reference: str, *, by: Actor, now: datetime) -> Erased:
    """Erase the person of a referral, and all doubles of their record.

    Raises NotFound, HeldByLaw, StillOpen or AlreadyErased.
    """
    who = whole_person(reference)
    people = db.session.scalars(sa.select(Person).where(Person.id.in_(who.people)).with_for_update()).all()
    if any(person.legal_hold_at is not None for person in people):
        raise HeldByLaw
    if any(person.erased_at is not None for person in people):
        raise AlreadyErased
    if who.anything_open:
        raise StillOpen
    for case_id in who.cases:
        kill_links(case_id=case_id, now=now)
    for model, which, values in _what_goes(who, now):
        db.session.execute(
            sa.update(model).where(which).values(**values).execution_options(synchronize_session=False)
        )
    for person in people:
        _forget_identity(person, now=now)
    _forget_quantities(who)
    db.session.execute(sa.delete(Need).where(Need.person_id.in_(who.people)))
    db.session.execute(sa.delete(SandboxText).where(SandboxText.to_e164.in_(who.numbers)))
    db.session.flush()
    record(
        "person.erased",
        "person",
        who.person_id,
        by=by,
        now=now,
        person_id=who.person_id,
        referrals=len(who.referrals),
    )
    return Erased(len(who.referrals), len(who.cases))


def _what_goes(
    who: WholePerson, now: datetime
) -> Iterable[tuple[type[Base], sa.ColumnElement[bool], dict[str, Any]]]:
    """Every column that holds a word about them, and what stands there afterwards."""
    assessments = sa.select(Assessment.id).where(Assessment.case_id.in_(who.cases))
    calls = sa.select(Appointment.id).where(Appointment.case_id.in_(who.cases))
    heard = sa.or_(*(Callback.body[key].as_string().in_(who.numbers) for key in ("From", "To")))
    sent: dict[str, Any] = {
        "sent_name": None,
        "best_times": None,
        "duplicate_key": None,
        "force_reference": None,
        "crime_number": None,
        "risk_markers": [],
    }
    sent |= {"risk_note": None, "responsible_adult": None, "warnings": []}
    ended = sa.func.coalesce(PhoneNumber.ended_at, now)
    return (
        (Referral, Referral.id.in_(who.referrals), sent),
        (ReferralChange, ReferralChange.referral_id.in_(who.referrals), {"before": "", "after": ""}),
        (BarReview, BarReview.referral_id.in_(who.referrals), {"words": "", "reason": ""}),
        (ReferralDraft, ReferralDraft.referral_id.in_(who.referrals), {"sealed": None}),
        (UploadRow, UploadRow.referral_id.in_(who.referrals), {"content_hash": None}),
        (Case, Case.id.in_(who.cases), {"best_times": None, "next_call_why": None}),
        (Note, Note.case_id.in_(who.cases), {"text": ""}),
        (Appointment, Appointment.case_id.in_(who.cases), {"moved_words": None}),
        (AppointmentOutcome, AppointmentOutcome.appointment_id.in_(calls), {"reason": None}),
        (AssessedSubstance, AssessedSubstance.assessment_id.in_(assessments), {"amount": None}),
        (AdviceGiven, AdviceGiven.assessment_id.in_(assessments), {"text": ""}),
        (
            Assessment,
            Assessment.case_id.in_(who.cases),
            {"answers": {}, "pathway_because": None, "recommended_because": None},
        ),
        (
            MeetingJoin,
            MeetingJoin.place_id.in_(who.places),
            {"shown_name": "", "original_name": None, "email": None},
        ),
        (Text, Text.case_id.in_(who.cases), {"body": None, "body_digest": None, "words": None}),
        (Reply, replies_of(who), {"body": "", "from_e164": "", "waits_because": None}),
        (Callback, heard, {"body": {}, "sender": None}),
        (
            NonAssociation,
            sa.or_(NonAssociation.first_id.in_(who.people), NonAssociation.second_id.in_(who.people)),
            {"note": None, "ended_at": sa.func.coalesce(NonAssociation.ended_at, now)},
        ),
        (
            PhoneNumber,
            PhoneNumber.person_id.in_(who.people),
            {"as_given": "", "e164": None, "relation": None, "ended_at": ended},
        ),
    )


def _forget_identity(person: Person, *, now: datetime) -> None:
    """The year of birth, gender and ethnicity stay: they are what is counted."""
    person.given_name = person.family_name = GONE
    person.name_key = person.family_key = GONE.lower()
    person.date_of_birth = date(person.date_of_birth.year, 1, 1)
    person.pnc_id = person.email = person.address_line_1 = person.town = person.postcode = None
    person.accessibility_needs = person.texts_to = person.competence = None
    person.erased_at = now


def _forget_quantities(who: WholePerson) -> None:
    """What the force wrote of an amount is in its own words; which drug it was is counted."""
    for referral in db.session.scalars(sa.select(Referral).where(Referral.id.in_(who.referrals))):
        referral.drugs = [{**drug, "quantity": None} for drug in referral.drugs]


def hold(reference: str, *, by: Actor, now: datetime) -> None:
    """Keep a person's record from being erased, by a court's order, say. Raises NotFound."""
    _set_hold(reference, now, "person.held", by=by, now=now)


def release(reference: str, *, by: Actor, now: datetime) -> None:
    """End a legal hold. Raises NotFound."""
    _set_hold(reference, None, "person.released", by=by, now=now)


def _set_hold(reference: str, since: datetime | None, action: str, *, by: Actor, now: datetime) -> None:
    person_id = whole_person(reference).person_id
    db.session.get_one(Person, person_id, with_for_update=True).legal_hold_at = since
    record(action, "person", person_id, by=by, now=now, person_id=person_id)
