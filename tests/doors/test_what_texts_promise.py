"""What a text says can be done behind its link can be done there: every kind that carries one, where it is sent.

Answers to replies go out wherever somebody stands; behind them is the way to be rung, which is on every page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging.kinds import KINDS, TO_REPLIES
from provider.domain.messaging.languages import shipped
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import booking, keeping, scheduling
from tests.builders import World, build_world
from tests.doors.test_choosing_a_time import behind, link_to, off, referred
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, texts

MOVE = 'href="/p/move"'
BOOK = 'href="/p/book"'
GIVE_BACK = 'href="/p/cannot-come"'
RING_ME = 'action="/p/call-me"'
NOT_ME = 'action="/p/not-me"'
OFFER = 'action="/p/offer"'
JOIN = 'action="/p/join"'
ON_THE_LIST = "You are on the list"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def to_ring(_walk: Walk, _referral: Referral) -> None: ...


def call(walk: Walk, referral: Referral) -> None:
    walk.booked(referral, nth=60)


def call_moved(walk: Walk, referral: Referral) -> None:
    old = walk.booked(referral, nth=60)
    with transaction():
        later = old.starts_at + timedelta(days=1)
        booking.give_another(old.id, starts_at=later, by=walk.worker, now=walk.now)


def an_hour_before(walk: Walk, referral: Referral) -> None:
    booked = booked_appointment(walk.case(referral).id)
    assert booked is not None
    walk.clock.set(booked.starts_at - timedelta(minutes=55))


def call_soon(walk: Walk, referral: Referral) -> None:
    call(walk, referral)
    an_hour_before(walk, referral)


def call_off(walk: Walk, referral: Referral) -> None:
    off(walk, referral)


def call_missed(walk: Walk, referral: Referral) -> None:
    walk.booked(referral)
    walk.missed(referral)


def not_rung(walk: Walk, referral: Referral, *, instead: bool = False) -> None:
    """We did not ring as agreed."""
    booked = booked_appointment(walk.case(referral).id)
    assert booked is not None
    walk.clock.set(booked.starts_at + timedelta(hours=1))
    later = booked.starts_at + timedelta(days=1) if instead else None
    with transaction():
        keeping.record_ours(booked.id, instead=later, by=walk.worker, now=walk.now)


def call_not_made(walk: Walk, referral: Referral) -> None:
    call(walk, referral)
    not_rung(walk, referral)


def call_not_made_moved(walk: Walk, referral: Referral) -> None:
    call(walk, referral)
    not_rung(walk, referral, instead=True)


def one_to_one_not_made(walk: Walk, referral: Referral) -> None:
    one_to_one(walk, referral)
    not_rung(walk, referral)


def one_to_one_not_made_moved(walk: Walk, referral: Referral) -> None:
    one_to_one(walk, referral)
    not_rung(walk, referral, instead=True)


def then(pathway: str, happens: Callable[[Walk, Referral], None]) -> Callable[[Walk, Referral], None]:
    """The same after the assessment, of an appointment of this pathway."""

    def lived(walk: Walk, referral: Referral) -> None:
        walk.assessed(referral, pathway=pathway)
        happens(walk, referral)

    return lived


def one_to_one(walk: Walk, referral: Referral) -> None:
    walk.booked(referral, kind="one_to_one", nth=60)


def one_to_one_moved(walk: Walk, referral: Referral) -> None:
    old = walk.booked(referral, kind="one_to_one", nth=60)
    with transaction():
        later = old.starts_at + timedelta(days=1)
        booking.give_another(old.id, starts_at=later, by=walk.worker, now=walk.now)


def one_to_one_soon(walk: Walk, referral: Referral) -> None:
    one_to_one(walk, referral)
    an_hour_before(walk, referral)


def one_to_one_off(walk: Walk, referral: Referral) -> None:
    off(walk, referral, kind="one_to_one")


def one_to_one_missed(walk: Walk, referral: Referral) -> None:
    walk.booked(referral, kind="one_to_one")
    walk.missed(referral)


def put(walk: Walk, referral: Referral, *, held_at: str | None = None) -> int:
    walk.assessed(referral)
    session_id = walk.session()
    with transaction():
        db.session.get_one(CourseSession, session_id).held_at = held_at
    walk.placed(referral, session_id)
    return session_id


def placed(walk: Walk, referral: Referral) -> None:
    put(walk, referral)


def placed_in_a_room(walk: Walk, referral: Referral) -> None:
    put(walk, referral, held_at="5 High Street")


def near(walk: Walk, referral: Referral) -> None:
    session_id = put(walk, referral)
    walk.clock.set(db.session.get_one(CourseSession, session_id).starts_at - timedelta(minutes=50))


def session_off(walk: Walk, referral: Referral) -> None:
    session_id = put(walk, referral)
    with transaction():
        scheduling.call_session_off(session_id, by=walk.lead, now=walk.now)


def session_missed(walk: Walk, referral: Referral) -> None:
    session_id = put(walk, referral)
    marked_as(walk, referral, session_id, Attendance.UAAB)


def session_not_kept(walk: Walk, referral: Referral) -> None:
    session_id = put(walk, referral)
    marked_as(walk, referral, session_id, Attendance.AAME)


def marked_as(walk: Walk, referral: Referral, session_id: int, code: Attendance) -> None:
    place_id = db.session.scalars(
        sa.text("SELECT id FROM places WHERE session_id = :one"), {"one": session_id}
    ).one()
    walk.ran(session_id, {place_id: code})


def waiting(walk: Walk, referral: Referral) -> None:
    walk.assessed(referral)
    walk.waiting(referral)


def offered(walk: Walk, referral: Referral) -> None:
    waiting(walk, referral)
    walk.offered(walk.session())


def offered_again(walk: Walk, referral: Referral) -> None:
    session_missed(walk, referral)
    walk.offered(walk.session())


Lived = Callable[[Walk, Referral], None]
SAYS: dict[str, tuple[Lived, tuple[str, ...]]] = {
    "first_contact_soon": (to_ring, (NOT_ME, RING_ME)),
    "first_contact_again": (to_ring, (NOT_ME, RING_ME)),
    "contact_letter_hint": (to_ring, (RING_ME,)),
    "assessment_booked": (call, (MOVE,)),
    "assessment_moved": (call_moved, (MOVE,)),
    **{f"assessment_reminder_{days}d": (call, (MOVE,)) for days in (7, 3, 1)},
    "assessment_reminder_1h": (call_soon, (RING_ME, "Need another time? Ring")),
    "assessment_cancelled": (call_off, (BOOK,)),
    "assessment_sorry": (call_not_made, (BOOK,)),
    "assessment_sorry_moved": (call_not_made_moved, (MOVE,)),
    "missed_assessment": (call_missed, (BOOK, RING_ME)),
    "one_to_one_booked": (then("one_to_one", one_to_one), (MOVE,)),
    "one_to_one_moved": (then("one_to_one", one_to_one_moved), (MOVE,)),
    **{f"one_to_one_reminder_{days}d": (then("one_to_one", one_to_one), (MOVE,)) for days in (7, 3, 1)},
    "one_to_one_reminder_1h": (then("one_to_one", one_to_one_soon), (RING_ME, "Need another time? Ring")),
    "one_to_one_cancelled": (then("one_to_one", one_to_one_off), (BOOK,)),
    "one_to_one_sorry": (then("one_to_one", one_to_one_not_made), (BOOK,)),
    "one_to_one_sorry_moved": (then("one_to_one", one_to_one_not_made_moved), (MOVE,)),
    "missed_one_to_one": (then("one_to_one", one_to_one_missed), (BOOK, RING_ME)),
    "course_booked": (placed, (GIVE_BACK,)),
    "course_moved": (placed, (GIVE_BACK,)),
    **{f"course_reminder_{days}d": (placed, (GIVE_BACK,)) for days in (7, 3, 1)},
    "course_reminder_1h": (near, (JOIN,)),
    "room_booked": (placed_in_a_room, (GIVE_BACK,)),
    "room_moved": (placed_in_a_room, (GIVE_BACK,)),
    **{
        f"room_reminder_{days}": (placed_in_a_room, (GIVE_BACK, RING_ME)) for days in ("7d", "3d", "1d", "1h")
    },
    **dict.fromkeys(("course_cancelled", "room_cancelled"), (session_off, (ON_THE_LIST, RING_ME))),
    "missed_course": (session_missed, (ON_THE_LIST, RING_ME)),
    "course_another": (session_not_kept, (ON_THE_LIST, RING_ME)),
    "waiting_list_joined": (waiting, (ON_THE_LIST, RING_ME)),
    "place_offered": (offered, (OFFER,)),
    "place_offered_again": (offered_again, (OFFER,)),
    **dict.fromkeys(TO_REPLIES, (call, (RING_ME, MOVE))),
    "something_new": (call, (MOVE, RING_ME)),
}
"""How somebody comes to get a text, and what has to be behind its link then."""

ELSEWHERE = {
    "survey": "tests/doors/test_survey.py",
    "place_at_short_notice": "tests/doors/test_participant.py",
}
"""What is behind these is looked at there."""


def test_every_kind_of_text_with_a_link_is_looked_at() -> None:
    linked = {kind for kind in KINDS if "{link}" in (shipped(kind, "en") or "")}
    assert linked == SAYS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("kind", SAYS)
def test_behind_the_link_is_what_the_text_says(walk: Walk, client: FlaskClient, kind: str) -> None:
    lived, there = SAYS[kind]
    with walk.world.app.app_context():
        referral = referred(walk)
        lived(walk, referral)
        path = link_to(walk, referral)
    page = behind(client, path)
    for one in there:
        assert one in page, kind


PLANNED_BY_WHAT_HAPPENED = (
    *("assessment_booked", "assessment_moved", "assessment_cancelled", "missed_assessment"),
    *("one_to_one_booked", "one_to_one_moved", "one_to_one_cancelled", "missed_one_to_one"),
    *("assessment_sorry", "assessment_sorry_moved", "one_to_one_sorry", "one_to_one_sorry_moved"),
    *("course_booked", "course_cancelled", "missed_course", "course_another"),
    *("waiting_list_joined", "place_offered", "place_offered_again"),
)


@pytest.mark.parametrize("kind", PLANNED_BY_WHAT_HAPPENED)
def test_the_text_is_sent_where_it_is_looked_at(walk: Walk, kind: str) -> None:
    """The control: what is looked at is where somebody stands who gets this text."""
    with walk.world.app.app_context():
        referral = referred(walk)
        SAYS[kind][0](walk, referral)
        assert kind in texts(walk.case(referral))
