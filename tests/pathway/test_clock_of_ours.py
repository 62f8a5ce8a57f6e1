"""The clock that our fault stopped: it runs again with a time, or the assessment; not because another referral ends."""

from __future__ import annotations

from provider.caseload.deadlines import Due, dues_of_case
from provider.domain.referrals.models import Referral
from provider.domain.schemes.queries import scheme_under
from provider.kernel.database import transaction
from provider.pathway import booking
from tests.pathway.walking import Walk, checked


def called_off_by_us(walk: Walk, referral: Referral, kind: str = "assessment") -> None:
    call = walk.booked(referral, kind=kind)
    with transaction():
        booking.call_off(call.id, ours=True, by=walk.worker, now=walk.now)


def due(walk: Walk, referral: Referral, stage: str) -> Due:
    terms = {referral.id: scheme_under(referral.terms_id).terms}
    dues = dues_of_case(walk.case(referral).id, terms, now=walk.now)[referral.id]
    return next(one for one in dues if one.stage == stage)


def test_an_assessment_that_nobody_booked_lets_it_run_again(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    called_off_by_us(walk, referral)
    walk.clock.advance(hours=2)
    walk.assessed(referral)
    walk.waiting(referral)
    walk.clock.advance(days=300)
    assert due(walk, referral, "course").late


def test_another_forces_referral_that_ends_does_not(walk: Walk) -> None:
    ours, theirs = walk.referred(person=checked()), walk.deferred(person=checked())
    assert walk.case(ours).id == walk.case(theirs).id
    called_off_by_us(walk, ours)
    walk.clock.advance(hours=1)
    walk.withdrawn(theirs)
    walk.clock.advance(days=60)
    assert due(walk, ours, "assessment").stopped is not None
    assert not due(walk, ours, "assessment").late


def test_a_referral_that_joins_meanwhile_does_not_either(walk: Walk) -> None:
    """It is assessed by joining, which gives nobody a time."""
    ours = walk.referred(person=checked())
    walk.assessed(ours, pathway="one_to_one")
    called_off_by_us(walk, ours, kind="one_to_one")
    walk.clock.advance(hours=1)
    joined = walk.deferred(person=checked())
    assert walk.status(joined) == "assessed"
    walk.clock.advance(days=60)
    assert due(walk, ours, "course").stopped is not None
