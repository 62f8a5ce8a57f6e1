"""May this person be offered the scheme? Answered on what the asking force may know; the officer decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provider.caseload.history import earlier_referrals
from provider.domain.audit.trail import record
from provider.domain.compliance.models import EligibilityCheck as Answered
from provider.domain.people.matching import Identity, Match
from provider.domain.people.records import Known, find_known
from provider.domain.referrals.requests import EligibilityCheck
from provider.domain.referrals.rules import Eligibility, Recognition, eligibility
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.numbers import read_mobile
from provider.pathway.receiving import recognise, rules_of


def check_eligibility(check: EligibilityCheck, *, force_id: int, by: Actor, now: datetime) -> Eligibility:
    """Answer an officer's question, and keep that it was asked and answered; the names asked about are not kept."""
    scheme = schemes_of(force_id, at=now)[check.scheme]
    known = find_known(_identity(check))
    before = [
        one for one in earlier_referrals([one.person_id for one in known], scheme=scheme) if one.visible
    ]
    referred = {one.person_id for one in before}
    recognition, people = _recognise([one for one in known if one.person_id in referred])
    history = [one.as_past for one in before if one.person_id in people]
    answer = eligibility(rules_of(scheme), recognition=recognition, history=history, on=london_date(now))
    person_id = next(iter(people)) if recognition == Recognition.EXACT else None
    db.session.add(
        Answered(
            force_id=force_id,
            scheme_id=scheme.id,
            person_id=person_id,
            at=now,
            by=str(by),
            answer=answer.answer,
            reason=answer.reason,
        )
    )
    record(
        "eligibility.asked", "scheme", scheme.id, by=by, now=now, person_id=person_id, answer=answer.answer
    )
    return answer


def _recognise(known: Sequence[Known]) -> tuple[Recognition, frozenset[int]]:
    """How surely somebody is known to this force, and as whom; ``known`` are those whom it may know of, surest first.

    One person of that name and date of birth is who is asked about, whoever else is merely like them; of two such it is
    not certain which.
    """
    recognition, people = recognise(known)
    if recognition != Recognition.EXACT_NAME_ONLY:
        return recognition, people
    of_that_name = {one.person_id for one in known if one.match == Match.EXACT_NAME_ONLY}
    return (Recognition.NEAR if len(of_that_name) > 1 else recognition), frozenset(of_that_name)


def _identity(check: EligibilityCheck) -> Identity:
    person = check.person
    return Identity(
        given_name=person.given_name,
        family_name=person.family_name,
        date_of_birth=person.date_of_birth,
        postcode=person.postcode,
        mobile_e164=read_mobile(person.mobile).e164 if person.mobile else None,
    )
