"""Places, the waiting list and offers: who gets one, in which order; nobody loses by what is not their fault."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import AlreadyPlaced, SessionFull, SessionNotOpen
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Referral
from provider.kernel.calendar import london
from provider.kernel.database import db, transaction
from provider.pathway import allocating, altering, offering, placing, running, scheduling
from provider.pathway.altering import Altered
from tests.builders import count
from tests.pathway.walking import YOUNG, Walk, checked, places, tasks, texts, told, waits

NAMES = ("Alex", "Billie", "Chris", "Dana", "Eli", "Fran")


def ready(walk: Walk, name: str = "Sam", **changes: object) -> Referral:
    """Somebody whose assessment is finished."""
    referral = walk.referred(person=checked(given_name=name, **changes))
    walk.assessed(referral)
    return referral


def child(walk: Walk, born: date, name: str = "Robin") -> Referral:
    referral = walk.referred(**YOUNG, person=checked(given_name=name, date_of_birth=born.isoformat()))
    walk.assessed(referral, course="young-people")
    return referral


def queue(walk: Walk, how_many: int, course: str = "awareness") -> list[Referral]:
    """So many people on the waiting list, in their order."""
    waiting = []
    for name in NAMES[:how_many]:
        waiting.append(ready(walk, name))
        walk.waiting(waiting[-1], course)
        walk.clock.advance(minutes=1)
    return waiting


def accept(walk: Walk, referral: Referral) -> Place:
    case_id = walk.case(referral).id
    with transaction():
        return offering.accept_offer(case_id, by=walk.worker, now=walk.now)


def refuse(walk: Walk, referral: Referral) -> None:
    case_id = walk.case(referral).id
    with transaction():
        offering.refuse_offer(case_id, by=walk.worker, now=walk.now)


def end_offer(walk: Walk, referral: Referral) -> int | None:
    waiting = waits(walk.case(referral))
    assert waiting is not None
    with transaction():
        return offering.end_offer(waiting.id, now=walk.now)


def give_back(walk: Walk, referral: Referral) -> None:
    case_id = walk.case(referral).id
    with transaction():
        allocating.give_back_place(case_id, because="asked", by=walk.worker, now=walk.now)


def call_off(walk: Walk, session_id: int) -> int:
    with transaction():
        return scheduling.call_session_off(session_id, by=walk.lead, now=walk.now)


def offered(walk: Walk, *referrals: Referral) -> list[bool]:
    """Of each, whether a place is kept for them just now."""
    found = [waits(walk.case(referral)) for referral in referrals]
    return [waiting is not None and waiting.offered_place_id is not None for waiting in found]


class TestAPlace:
    def test_tells_the_force_nothing(self, walk: Walk) -> None:
        referral = ready(walk)
        walk.placed(referral, walk.session())
        assert told(referral) == ["referral.accepted", "assessment.attended"]
        assert tasks(walk.case(referral)) == set()

    def test_is_not_given_before_the_assessment(self, walk: Walk) -> None:
        referral = walk.referred()
        with pytest.raises(placing.NotPlaceable):
            walk.placed(referral, walk.session())
        assert count("places") == 0

    def test_is_not_given_beside_a_call_in_the_diary(self, walk: Walk) -> None:
        referral = ready(walk)
        walk.booked(referral, kind="one_to_one")
        with pytest.raises(placing.NotPlaceable):
            walk.placed(referral, walk.session())
        with pytest.raises(placing.NotPlaceable):
            walk.waiting(referral)
        assert walk.status(referral) == "placed"

    def test_is_not_given_twice(self, walk: Walk) -> None:
        referral = ready(walk)
        walk.placed(referral, walk.session())
        with pytest.raises(AlreadyPlaced):
            walk.placed(referral, walk.session(days=12))
        assert count("places") == 1

    def test_in_a_full_session_is_refused_and_nothing_changes(self, walk: Walk) -> None:
        session_id = walk.session(capacity=1)
        walk.placed(ready(walk, "Alex"), session_id)
        late = ready(walk, "Billie")
        with pytest.raises(SessionFull):
            walk.placed(late, session_id)
        assert (walk.status(late), texts(walk.case(late))) == ("assessed", {})

    def test_in_a_session_that_has_begun_or_is_cancelled_is_refused(self, walk: Walk) -> None:
        referral = ready(walk)
        begun, cancelled = walk.session(days=1), walk.session(days=5)
        call_off(walk, cancelled)
        walk.clock.advance(days=1)
        for session_id in (begun, cancelled):
            with pytest.raises(SessionNotOpen):
                walk.placed(referral, session_id)

    def test_given_back_goes_to_who_waits_longest(self, walk: Walk) -> None:
        session_id = walk.session(capacity=1)
        holder = ready(walk)
        walk.placed(holder, session_id)
        first, second = queue(walk, 2)
        give_back(walk, holder)
        assert offered(walk, first, second) == [True, False]
        assert walk.status(holder) == "assessed"
        assert "place" in tasks(walk.case(holder))

    def test_that_is_only_offered_cannot_be_given_back_but_refused(self, walk: Walk) -> None:
        [referral] = queue(walk, 1)
        session_id = walk.session()
        walk.offered(session_id)
        case_id, other_id = walk.case(referral).id, walk.session(days=3)
        with pytest.raises(allocating.NothingHeld):
            give_back(walk, referral)
        with pytest.raises(allocating.NothingHeld), transaction():
            allocating.move_place(case_id, other_id, by=walk.worker, now=walk.now)
        assert (walk.status(referral), offered(walk, referral)) == ("waiting", [True])


class TestAges:
    def test_a_child_is_never_in_a_session_with_adults(self, walk: Walk) -> None:
        referral = child(walk, date(2010, 2, 3))
        with pytest.raises(placing.WrongAge):
            walk.placed(referral, walk.session())
        with pytest.raises(placing.WrongAge):
            walk.waiting(referral)
        walk.placed(referral, walk.session(course="young-people"))

    def test_an_adult_is_never_in_a_session_with_children(self, walk: Walk) -> None:
        with pytest.raises(placing.WrongAge):
            walk.placed(ready(walk), walk.session(course="young-people"))

    @pytest.mark.parametrize(("days", "course"), [(9, "young-people"), (10, "awareness"), (11, "awareness")])
    def test_the_day_of_the_session_says_which(self, walk: Walk, days: int, course: str) -> None:
        """Eighteen on the way: from the birthday on with the adults."""
        birthday = (walk.now + timedelta(days=10)).date()
        referral = child(walk, birthday.replace(year=birthday.year - 18))
        other = {"young-people": "awareness", "awareness": "young-people"}[course]
        with pytest.raises(placing.WrongAge):
            walk.placed(referral, walk.session(days=days, course=other))
        walk.placed(referral, walk.session(days=days, course=course))

    def test_an_offer_never_crosses_the_line_and_somebody_sees_who_is_passed_over(self, walk: Walk) -> None:
        birthday = (walk.now + timedelta(days=5)).date()
        older = child(walk, birthday.replace(year=birthday.year - 18))
        walk.waiting(older, "young-people")
        walk.clock.advance(minutes=1)
        younger = child(walk, date(2011, 1, 1), "Sasha")
        walk.waiting(younger, "young-people")
        walk.clock.advance(days=6)
        assert walk.offered(walk.session(days=10, course="young-people", capacity=2)) == 1
        assert offered(walk, older, younger) == [False, True]
        assert "place" in tasks(walk.case(older))

    def test_moving_does_not_either(self, walk: Walk) -> None:
        referral = ready(walk)
        session_id = walk.session()
        walk.placed(referral, session_id)
        young_id, case_id = walk.session(course="young-people"), walk.case(referral).id
        with pytest.raises(placing.WrongAge), transaction():
            allocating.move_place(case_id, young_id, by=walk.worker, now=walk.now)
        assert [place.session_id for place in places(walk.case(referral)) if not place.released_at] == [
            session_id
        ]


class TestWaiting:
    def test_keeps_its_turn_on_the_same_list_and_leaves_another(self, walk: Walk) -> None:
        [referral] = queue(walk, 1)
        joined = waits(walk.case(referral))
        assert joined is not None
        first = (joined.id, joined.joined_at)
        walk.clock.advance(days=1)
        walk.waiting(referral)
        again = waits(walk.case(referral))
        assert again is not None
        assert (again.id, again.joined_at) == first
        walk.waiting(referral, "cannabis")
        other = waits(walk.case(referral))
        assert other is not None
        assert other.course_id == walk.world.courses["cannabis"]

    def test_is_over_with_a_place(self, walk: Walk) -> None:
        [referral] = queue(walk, 1)
        walk.placed(referral, walk.session())
        assert waits(walk.case(referral)) is None


class TestAnOffer:
    def test_is_kept_for_the_scheme_s_hours_and_no_longer(self, walk: Walk) -> None:
        first, second = queue(walk, 2)
        session_id = walk.session(capacity=1)
        walk.offered(session_id)
        assert end_offer(walk, first) is None
        walk.clock.advance(hours=24)
        with pytest.raises(offering.NoOffer):
            accept(walk, first)
        assert end_offer(walk, first) == session_id
        assert end_offer(walk, first) is None
        assert walk.offered(session_id) == 1
        assert offered(walk, first, second) == [False, True]
        assert "place_offered" not in texts(walk.case(first))

    def test_ended_or_refused_is_not_made_again_for_the_same_session(self, walk: Walk) -> None:
        [first] = queue(walk, 1)
        session_id = walk.session(capacity=1)
        walk.offered(session_id)
        refuse(walk, first)
        assert walk.offered(session_id) == 0
        assert walk.offered(walk.session(days=12)) == 1
        assert walk.status(first) == "waiting"

    def test_refused_keeps_the_turn(self, walk: Walk) -> None:
        first, second = queue(walk, 2)
        walk.offered(walk.session(capacity=1))
        refuse(walk, first)
        assert offered(walk, first, second) == [False, True]
        walk.offered(walk.session(days=12, capacity=1))
        assert offered(walk, first) == [True]

    def test_accepted_is_a_place(self, walk: Walk) -> None:
        [first] = queue(walk, 1)
        session_id = walk.session()
        walk.offered(session_id)
        accept(walk, first)
        assert (walk.status(first), waits(walk.case(first))) == ("placed", None)
        assert "course_booked" in texts(walk.case(first))
        with pytest.raises(offering.NoOffer):
            accept(walk, first)

    def test_as_many_as_there_are_places_in_the_order_of_the_list(self, walk: Walk) -> None:
        waiting = queue(walk, 4)
        assert walk.offered(walk.session(capacity=3)) == 3
        assert offered(walk, *waiting) == [True, True, True, False]

    def test_made_at_night_is_open_long_enough_to_be_read(self, walk: Walk) -> None:
        """A text waits for the morning: an offer that is over by then is none."""
        [first] = queue(walk, 1)
        walk.clock.set(walk.now.replace(hour=22, minute=0))
        soon = walk.session(days=0.45)
        assert walk.offered(soon) == 0
        later = walk.session(days=1.5)
        assert walk.offered(later) == 1
        waiting = waits(walk.case(first))
        text = db.session.scalars(sa.select(Text).where(Text.kind == "place_offered")).one()
        assert waiting is not None
        assert waiting.offer_ends_at is not None
        assert london(text.due_at).hour == 8
        assert waiting.offer_ends_at - text.due_at >= timedelta(hours=1)
        assert text.expires_at <= waiting.offer_ends_at

    @pytest.mark.parametrize(("hours", "still"), [(6, True), (0.5, False)])
    def test_ends_when_booking_closes_also_where_that_is_brought_forward(
        self, walk: Walk, hours: float, still: bool
    ) -> None:
        [first] = queue(walk, 1)
        session_id = walk.session(days=2)
        walk.offered(session_id)
        row = db.session.get_one(CourseSession, session_id)
        closes_at = walk.now + timedelta(hours=hours)
        to = Altered(row.capacity, closes_at, row.join_url, row.meeting_number, row.held_at, row.dial_in)
        walk.clock.advance(minutes=1)
        with transaction():
            altering.alter_session(session_id, to, by=walk.lead, now=walk.now)
        waiting, case_id = waits(walk.case(first)), walk.case(first).id
        assert waiting is not None
        assert waiting.offer_ends_at == (closes_at if still else None)
        assert ("place_offered" in texts(walk.case(first))) is still
        walk.clock.set(closes_at)
        with pytest.raises(offering.NoOffer), transaction():
            offering.accept_offer(case_id, by=walk.worker, now=walk.now)

    def test_to_somebody_withdrawn_frees_the_place(self, walk: Walk) -> None:
        first, second = queue(walk, 2)
        session_id = walk.session(capacity=1)
        walk.offered(session_id)
        walk.withdrawn(first)
        assert walk.offered(session_id) == 1
        assert offered(walk, second) == [True]


class TestASessionCalledOff:
    def test_tells_everybody_and_uses_nobodys_chances(self, walk: Walk) -> None:
        session_id = walk.session()
        holders = [ready(walk, name) for name in NAMES[:3]]
        for holder in holders:
            walk.placed(holder, session_id)
        before = [told(holder) for holder in holders]
        walk.clock.advance(minutes=5)
        assert call_off(walk, session_id) == 3
        for holder in holders:
            case = walk.case(holder)
            assert (walk.status(holder), case.misses) == ("waiting", 0)
            assert set(texts(case)) == {"course_cancelled"}
        assert [told(holder) for holder in holders] == before

    def test_puts_them_before_who_joined_after_they_had_a_place(self, walk: Walk) -> None:
        session_id = walk.session()
        holder = ready(walk)
        walk.placed(holder, session_id)
        walk.clock.advance(hours=1)
        late = queue(walk, 2)
        call_off(walk, session_id)
        walk.offered(walk.session(days=12, capacity=1))
        assert offered(walk, holder, *late) == [True, False, False]

    def test_gives_back_the_turn_that_led_to_the_place(self, walk: Walk) -> None:
        first, second = queue(walk, 2)
        session_id = walk.session(capacity=1)
        walk.offered(session_id)
        accept(walk, first)
        walk.clock.advance(days=1)
        call_off(walk, session_id)
        walk.offered(walk.session(days=12, capacity=1))
        assert offered(walk, first, second) == [True, False]

    def test_offers_what_is_free_in_the_others_at_once(self, walk: Walk) -> None:
        session_id, other_id = walk.session(), walk.session(days=12)
        holder = ready(walk)
        walk.placed(holder, session_id)
        call_off(walk, session_id)
        assert offered(walk, holder) == [True]
        assert {place.session_id for place in places(walk.case(holder)) if place.released_at is None} == {
            other_id
        }

    def test_of_a_course_that_is_run_no_more_is_work_for_somebody(self, walk: Walk) -> None:
        """Nothing else would be offered on that list, ever."""
        session_id, holder = walk.session(), ready(walk)
        walk.placed(holder, session_id)
        with transaction():
            running.stop_course(walk.world.courses["awareness"], by=walk.lead, now=walk.now)
        call_off(walk, session_id)
        case = walk.case(holder)
        assert (walk.status(holder), waits(case), tasks(case)) == ("assessed", None, {"place"})
        assert set(texts(case)) == {"course_cancelled"}

    def test_takes_back_what_it_had_offered(self, walk: Walk) -> None:
        [first] = queue(walk, 1)
        session_id = walk.session()
        walk.offered(session_id)
        call_off(walk, session_id)
        assert (walk.status(first), offered(walk, first)) == ("waiting", [False])
        assert "place_offered" not in texts(walk.case(first))

    def test_is_called_off_once_and_before_it_begins(self, walk: Walk) -> None:
        session_id = walk.session(days=1)
        call_off(walk, session_id)
        with pytest.raises(SessionNotOpen):
            call_off(walk, session_id)
        begun = walk.session(days=1)
        walk.clock.advance(days=1)
        with pytest.raises(SessionNotOpen):
            call_off(walk, begun)
        assert db.session.get_one(CourseSession, begun, populate_existing=True).state == "open"
        assert db.session.scalars(sa.select(Task)).all() == []
