"""A drug worker says whether somebody who was referred is somebody known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.history import earlier_referrals
from provider.domain.audit.trail import record
from provider.domain.contact.models import ContactAttempt
from provider.domain.contact.tasks import finish_tasks
from provider.domain.people.models import Person
from provider.domain.people.records import identity_of
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.rules import Decline, Recognition, screen
from provider.domain.referrals.status import Status
from provider.domain.schemes.deadlines import Stop, due_at
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db, take_turns
from provider.kernel.errors import Refusal
from provider.pathway import holding
from provider.pathway.knowing import put_together
from provider.pathway.receiving import rules_of, turn_of
from provider.pathway.serving import serve
from provider.pathway.steps import lock_open_case, move, open_referrals
from provider.pathway.unseating import unseat_where_wrong
from provider.pathway.weighing import decline


class AlreadySettled(Refusal):
    code = "already_settled"
    sentence = "Somebody has already said who this is."


def settle_match(referral_id: int, *, same_as: int | None, by: Actor, now: datetime) -> None:
    """Say that a referral is about the person ``same_as``, or, with None, about somebody not known before.

    A held referral is then screened and accepted or declined; one that was accepted meanwhile joins the known
    person's open case. What is said of one referral is said of every other of the same person. Raises AlreadySettled.
    """
    known = _found(same_as) if same_as is not None else None
    referral = _hold_still(referral_id, known)
    asked = {match.person_id for match in _waiting([referral_id])}
    if not asked or (same_as is not None and same_as not in asked):
        raise AlreadySettled
    alike = _of_the_same(referral)
    for match in _waiting([each.id for each in alike]):
        if match.person_id in asked:
            match.settled_at, match.settled_by_id = now, by.account_id
            match.same = match.person_id == same_as
    if known is not None:
        _is_the_same(referral, known, by=by, now=now)
    for each in alike:
        _answered(each, same_as, by=by, now=now)


def _answered(referral: Referral, same_as: int | None, *, by: Actor, now: datetime) -> None:
    """Nothing is left to ask of a referral, unless it may be about somebody else still."""
    if _waiting([referral.id]):
        return
    finish_tasks(referral_id=referral.id, kinds=("same_person",), by=str(by), now=now)
    record(
        "match.settled", "referral", referral.id, by=by, now=now, person_id=referral.person_id, same=same_as
    )
    if referral.status == Status.HELD:
        _screen_again(referral, by=by, now=now)


def _found(person_id: int) -> Person:
    """The person, or whoever they have been found to be since."""
    person = db.session.get_one(Person, person_id, populate_existing=True)
    while person.same_as_id is not None:
        person = db.session.get_one(Person, person.same_as_id, populate_existing=True)
    return person


def _hold_still(referral_id: int, known: Person | None) -> Referral:
    """The referral as it stands, while nobody refers either person, nor changes a case of theirs."""
    referral = db.session.get_one(Referral, referral_id)
    double = db.session.get_one(Person, referral.person_id)
    take_turns(turn_of(identity_of(double, None)))
    for person_id in sorted({double.id} | ({known.id} if known is not None else set())):
        lock_open_case(person_id)
    db.session.refresh(referral)
    return referral


def _waiting(referral_ids: Sequence[int]) -> list[PossibleMatch]:
    return list(
        db.session.scalars(
            sa.select(PossibleMatch)
            .where(PossibleMatch.referral_id.in_(referral_ids), PossibleMatch.settled_at.is_(None))
            .order_by(PossibleMatch.id)
        )
    )


def _of_the_same(referral: Referral) -> list[Referral]:
    """The referral and every other of the same person of which it is asked who they are, oldest first."""
    asked = sa.select(PossibleMatch.referral_id).where(PossibleMatch.settled_at.is_(None))
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(Referral.person_id == referral.person_id, Referral.id.in_(asked))
            .order_by(Referral.id)
            .execution_options(populate_existing=True)
        )
    )


def _is_the_same(referral: Referral, known: Person, *, by: Actor, now: datetime) -> None:
    """Everything that was recorded of the double is the known person's; two open cases become one.

    A place that is to come stays theirs only where the known person might have been given it.
    """
    double = db.session.get_one(Person, referral.person_id)
    if double.id == known.id:
        return
    put_together(double, known, by=by, now=now)
    for each in db.session.scalars(sa.select(Referral).where(Referral.person_id == double.id)).all():
        each.person_id = known.id
    other = lock_open_case(known.id)
    for case in db.session.scalars(
        sa.select(Case).where(Case.person_id == double.id).order_by(Case.id)
    ).all():
        if case.closed_at is None and other is not None:
            _join_known(case, other, by=by, now=now)
        case.person_id = known.id
    db.session.flush()
    served = lock_open_case(known.id)
    if served is not None:
        unseat_where_wrong(served, by=by, now=now)


def _screen_again(referral: Referral, *, by: Actor, now: datetime) -> None:
    scheme = scheme_under(referral.terms_id)
    before = earlier_referrals([referral.person_id], scheme=scheme)
    history = [one.as_past for one in before if one.referral_id != referral.id]
    recognition = Recognition.EXACT if history else Recognition.DIFFERENT
    decision = screen(
        rules_of(scheme), area=referral.area, recognition=recognition, history=history, on=london_date(now)
    )
    if isinstance(decision, Decline):
        decline(referral, decision)
        move(referral, Status.DECLINED, by=by, now=now, reason=decision.reason)
        return
    referral.first_contact_due = _promised(referral, now=now)
    move(referral, Status.ACCEPTED, by=by, now=now)
    case = lock_open_case(referral.person_id)
    serve(referral, case, best_times=referral.best_times, by=by, now=now)


def _promised(referral: Referral, *, now: datetime) -> datetime:
    """When first contact is due: it was asked who they are for all this time."""
    asked = Stop("identity_in_question", referral.received_at, now)
    terms = scheme_under(referral.terms_id).terms
    return due_at("first_contact", terms, since=referral.received_at, stops=[asked], now=now)


def _join_known(own: Case, other: Case, *, by: Actor, now: datetime) -> None:
    """The case that was open first goes on; the calls made for the other come along. Notes stay where they stand."""
    referrals = open_referrals(own.id)
    if any(referral.status != Status.ACCEPTED for referral in referrals):
        raise AlreadySettled("This referral is under way: finish it beside the other.")
    holding.give_back(own, because="same_person", now=now)
    finish_tasks(own.id, by=str(by), now=now)
    own.closed_at, own.next_call_at, own.next_call_why = now, None, None
    db.session.execute(
        sa.update(ContactAttempt).where(ContactAttempt.case_id == own.id).values(case_id=other.id)
    )
    db.session.flush()
    for referral in referrals:
        serve(referral, other, best_times=own.best_times, by=by, now=now)
