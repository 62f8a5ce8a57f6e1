"""A place given back by its holder: they are in line for another, it goes to the next, within the scheme's limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.caseload.in_line import in_line_of
from provider.domain.courses.models import CourseSession
from provider.domain.referrals.models import Referral
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import allocating, giving_back, offering, short_notice
from provider.pathway.allocating import NothingHeld
from provider.pathway.giving_back import GivenBackTooOften, TooLateToGiveBack
from tests.pathway.test_allocating import call_off
from tests.pathway.walking import (
    YOUNG,
    Walk,
    audited,
    checked,
    places,
    set_terms,
    tasks,
    texts,
    told,
    waits,
)


def ready(walk: Walk, name: str = "Sam", number: int = 500) -> Referral:
    referral = walk.referred(person=checked(given_name=name, mobile=f"07700 900{number}"))
    walk.assessed(referral)
    return referral


def gives_back(walk: Walk, referral: Referral) -> None:
    case = walk.case(referral)
    with transaction():
        giving_back.cannot_come(case.id, by=Actor("participant", case.person_id), now=walk.now)


def kept_for(walk: Walk, referral: Referral) -> int | None:
    """The session in which a place is kept for them by an offer."""
    offered = [place for place in places(walk.case(referral)) if place.released_at is None]
    return offered[0].session_id if offered and walk.status(referral) == "waiting" else None


def test_they_are_in_line_for_another_and_a_text_says_so(walk: Walk) -> None:
    sam = ready(walk)
    place_id = walk.placed(sam, walk.session())
    gives_back(walk, sam)
    case = walk.case(sam)
    assert (walk.status(sam), case.misses, tasks(case)) == ("waiting", 0, set())
    assert set(texts(case)) == {"course_another"}
    assert told(sam) == ["referral.accepted", "assessment.attended"]
    assert "place.given_back" in audited(subject="place", subject_id=place_id)
    line = in_line_of(case.id)
    assert line is not None
    assert (line.because, line.offered_at) == ("Given back", None)


def test_the_place_goes_to_the_next_and_never_to_them_again(walk: Walk) -> None:
    sam, alex = ready(walk), ready(walk, "Alex", 501)
    session_id = walk.session(capacity=1)
    walk.placed(sam, session_id)
    walk.waiting(alex)
    gives_back(walk, sam)
    assert (kept_for(walk, sam), kept_for(walk, alex)) == (None, session_id)
    with transaction():
        offering.refuse_offer(walk.case(alex).id, by=walk.worker, now=walk.now)
    walk.offered(session_id)
    assert kept_for(walk, sam) is None


def test_another_that_is_free_is_kept_for_them_at_once(walk: Walk) -> None:
    sam = ready(walk)
    first, second = walk.session(), walk.session(days=14)
    walk.placed(sam, first)
    gives_back(walk, sam)
    assert kept_for(walk, sam) == second
    assert set(texts(walk.case(sam))) == {"place_offered_again"}


def test_they_have_the_turn_that_led_to_the_place(walk: Walk) -> None:
    sam, alex = ready(walk), ready(walk, "Alex", 501)
    session_id = walk.session()
    walk.placed(sam, session_id)
    since = walk.now
    walk.clock.advance(days=1)
    gives_back(walk, sam)
    walk.waiting(alex)
    waiting = waits(walk.case(sam))
    assert waiting is not None
    assert waiting.joined_at == since


def test_within_two_hours_it_goes_to_who_could_come_at_short_notice(walk: Walk) -> None:
    sam, alex = ready(walk), ready(walk, "Alex", 501)
    session_id = walk.session(capacity=1)
    walk.placed(sam, session_id)
    walk.waiting(alex)
    with transaction():
        short_notice.can_come(walk.case(alex).id, by=walk.worker, now=walk.now)
    walk.clock.set(db.session.get_one(CourseSession, session_id).starts_at - timedelta(minutes=90))
    gives_back(walk, sam)
    assert "place_at_short_notice" in texts(walk.case(alex))
    assert "place_at_short_notice" not in texts(walk.case(sam))


def refused(walk: Walk, referral: Referral) -> type[Refusal]:
    """Why it is refused; their place stands."""
    before = [place.released_at for place in places(walk.case(referral))]
    with pytest.raises(Refusal) as refusal:
        gives_back(walk, referral)
    assert [place.released_at for place in places(walk.case(referral))] == before
    return refusal.type


@pytest.mark.parametrize(("minutes", "closes_before"), [(0, None), (-30, None), (90, 120)])
def test_once_the_session_has_closed_or_begun_it_is_too_late(
    walk: Walk, minutes: int, closes_before: int | None
) -> None:
    sam = ready(walk)
    session_id = walk.session()
    walk.placed(sam, session_id)
    with transaction():
        session = db.session.get_one(CourseSession, session_id)
        if closes_before is not None:
            session.closes_at = session.starts_at - timedelta(minutes=closes_before)
    walk.clock.set(session.starts_at - timedelta(minutes=minutes))
    assert refused(walk, sam) is TooLateToGiveBack
    assert walk.status(sam) == "placed"


def test_what_the_desk_gave_back_for_them_counts_too(walk: Walk) -> None:
    set_terms(walk.world, "divert-adult", moves_allowed=1)
    sam = ready(walk)
    walk.placed(sam, walk.session())
    with transaction():
        allocating.give_back_place(walk.case(sam).id, because="asked", by=walk.worker, now=walk.now)
    walk.placed(sam, walk.session(days=12))
    assert refused(walk, sam) is GivenBackTooOften


def test_what_we_took_away_does_not_count(walk: Walk) -> None:
    set_terms(walk.world, "divert-adult", moves_allowed=1)
    sam = ready(walk)
    session_id = walk.session()
    walk.placed(sam, session_id)
    call_off(walk, session_id)
    walk.placed(sam, walk.session(days=12))
    gives_back(walk, sam)
    assert walk.status(sam) == "waiting"


def test_what_is_only_offered_or_gone_is_not_given_back(walk: Walk) -> None:
    sam = ready(walk)
    walk.waiting(sam)
    walk.offered(walk.session())
    assert refused(walk, sam) is NothingHeld


def test_pressed_twice_it_is_given_back_once(walk: Walk) -> None:
    sam = ready(walk)
    walk.placed(sam, walk.session())
    gives_back(walk, sam)
    assert refused(walk, sam) is NothingHeld
    assert len(places(walk.case(sam))) == 1


def test_who_has_come_of_age_since_is_placed_by_a_person(walk: Walk) -> None:
    """The young people's course is not theirs any more."""
    born = (walk.now + timedelta(days=5)).date()
    sam = walk.referred(**YOUNG, person=checked(date_of_birth=born.replace(year=born.year - 18).isoformat()))
    walk.assessed(sam, course="young-people")
    walk.placed(sam, walk.session(days=4, course="young-people"))
    with transaction():
        session = db.session.get_one(CourseSession, places(walk.case(sam))[0].session_id)
        session.starts_at += timedelta(days=5)
    walk.clock.advance(days=6)
    gives_back(walk, sam)
    assert walk.status(sam) == "assessed"
    assert "place" in tasks(walk.case(sam))
