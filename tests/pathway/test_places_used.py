"""Places used of places bought: counted from what the force is told, so that no pathway can be read off them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.reporting.places import PlacesUsed, places_of_all, places_of_force, share_gone
from tests.builders import World
from tests.desk import somebody
from tests.pathway.walking import Walk, checked, set_terms

YEAR = {"from_": "2026-04-01", "until": "2027-03-31", "places": 100}


@pytest.fixture(autouse=True)
def _bought(world: World) -> None:
    with world.app.app_context():
        set_terms(world, "divert-adult", places_bought=[YEAR])
        set_terms(world, "divert-young-people", places_bought=[])


def of_force(walk: Walk) -> PlacesUsed:
    (one,) = places_of_force(walk.world.forces["midshire"], now=walk.now)
    return one


def used(walk: Walk) -> int | None:
    return of_force(walk).used


def assessed(walk: Walk, number: int, *, pathway: str = "group_course") -> Referral:
    referral = walk.referred(person=checked(**somebody(number)))
    walk.assessed(referral, pathway=pathway)
    return referral


def test_it_counts_who_completed_and_who_stopped_after_the_assessment(walk: Walk) -> None:
    done, stopped, gone = assessed(walk, 1), assessed(walk, 2), walk.referred(person=checked(**somebody(3)))
    walk.rung(gone, AttemptOutcome.DECLINED)
    assert used(walk) == 0
    session_id = walk.session(days=2)
    walk.ran(session_id, {walk.placed(done, session_id): Attendance.ATTC})
    assert used(walk) == 1
    for _ in range(2):
        session_id = walk.session(days=2)
        walk.ran(session_id, {walk.placed(stopped, session_id): Attendance.UAAB})
    assert walk.status(stopped) == "not_engaged"
    assert used(walk) == 2


@pytest.mark.parametrize("pathway", ["group_course", "one_to_one", "structured_treatment"])
def test_a_place_held_on_any_pathway_counts_nothing_until_the_force_is_told(walk: Walk, pathway: str) -> None:
    referral = assessed(walk, 1, pathway=pathway)
    if pathway == "group_course":
        walk.placed(referral, walk.session())
    else:
        walk.booked(referral, kind="one_to_one" if pathway == "one_to_one" else "treatment")
    assert used(walk) == 0


def test_a_place_counts_once_in_the_time_in_which_it_ended(walk: Walk, world: World) -> None:
    later = {"from_": "2027-04-01", "until": "2028-03-31", "places": 10}
    set_terms(world, "divert-adult", places_bought=[YEAR, later])
    referral = assessed(walk, 1)
    for closed_at, counts in (
        (datetime(2027, 3, 31, 22, 59, tzinfo=UTC), [0, 1]),
        (datetime(2027, 3, 31, 23, 0, tzinfo=UTC), [1, 0]),
    ):
        with transaction():
            found = db.session.get_one(Referral, referral.id)
            found.status, found.closed_at = "completed", closed_at
        listed = places_of_force(world.forces["midshire"], now=walk.now)
        assert [one.used for one in listed] == counts


def test_what_is_left_gone_and_where_it_leads(walk: Walk) -> None:
    referral = assessed(walk, 1)
    with transaction():
        found = db.session.get_one(Referral, referral.id)
        found.status, found.closed_at = "completed", walk.now
    one = of_force(walk)
    assert (one.bought, one.used, one.left, one.gone_percent) == (100, 1, 99, 65)
    assert (one.forecast, one.over) == (2, False)


def test_small_counts_are_hidden_with_what_would_say_them(walk: Walk) -> None:
    referral = assessed(walk, 1)
    with transaction():
        found = db.session.get_one(Referral, referral.id)
        found.status, found.closed_at = "completed", walk.now
    hidden = next(one for one in places_of_all(small_hidden=True, now=walk.now) if one.bought == 100)
    assert (hidden.used, hidden.left, hidden.forecast) == (None, None, None)
    assert (hidden.used_words, hidden.left_words) == ("Fewer than 5", "Not shown")
    shown = next(one for one in places_of_all(small_hidden=False, now=walk.now) if one.bought == 100)
    assert (shown.used, shown.left) == (1, 99)


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 3, 31), 0),
        (date(2026, 4, 1), 1 / 10),
        (date(2026, 4, 10), 1),
        (date(2026, 5, 1), 1),
    ],
)
def test_the_share_of_the_time_that_is_over(today: date, share: float) -> None:
    first = date(2026, 4, 1)
    assert share_gone(first, first + timedelta(days=9), today=today) == share
