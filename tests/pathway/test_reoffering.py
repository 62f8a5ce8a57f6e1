"""Who missed a session, or could not keep it: in line for the next at once, offered what is free, until the chances are
used up.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.course_supply import course_supply
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering
from tests.pathway.walking import YOUNG, Walk, checked, places, set_terms, tasks, texts, told, waits

NOT_KEPT = [code for code in Attendance if not code.counts_as_completed]
UAAB, LEFT, AAME = Attendance.UAAB, Attendance.LEFT, Attendance.AAME


def ready(walk: Walk, name: str = "Sam") -> Referral:
    referral = walk.referred(person=checked(given_name=name))
    walk.assessed(referral)
    return referral


def not_kept(walk: Walk, referral: Referral, code: Attendance = UAAB) -> int:
    """A session they have a place in takes place, and is marked so; answers the place."""
    session_id = walk.session(days=2)
    place_id = walk.placed(referral, session_id)
    walk.ran(session_id, {place_id: code})
    return place_id


def offer_of(walk: Walk, referral: Referral) -> int | None:
    """The session in which a place is kept for them, if there is one."""
    waiting = waits(walk.case(referral))
    if waiting is None or waiting.offered_place_id is None:
        return None
    return db.session.get_one(Place, waiting.offered_place_id).session_id


@pytest.mark.parametrize("code", NOT_KEPT)
def test_the_next_session_is_kept_for_them_at_once_and_one_text_names_it(
    walk: Walk, code: Attendance
) -> None:
    sam = ready(walk)
    next_id = walk.session(days=9)
    walk.session(days=20)
    not_kept(walk, sam, code)
    assert offer_of(walk, sam) == next_id
    assert set(texts(walk.case(sam))) == {"place_offered_again"}
    assert walk.case(sam).misses == (1 if code.missed else 0)
    assert told(sam) == ["referral.accepted", "assessment.attended"]


def test_a_full_session_or_one_for_another_course_is_not_the_next(walk: Walk) -> None:
    sam, other = ready(walk), ready(walk, "Alex")
    walk.placed(other, walk.session(days=6, capacity=1))
    walk.session(days=7, course="cannabis")
    next_id = walk.session(days=8)
    not_kept(walk, sam)
    assert offer_of(walk, sam) == next_id


def test_one_that_does_not_take_places_any_more_is_not_the_next(walk: Walk) -> None:
    sam = ready(walk)
    closed, next_id = walk.session(days=4), walk.session(days=9)
    with transaction():
        db.session.get_one(CourseSession, closed).closes_at = walk.now + timedelta(days=1)
    not_kept(walk, sam)
    assert offer_of(walk, sam) == next_id


def test_one_they_gave_a_place_up_in_is_not_the_next(walk: Walk) -> None:
    sam = ready(walk)
    gave_up, next_id = walk.session(days=5), walk.session(days=9)
    walk.placed(sam, gave_up)
    case_id = walk.case(sam).id
    with transaction():
        allocating.give_back_place(case_id, because="asked", by=walk.worker, now=walk.now)
    not_kept(walk, sam)
    assert offer_of(walk, sam) == next_id


def test_who_has_come_of_age_since_is_placed_by_a_person(walk: Walk) -> None:
    """The young people's course is not theirs any more."""
    birthday = (walk.now + timedelta(days=3)).date()
    born = birthday.replace(year=birthday.year - 18)
    sam = walk.referred(**YOUNG, person=checked(date_of_birth=born.isoformat()))
    walk.assessed(sam, course="young-people")
    session_id = walk.session(days=2, course="young-people")
    place_id = walk.placed(sam, session_id)
    walk.clock.advance(days=4)
    walk.session(days=9, course="young-people")
    walk.ran(session_id, {place_id: AAME})
    assert (walk.status(sam), offer_of(walk, sam)) == ("assessed", None)
    assert "place" in tasks(walk.case(sam))


def test_without_a_session_they_are_on_the_list_and_the_course_s_lack_is_seen(walk: Walk) -> None:
    sam = ready(walk)
    not_kept(walk, sam)
    assert (walk.status(sam), set(texts(walk.case(sam)))) == ("waiting", {"missed_course"})
    line = course_supply(now=walk.now)[0]
    assert (line.waiting, line.sessions, line.short) == (1, 0, True)


def test_a_session_put_on_later_is_offered_with_the_words_that_were_not_said_yet(walk: Walk) -> None:
    sam = ready(walk)
    not_kept(walk, sam)
    assert walk.offered(walk.session(days=9)) == 1
    assert set(texts(walk.case(sam))) == {"place_offered_again"}


def test_once_they_were_told_that_another_follows_the_offer_is_like_any_other(walk: Walk) -> None:
    sam = ready(walk)
    not_kept(walk, sam)
    with transaction():
        db.session.execute(sa.update(Text).where(Text.kind == "missed_course").values(state="sent"))
    assert walk.offered(walk.session(days=9)) == 1
    assert set(texts(walk.case(sam))) == {"place_offered"}


@pytest.mark.parametrize(("code", "first"), [(UAAB, False), (AAME, True)])
def test_who_missed_it_comes_after_who_waits_and_who_could_not_help_it_before(
    walk: Walk, code: Attendance, first: bool
) -> None:
    """The turn that led to the place is not lost by what was nobody's fault."""
    sam, alex = ready(walk), ready(walk, "Alex")
    session_id = walk.session(days=2)
    place_id = walk.placed(sam, session_id)
    walk.clock.advance(hours=1)
    walk.waiting(alex)
    walk.ran(session_id, {place_id: code})
    next_id = walk.session(days=9, capacity=1)
    walk.offered(next_id)
    assert offer_of(walk, sam) == (next_id if first else None)
    assert offer_of(walk, alex) == (None if first else next_id)


@pytest.mark.parametrize(("marked", "code", "first"), [(UAAB, AAME, True), (AAME, UAAB, False)])
def test_a_correction_puts_them_in_line_where_the_right_mark_would_have(
    walk: Walk, marked: Attendance, code: Attendance, first: bool
) -> None:
    sam, alex = ready(walk), ready(walk, "Alex")
    session_id = walk.session(days=2)
    place_id = walk.placed(sam, session_id)
    walk.clock.advance(hours=1)
    walk.waiting(alex)
    walk.ran(session_id, {place_id: marked})
    walk.corrected(place_id, code)
    next_id = walk.session(days=9, capacity=1)
    walk.offered(next_id)
    assert offer_of(walk, sam) == (next_id if first else None)
    assert offer_of(walk, alex) == (None if first else next_id)


def test_the_time_to_answer_begins_when_the_scheme_lets_the_text_go_out(walk: Walk) -> None:
    set_terms(walk.world, "divert-adult", missed_text_hours=3)
    sam = ready(walk)
    walk.session(days=9)
    not_kept(walk, sam)
    waiting, due = waits(walk.case(sam)), texts(walk.case(sam))["place_offered_again"]
    assert waiting is not None
    assert due >= walk.now + timedelta(hours=3)
    assert waiting.offer_ends_at == due + timedelta(hours=24)


def test_one_that_is_over_before_they_would_hear_of_it_is_offered_to_the_next(walk: Walk) -> None:
    """Who heard nothing has let nothing pass: once they were told that another follows, this one is theirs too."""
    set_terms(walk.world, "divert-adult", missed_text_hours=48)
    sam = ready(walk)
    first = walk.session(days=2)
    place_id = walk.placed(sam, first)
    soon, later = walk.session(days=3), walk.session(days=9)
    walk.ran(first, {place_id: UAAB})
    assert offer_of(walk, sam) == later
    text, waiting = texts(walk.case(sam)), waits(walk.case(sam))
    assert waiting is not None
    assert waiting.offer_ends_at is not None
    assert text["place_offered_again"] <= waiting.offer_ends_at - timedelta(hours=1)
    assert soon not in {place.session_id for place in places(walk.case(sam))}


def test_no_thanks_keeps_the_turn_and_the_next_is_offered(walk: Walk) -> None:
    sam = ready(walk)
    first, second = walk.session(days=9), walk.session(days=12)
    not_kept(walk, sam)
    assert offer_of(walk, sam) == first
    case_id = walk.case(sam).id
    with transaction():
        offering.refuse_offer(case_id, by=walk.worker, now=walk.now)
    assert walk.offered(first) == 0
    assert walk.offered(second) == 1
    assert offer_of(walk, sam) == second


def test_accepting_ends_the_work_of_finding_another(walk: Walk) -> None:
    sam = ready(walk)
    walk.session(days=9)
    not_kept(walk, sam)
    assert tasks(walk.case(sam)) == {"rebook"}
    case_id = walk.case(sam).id
    with transaction():
        offering.accept_offer(case_id, by=walk.worker, now=walk.now)
    assert (walk.status(sam), tasks(walk.case(sam))) == ("placed", set())


def test_after_the_last_chance_it_ends_and_nothing_is_kept(walk: Walk) -> None:
    sam = ready(walk)
    for _ in range(2):
        not_kept(walk, sam, LEFT)
    case = walk.case(sam)
    assert (walk.status(sam), case.closed_at is not None) == ("not_engaged", True)
    walk.session(days=9)
    assert (waits(case), texts(case)) == (None, {})
    assert all(place.released_at is not None or place.attendance for place in places(case))


def test_acceptable_absences_are_offered_again_however_often(walk: Walk) -> None:
    sam = ready(walk)
    for _ in range(5):
        not_kept(walk, sam, AAME)
    assert (walk.case(sam).misses, walk.status(sam)) == (0, "waiting")


def test_nobody_is_in_line_while_it_is_not_known_how_they_are_reached(walk: Walk) -> None:
    sam = ready(walk)
    walk.session(days=9)
    session_id = walk.session(days=2)
    place_id = walk.placed(sam, session_id)
    walk.rung(sam, AttemptOutcome.NUMBER_NOT_IN_USE)
    walk.ran(session_id, {place_id: UAAB})
    assert (walk.status(sam), offer_of(walk, sam)) == ("assessed", None)
    assert {"place", "number_suspect", "rebook"} <= tasks(walk.case(sam))


def test_a_correction_that_opens_the_case_again_offers_the_next_too(walk: Walk) -> None:
    sam = ready(walk)
    not_kept(walk, sam)
    last = not_kept(walk, sam)
    next_id = walk.session(days=9)
    assert walk.status(sam) == "not_engaged"
    walk.corrected(last, AAME)
    assert (walk.status(sam), offer_of(walk, sam)) == ("waiting", next_id)


def test_corrected_to_came_gives_back_the_next(walk: Walk) -> None:
    sam = ready(walk)
    walk.session(days=9)
    place_id = not_kept(walk, sam)
    walk.corrected(place_id, Attendance.ATTC)
    assert (walk.status(sam), waits(walk.case(sam))) == ("completed", None)
    assert all(place.released_at is not None or place.attendance for place in places(walk.case(sam)))
