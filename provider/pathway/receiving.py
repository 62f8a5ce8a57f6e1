"""A force refers somebody: matched to a person or held, screened, accepted or declined, and answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.history import Before, earlier_referrals
from provider.domain.contact.tasks import raise_task
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.rules import OFFERED_AHEAD, read_slot_id
from provider.domain.people.matching import Identity, Match, name_key
from provider.domain.people.records import Known, find_known
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.rules import Accept, Decline, Hold, Recognition, SchemeRules, screen
from provider.domain.referrals.status import Status
from provider.domain.referrals.submission import ReferralSubmission
from provider.domain.schemes.deadlines import due_at
from provider.domain.schemes.queries import SchemeNow, schemes_of
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db, take_turns
from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.kernel.numbers import read_mobile
from provider.kernel.references import new_reference
from provider.pathway import steps
from provider.pathway.booking import book
from provider.pathway.knowing import put_on_record
from provider.pathway.serving import open_case_for, serve
from provider.pathway.shutting import end_of_day_in
from provider.pathway.weighing import decline


class DuplicateReferral(Refusal):
    code = "duplicate_referral"
    sentence = "This person was already referred with this reference."

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__()


@dataclass(frozen=True)
class Received:
    """The referral as it was taken in, for whoever answers the force in the same transaction."""

    referral_id: int
    reference: str
    referral: Referral


@dataclass(frozen=True)
class Whom:
    """Whom a referral is about, as far as that is known: who it may be, and for certain.

    ``person_id`` and their open ``case`` where it is certain; both are locked. ``before`` is the history of all.
    """

    known: Sequence[Known]
    before: Sequence[Before]
    person_id: int | None
    case: Case | None


def receive(
    submission: ReferralSubmission,
    *,
    force_id: int,
    warnings: Sequence[FieldError],
    received_by: str,
    officer_account_id: int | None = None,
    by: Actor,
    now: datetime,
) -> Received:
    """Take a referral in. ``received_by`` is the door it came by: api, officer or upload.

    Raises DuplicateReferral where this force sent the same person with the same reference before, Invalid for a slot
    that is none, SlotTaken for one that is gone or was never offered; then nothing is kept.
    """
    scheme = schemes_of(force_id, at=now)[submission.scheme]
    starts_at = _slot_sent(submission, scheme, now=now)
    sent = identity_sent(submission)
    key = _take_turn(submission, sent, force_id)
    who = _whom(sent, scheme)
    decision = _decide(submission, scheme, who, now=now)
    person = put_on_record(submission, who.person_id, who.case, by=by, now=now)
    referral = _write(submission, scheme, person.id, decision, received_by=received_by, now=now)
    referral.duplicate_key, referral.officer_account_id = key, officer_account_id
    if isinstance(decision, Decline):
        decline(referral, decision)
    referral.warnings = [vars(doubt) for doubt in (*warnings, *_possible_duplicate(who.before))]
    if referral.status == Status.ACCEPTED and who.case is None:
        open_case_for(referral, best_times=submission.person.contact.best_times, now=now)
    db.session.add(referral)
    db.session.flush()
    _note_possible_matches(referral, who, now=now)
    steps.begin(referral, by=by, now=now)
    if referral.status == Status.ACCEPTED:
        serve(referral, who.case, best_times=submission.person.contact.best_times, by=by, now=now)
        _book_at_the_roadside(referral, starts_at, by=by, now=now)
    return Received(referral.id, referral.reference, referral)


def _slot_sent(submission: ReferralSubmission, scheme: SchemeNow, *, now: datetime) -> datetime | None:
    if submission.assessment_slot_id is None:
        return None
    starts_at = read_slot_id(submission.assessment_slot_id, scheme=scheme.code)
    if starts_at is None or not scheme.terms.offers_first_call_at_roadside:
        raise Invalid([FieldError("/assessment_slot_id", "unknown_slot", "This scheme has no such slot.")])
    if not now <= starts_at <= now + OFFERED_AHEAD:
        raise SlotTaken
    return starts_at


def identity_sent(submission: ReferralSubmission) -> Identity:
    person = submission.person
    return Identity(
        given_name=person.given_name,
        family_name=person.family_name,
        date_of_birth=person.date_of_birth,
        postcode=person.address.postcode if person.address else None,
        mobile_e164=read_mobile(person.mobile).e164 if person.mobile else None,
    )


def turn_of(sent: Identity) -> str:
    """What referrals about one person take turns on: name and date of birth as they are compared."""
    return f"person:{name_key(sent.given_name, sent.family_name)}:{sent.date_of_birth}"


def duplicate_key(force_reference: str | None, sent: Identity) -> str | None:
    """The same force reference for the same person; two people in one car may share a crime number."""
    if not force_reference:
        return None
    reference = "".join(force_reference.casefold().split())
    return hashlib.sha256(f"{reference}|{turn_of(sent)}".encode()).hexdigest()


def _take_turn(submission: ReferralSubmission, sent: Identity, force_id: int) -> str | None:
    """Wait for whoever is sending the same person just now; answers the key that a second one is known by."""
    take_turns(turn_of(sent))
    key = duplicate_key(submission.force_reference, sent)
    if key is not None:
        _refuse_duplicate(force_id, key)
    return key


def _refuse_duplicate(force_id: int, key: str) -> None:
    same = sa.select(Referral.reference).where(Referral.force_id == force_id, Referral.duplicate_key == key)
    reference = db.session.scalars(same).first()
    if reference is not None:
        raise DuplicateReferral(reference)


def _whom(sent: Identity, scheme: SchemeNow) -> Whom:
    known = find_known(sent)
    same = next((one.person_id for one in known if one.match == Match.EXACT), None)
    case = steps.lock_open_case(same) if same is not None else None
    return Whom(known, earlier_referrals([one.person_id for one in known], scheme=scheme), same, case)


def _decide(
    submission: ReferralSubmission, scheme: SchemeNow, who: Whom, *, now: datetime
) -> Accept | Hold | Decline:
    """Screened on the history of the one person it is about, or of those it may be about.

    While a drug worker is being asked who that person is, a second referral of them waits for the answer as well.
    """
    if any(one.status == Status.HELD and one.visible for one in who.before if one.person_id == who.person_id):
        return Hold()
    recognition, people = recognise(who.known)
    may_know_of = {one.person_id for one in who.before if one.visible}
    if recognition == Recognition.EXACT and may_know_of and not people & may_know_of:
        # Known for certain through another force alone: this one is answered by those whom it may know of.
        return Hold()
    return screen(
        rules_of(scheme),
        area=submission.area,
        recognition=recognition,
        history=[one.as_past for one in who.before if one.person_id in people],
        on=london_date(now),
    )


def recognise(known: Sequence[Known]) -> tuple[Recognition, frozenset[int]]:
    """How surely somebody is known, and as whom: one person, or, where it is not certain, whoever it may be."""
    if not known:
        return Recognition.DIFFERENT, frozenset()
    surest = Recognition(known[0].match)
    people = {known[0].person_id} if surest == Recognition.EXACT else {one.person_id for one in known}
    return surest, frozenset(people)


def facts_of(schemes: Mapping[str, SchemeNow]) -> dict[str, SchemeFacts]:
    """What the parser needs to know of a force's schemes, by code."""
    return {
        code: SchemeFacts(
            code=code,
            name=scheme.name,
            age_from=scheme.terms.age_from,
            age_to=scheme.terms.age_to,
            agreement_required=scheme.terms.basis == "agreement",
            disposals=scheme.terms.disposals,
        )
        for code, scheme in schemes.items()
    }


def rules_of(scheme: SchemeNow) -> SchemeRules:
    terms = scheme.terms
    return SchemeRules(repeat_rule=terms.repeat_rule, repeat_limit=terms.repeat_limit, areas=terms.areas)


def _possible_duplicate(before: Sequence[Before]) -> tuple[FieldError, ...]:
    if any(one.visible and one.is_open for one in before):
        sentence = "Somebody of this name and date of birth has an open referral already."
        return (FieldError("/person", "possible_duplicate", sentence),)
    return ()


def _write(
    submission: ReferralSubmission,
    scheme: SchemeNow,
    person_id: int,
    decision: Accept | Hold | Decline,
    *,
    received_by: str,
    now: datetime,
) -> Referral:
    status = {Accept: Status.ACCEPTED, Hold: Status.HELD, Decline: Status.DECLINED}[type(decision)]
    return Referral(
        reference=new_reference(),
        force_id=scheme.force_id,
        scheme_id=scheme.id,
        terms_id=scheme.terms_id,
        person_id=person_id,
        status=status,
        status_at=now,
        closed_at=None,
        level="none",
        may_reoffer=True,
        bar_until=None,
        decline_reason=None,
        received_at=now,
        received_by=received_by,
        first_contact_due=due_at("first_contact", scheme.terms, since=now, now=now),
        **_as_sent(submission),
    )


def _as_sent(submission: ReferralSubmission) -> dict[str, object]:
    """What the force said about the event, as columns: it is shown back as it was sent."""
    officer, agreement, adult = submission.officer, submission.agreement, submission.person.responsible_adult
    return {
        "sent_name": f"{submission.person.given_name} {submission.person.family_name}",
        "best_times": submission.person.contact.best_times,
        "force_reference": submission.force_reference,
        "occurred_at": submission.occurred_at,
        "setting": submission.setting,
        "area": submission.area,
        "disposal_outcome": submission.disposal.outcome,
        "responsibility_accepted": submission.disposal.responsibility_accepted,
        "appropriate_adult": submission.disposal.appropriate_adult,
        "offence_code": submission.offence.code,
        "drugs": [drug.model_dump(mode="json", by_alias=True) for drug in submission.offence.drugs],
        "agreement_at": (agreement.at or submission.occurred_at) if agreement.given else None,
        "notice_version": agreement.notice_version,
        "officer_collar_number": officer.collar_number,
        "officer_name": officer.name,
        "officer_email": officer.email,
        "risk_markers": list(submission.risk.markers),
        "risk_note": submission.risk.note,
        "responsible_adult": adult.model_dump(mode="json") if adult else None,
    }


def _note_possible_matches(referral: Referral, who: Whom, *, now: datetime) -> None:
    """Whoever it may be is shown to a drug worker, also where the force must not know that anybody was found."""
    if who.person_id is not None and referral.status != Status.HELD:
        return
    referred = {one.person_id for one in who.before} - {who.person_id}
    doubtful = [one for one in who.known if one.person_id in referred]
    db.session.add_all(
        PossibleMatch(referral_id=referral.id, person_id=one.person_id, likeness=one.match)
        for one in doubtful
    )
    if doubtful:
        raise_task("same_person", referral_id=referral.id, due_at=end_of_day_in(1, now=now), now=now)


def _book_at_the_roadside(
    referral: Referral, starts_at: datetime | None, *, by: Actor, now: datetime
) -> None:
    """The first call booked with the referral itself; with nobody free then, nothing is created.

    Somebody whom another referral has brought further already needs no first call.
    """
    if starts_at is not None and referral.case_id is not None and referral.status == Status.ACCEPTED:
        book(referral.case_id, starts_at=starts_at, by=by, now=now)
