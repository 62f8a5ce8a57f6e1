"""A drug worker says whether somebody who was referred is somebody known."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.caseload.history import earlier_referrals
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks
from provider.domain.people.models import Person
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.rules import Decline, Recognition, screen
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import holding
from provider.pathway.receiving import rules_of
from provider.pathway.serving import serve
from provider.pathway.steps import lock_open_case, move, open_referrals


class AlreadySettled(Refusal):
    code = "already_settled"
    sentence = "Somebody has already said who this is."


def settle_match(referral_id: int, *, same_as: int | None, by: Actor, now: datetime) -> None:
    """Say that a referral is about the person ``same_as``, or, with None, about somebody not known before.

    A held referral is then screened and accepted or declined; one that was accepted meanwhile joins the known
    person's open case. Raises AlreadySettled.
    """
    referral = db.session.get_one(Referral, referral_id, with_for_update=True, populate_existing=True)
    waiting = _waiting(referral_id)
    if not waiting or (same_as is not None and same_as not in {match.person_id for match in waiting}):
        raise AlreadySettled
    for match in waiting:
        match.settled_at, match.settled_by_id = now, by.account_id
        match.same = match.person_id == same_as
    if same_as is not None:
        _is_the_same(referral, same_as)
    finish_tasks(referral_id=referral_id, kind="same_person", by=str(by), now=now)
    record(
        "match.settled", "referral", referral_id, by=by, now=now, person_id=referral.person_id, same=same_as
    )
    if referral.status == Status.HELD:
        _screen_again(referral, by=by, now=now)
    elif same_as is not None and referral.case_id is not None:
        _join_known(referral, by=by, now=now)


def _waiting(referral_id: int) -> list[PossibleMatch]:
    return list(
        db.session.scalars(
            sa.select(PossibleMatch)
            .where(PossibleMatch.referral_id == referral_id, PossibleMatch.settled_at.is_(None))
            .order_by(PossibleMatch.id)
        )
    )


def _is_the_same(referral: Referral, known_id: int) -> None:
    """The known person's record stays; the one made for this referral points to it, and its number moves over."""
    double = db.session.get_one(Person, referral.person_id)
    double.same_as_id = known_id
    referral.person_id = known_id
    number = current_number(double.id)
    if number is not None and current_number(known_id) is None:
        number.person_id = known_id
    db.session.flush()


def _screen_again(referral: Referral, *, by: Actor, now: datetime) -> None:
    scheme = scheme_under(referral.terms_id)
    before = earlier_referrals([referral.person_id], scheme=scheme)
    history = [one.as_past for one in before if one.referral_id != referral.id]
    recognition = Recognition.EXACT if history else Recognition.DIFFERENT
    decision = screen(
        rules_of(scheme), area=referral.area, recognition=recognition, history=history, on=london_date(now)
    )
    if isinstance(decision, Decline):
        referral.decline_reason = decision.reason
        move(referral, Status.DECLINED, by=by, now=now, reason=decision.reason)
        return
    move(referral, Status.ACCEPTED, by=by, now=now)
    serve(referral, lock_open_case(referral.person_id), best_times=None, by=by, now=now)


def _join_known(referral: Referral, *, by: Actor, now: datetime) -> None:
    """Two cases of one person become one: the one that was open first goes on."""
    own = db.session.get_one(Case, referral.case_id)
    other = sa.select(Case.id).where(
        Case.person_id == referral.person_id, Case.closed_at.is_(None), Case.id != own.id
    )
    if db.session.execute(other).first() is None:
        own.person_id = referral.person_id
        db.session.flush()
        return
    if referral.status != Status.ACCEPTED or len(open_referrals(own.id)) > 1:
        raise AlreadySettled("This referral is under way: finish it beside the other.")
    holding.give_back(own, because="same_person", now=now)
    finish_tasks(own.id, by=str(by), now=now)
    own.closed_at = now
    db.session.flush()
    serve(referral, lock_open_case(referral.person_id), best_times=None, by=by, now=now)
