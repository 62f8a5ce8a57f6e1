"""What a force is told of somebody it sends, or asks about, rests on its own referrals alone: whatever another force
knows of the same person, or of one like them, every word is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.referrals.requests import EligibilityCheck
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.parsing import parse
from provider.pathway.checking import check_eligibility
from provider.pathway.recognising import settle_match
from tests.builders import build_world
from tests.conftest import empty
from tests.doors.police import Police
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk, checked, told

LIKE = {"given_name": "Samuel"}
LIKE_IN_DATE = {"date_of_birth": "2003-05-15"}
ELSEWHERE = {"mobile": "07700 900456", "address": {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}}


def nothing(walk: Walk) -> None:
    """Nobody."""


def open_here(walk: Walk, **person: Any) -> None:
    walk.referred(person=checked(**person))


def barred_here(walk: Walk, **person: Any) -> None:
    walk.rung(walk.referred(person=checked(**person)), AttemptOutcome.DECLINED)


def open_there(walk: Walk, **person: Any) -> None:
    walk.deferred(person=checked(**person))


def ended_there(walk: Walk, **person: Any) -> None:
    walk.rung(walk.deferred(person=checked(**person)), AttemptOutcome.DECLINED)


OWN: dict[str, Callable[[Walk], None]] = {
    "nobody": nothing,
    "the same, open": open_here,
    "the same, barred": barred_here,
    "one like them, open": lambda walk: open_here(walk, **LIKE),
    "one like them, barred": lambda walk: barred_here(walk, **LIKE),
    "one of that name": lambda walk: open_here(walk, **ELSEWHERE),
}
THEIRS: dict[str, Callable[[Walk], None]] = {
    "the same, open": open_there,
    "the same, ended": ended_there,
    "one like them": lambda walk: open_there(walk, **LIKE_IN_DATE),
}


def told_of(app: Flask, clock: MovableClock, *lived: Callable[[Walk], None]) -> list[object]:
    """What the force is told that asks about somebody and then sends them, where all that was lived before."""
    empty(app)
    clock.set(A_TUESDAY)
    world = build_world(app)
    with app.app_context():
        walk = Walk(world, clock)
        for happening in lived:
            happening(walk)
        answered = [_asked(walk, postcode) for postcode in ("B1 1AA", None)]
        referral = walk.referred(person=checked(), force_reference="20/9/26")
        events, reference = told(referral), referral.reference
        db.session.rollback()
    answer = Police(app.test_client(), world.keys["midshire"]).get(f"/referrals/{reference}").get_json()
    return [*answered, {**answer, "reference": None}, events]


def _asked(walk: Walk, postcode: str | None) -> object:
    person = {
        "given_name": "Sam",
        "family_name": "Example",
        "date_of_birth": "2003-05-14",
        "postcode": postcode,
    }
    check = parse(EligibilityCheck, {"scheme": "divert-adult", "person": person})
    with transaction():
        force_id = walk.world.forces["midshire"]
        return check_eligibility(check, force_id=force_id, by=Actor("key", 1), now=walk.now)


@pytest.mark.parametrize("own", OWN)
def test_what_another_force_knows_changes_no_word(app: Flask, clock: MovableClock, own: str) -> None:
    alone = told_of(app, clock, OWN[own])
    for their, lived in THEIRS.items():
        assert told_of(app, clock, lived, OWN[own]) == alone, their
        if lived is not ended_there:  # one call serves both: what is said in it later ends both
            assert told_of(app, clock, OWN[own], lived) == alone, their


def test_what_the_force_itself_knows_does(app: Flask, clock: MovableClock) -> None:
    """The control."""
    seen = [told_of(app, clock, lived) for lived in OWN.values()]
    assert len({str(one[:3]) for one in seen}) >= 4


@pytest.mark.parametrize("same", [True, False])
def test_a_drug_worker_says_whether_it_is_the_one_whom_the_force_knows(walk: Walk, same: bool) -> None:
    """Known for certain through the other force, and merely like one of their own: held until it is said."""
    theirs = walk.deferred(person=checked())
    own = walk.referred(person=checked(**LIKE))
    with transaction():
        settle_match(own.id, same_as=None, by=walk.worker, now=walk.now)
    sent = walk.referred(person=checked())
    assert (sent.status, told(sent)) == ("held", [])
    with transaction():
        settle_match(sent.id, same_as=own.person_id if same else None, by=walk.worker, now=walk.now)
    assert walk.status(sent) == "accepted"
    assert walk.fresh(sent).case_id == (walk.case(own) if same else walk.case(theirs)).id
