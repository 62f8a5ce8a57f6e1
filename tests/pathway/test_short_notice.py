"""A place that comes free within two hours of its session goes to the first of those who could come at short notice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.text_facts import text_now
from provider.domain.courses.models import CourseSession, Waiting
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import allocating, calling_up, hearing, offering, shifting, short_notice
from provider.pathway.short_notice import PlaceGone
from tests.pathway.walking import Walk, audited, checked, numbers, texts, waits

NAMES = ("Alex", "Billie", "Chris", "Dana", "Eli", "Fran", "Gray")


@pytest.fixture
def session_id(walk: Walk) -> int:
    """A session with one place, which is held."""
    session_id = walk.session(days=10, capacity=1)
    holder = walk.referred(person=checked())
    walk.assessed(holder)
    walk.placed(holder, session_id)
    return session_id


def queue(walk: Walk, how_many: int) -> list[Referral]:
    """So many who wait and said that they could come at short notice."""
    able = []
    for number, name in enumerate(NAMES[:how_many]):
        referral = walk.referred(person=checked(given_name=name, mobile=f"07700 900{number + 500}"))
        walk.assessed(referral)
        walk.waiting(referral)
        case_id = walk.case(referral).id
        with transaction():
            short_notice.can_come(case_id, by=walk.worker, now=walk.now)
        able.append(referral)
        walk.clock.advance(minutes=1)
    return able


def freed(walk: Walk, session_id: int, *, minutes: int = 90) -> None:
    """The holder gives the place back so many minutes before the session."""
    session = db.session.get_one(CourseSession, session_id)
    walk.clock.set(session.starts_at - timedelta(minutes=minutes))
    [case_id] = db.session.scalars(sa.text("SELECT case_id FROM places WHERE released_at IS NULL")).all()
    with transaction():
        allocating.give_back_place(case_id, because="asked", by=walk.worker, now=walk.now)


def told(walk: Walk, *able: Referral) -> list[bool]:
    return ["place_at_short_notice" in texts(walk.case(referral)) for referral in able]


def come(walk: Walk, referral: Referral) -> None:
    case_id = walk.case(referral).id
    with transaction():
        short_notice.come(case_id, by=walk.worker, now=walk.now)


def test_all_who_could_come_are_told_at_once_and_nothing_is_kept_for_anybody(
    walk: Walk, session_id: int
) -> None:
    able = queue(walk, 3)
    freed(walk, session_id)
    assert told(walk, *able) == [True, True, True]
    assert {texts(walk.case(one))["place_at_short_notice"] for one in able} == {walk.now}
    assert all(waits(walk.case(one)).offered_place_id is None for one in able)  # type: ignore[union-attr]


def test_the_first_to_say_yes_has_it_and_the_next_keep_their_turn(walk: Walk, session_id: int) -> None:
    first, second = queue(walk, 2)
    freed(walk, session_id)
    come(walk, second)
    with pytest.raises(PlaceGone):
        come(walk, first)
    assert (walk.status(second), walk.status(first)) == ("placed", "waiting")
    assert "course_booked" in texts(walk.case(second))


def test_who_did_not_say_so_or_no_longer_is_not_told(walk: Walk, session_id: int) -> None:
    first, second, third = queue(walk, 3)
    with transaction():
        short_notice.can_come_no_longer(walk.case(first).id, by=walk.worker, now=walk.now)
        db.session.execute(
            sa.update(Waiting)
            .where(Waiting.case_id == walk.case(second).id)
            .values(short_notice_until=walk.now + timedelta(days=1))
        )
    freed(walk, session_id)
    assert told(walk, first, second, third) == [False, False, True]
    assert "turn.short_notice" in audited(subject="case", subject_id=walk.case(third).id)


def test_a_few_are_told_in_their_turn_and_each_once(walk: Walk, session_id: int) -> None:
    able = queue(walk, 7)
    freed(walk, session_id)
    for _ in range(3):
        walk.offered(session_id)
    assert told(walk, *able) == [True] * calling_up.A_FEW + [False] * 2
    sent = sa.select(sa.func.count()).where(Text.kind == "place_at_short_notice")
    assert db.session.scalars(sent).one() == calling_up.A_FEW


@pytest.mark.parametrize(("minutes", "is_told"), [(150, False), (119, True), (15, True), (14, False)])
def test_it_is_told_within_two_hours_and_while_there_is_time_to_come(
    walk: Walk, session_id: int, minutes: int, is_told: bool
) -> None:
    """Earlier it is offered in turn and kept for a while."""
    [sam] = queue(walk, 1)
    freed(walk, session_id, minutes=minutes)
    assert told(walk, sam) == [is_told]


def test_it_is_told_at_any_hour_of_the_night(walk: Walk) -> None:
    """What begins within two hours may be: the session is at nine."""
    session_id = walk.session(days=10)
    with transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.starts_at = session.starts_at.replace(hour=9, minute=0)
    [sam] = queue(walk, 1)
    walk.clock.set(session.starts_at - timedelta(minutes=100))
    walk.offered(session_id)
    assert texts(walk.case(sam))["place_at_short_notice"] == walk.now


def test_one_whose_booking_has_closed_is_nobodys(walk: Walk, session_id: int) -> None:
    [sam] = queue(walk, 1)
    with transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.closes_at = session.starts_at - timedelta(hours=2)
    freed(walk, session_id)
    assert told(walk, sam) == [False]


def test_who_gave_it_up_is_not_told(walk: Walk, session_id: int) -> None:
    freed(walk, session_id)
    [case_id] = db.session.scalars(sa.text("SELECT case_id FROM places")).all()
    with transaction():
        allocating.wait_for_place(case_id, walk.world.courses["awareness"], by=walk.worker, now=walk.now)
        short_notice.can_come(case_id, by=walk.worker, now=walk.now)
        offering.offer_free_places(session_id, by=walk.worker, now=walk.now)
    kinds = sa.select(Text.kind).where(Text.case_id == case_id, Text.state == "planned")
    assert "place_at_short_notice" not in db.session.scalars(kinds).all()


def test_the_text_says_nothing_any_more_once_the_place_has_gone(walk: Walk, session_id: int) -> None:
    first, second = queue(walk, 2)
    freed(walk, session_id)
    kind = Text.kind == "place_at_short_notice"
    text = db.session.scalars(sa.select(Text).where(kind, Text.case_id == walk.case(second).id)).one()
    now = text_now(text, now=walk.now)
    assert (now.gone, now.soon) == (None, True)
    come(walk, first)
    assert text_now(text, now=walk.now).gone == "offer_over"


@pytest.mark.parametrize("said", ["1", "2"])
def test_a_reply_takes_it_or_lets_it_go(walk: Walk, session_id: int, said: str) -> None:
    [sam] = queue(walk, 1)
    freed(walk, session_id)
    _sent_and_answered(walk, sam, said)
    assert walk.status(sam) == ("placed" if said == "1" else "waiting")


def test_a_reply_that_comes_second_is_told_that_it_has_gone(walk: Walk, session_id: int) -> None:
    first, second = queue(walk, 2)
    freed(walk, session_id)
    _sent_and_answered(walk, first, "1")
    _sent_and_answered(walk, second, "1")
    assert (walk.status(first), walk.status(second)) == ("placed", "waiting")
    assert "reply_place_gone" in texts(walk.case(second))


def _sent_and_answered(walk: Walk, referral: Referral, said: str) -> None:
    [number] = numbers(walk.fresh(referral).person_id)
    with transaction():
        sent = {"state": "sent", "sent_at": walk.now, "to_number_id": number.id}
        of_case = Text.case_id == walk.case(referral).id
        db.session.execute(sa.update(Text).where(of_case, Text.kind == "place_at_short_notice").values(sent))
    walk.clock.advance(minutes=1)
    with transaction():
        hearing.reply(f"SM{referral.id}", from_e164=number.e164 or "", body=said, opt_out=None, now=walk.now)


@pytest.mark.parametrize("seen_before", [True, False])
def test_yes_to_today_takes_no_place_on_another_day(walk: Walk, session_id: int, seen_before: bool) -> None:
    """Also where the answer was being read while the session was moved."""
    [sam] = queue(walk, 1)
    freed(walk, session_id)
    with transaction():
        shifting.move_session(session_id, starts_at=walk.now + timedelta(days=20), by=walk.lead, now=walk.now)
    waiting = waits(walk.case(sam))
    assert waiting is not None
    assert (waiting.asked_session_id, told(walk, sam)) == (None, [False])
    with transaction():
        waiting.asked_session_id = session_id if seen_before else None
    with pytest.raises(PlaceGone):
        come(walk, sam)
    assert walk.status(sam) == "waiting"


def test_put_off_by_a_little_they_are_told_of_the_new_time(walk: Walk, session_id: int) -> None:
    [sam] = queue(walk, 1)
    freed(walk, session_id, minutes=60)
    with transaction():
        starts_at = walk.now + timedelta(minutes=90)
        shifting.move_session(session_id, starts_at=starts_at, by=walk.lead, now=walk.now)
    assert told(walk, sam) == [True]
    come(walk, sam)
    assert walk.status(sam) == "placed"
