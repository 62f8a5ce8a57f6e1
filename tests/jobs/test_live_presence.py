"""Who is in the meeting now, from what Zoom tells as it happens: duplicates, late messages and restarts included."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.live_presence import LivePresence, live_presence
from provider.domain.courses.models import CourseSession, Place
from provider.domain.meetings.models import MeetingJoin
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, reporting_in
from tests.builders import World, add_session, build_world, count
from tests.cases import add_case
from tests.desk import sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of
from tests.zoom import joins_report
from tests.zoom_tells import event, signed

STARTS = A_TUESDAY + timedelta(minutes=30)
ENDS = STARTS + timedelta(minutes=150)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    for name in ("Sam", "Alex", "Jo"):
        known = add_case(world, given_name=name)
        with world.app.app_context(), transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return session_id


def at(minutes: float) -> datetime:
    return STARTS + timedelta(minutes=minutes)


def told(app: Flask, clock: MovableClock, *events: dict[str, Any]) -> None:
    """Zoom tells these, one after the other, and a worker acts on them."""
    client = app.test_client()
    for one in events:
        assert client.post(**signed(one, at=clock.now())).status_code == 204
    run_all_once(app)


def seen(app: Flask, session_id: int, now: datetime) -> LivePresence:
    with app.app_context():
        return live_presence(session_id, now=now)


def others(found: LivePresence) -> list[tuple[str, int, bool]]:
    return [(match.name, match.minutes, match.here) for match in found.others]


def joined(minutes: float, device: str = "1", name: str = "Sam E", **more: Any) -> dict[str, Any]:
    return event("participant_joined", at=at(minutes), user_id=device, user_name=name, **more)


def left(minutes: float, device: str = "1", name: str = "Sam E", **more: Any) -> dict[str, Any]:
    return event("participant_left", at=at(minutes), user_id=device, user_name=name, **more)


def test_a_join_is_seen_at_once_and_minutes_count_while_it_lasts(
    app: Flask, clock: MovableClock, session_id: int
) -> None:
    told(app, clock, event("started", at=at(-10)), joined(-3))
    assert others(seen(app, session_id, at(-1))) == []
    assert others(seen(app, session_id, at(12))) == [("Sam E", 12, True)]
    told(app, clock, left(20))
    assert others(seen(app, session_id, at(60))) == [("Sam E", 20, False)]


def test_who_waits_to_be_let_in_is_shown_and_not_counted(
    app: Flask, clock: MovableClock, session_id: int
) -> None:
    told(app, clock, event("participant_joined_waiting_room", at=at(0), user_id="7", user_name="Jo E"))
    (waiting,) = seen(app, session_id, at(9)).others
    assert (waiting.minutes, waiting.here, waiting.waits) == (0, False, True)
    told(
        app,
        clock,
        event("participant_admitted", at=at(9), user_id="7", user_name="Jo E"),
        joined(9, "8", "Jo E"),
    )
    assert others(seen(app, session_id, at(20))) == [("Jo E", 11, True)]


def test_messages_told_twice_late_and_in_any_order_come_to_the_same(
    app: Flask, clock: MovableClock, session_id: int
) -> None:
    messages = [
        event("started", at=at(-5)),
        joined(0),
        left(30),
        joined(40, "2"),
        event("ended", at=at(60)),
        event("started", at=at(65), run="B"),
        joined(66, "1", run="B"),
        left(120, "1", run="B"),
        event("ended", at=at(121), run="B"),
    ]
    random = Random(5)
    for _ in range(3):
        shuffled = [*messages, *random.sample(messages, 4)]
        random.shuffle(shuffled)
        with app.app_context(), transaction() as session:
            for table in ("meeting_joins", "meeting_runs", "callbacks"):
                session.connection().execute(sa.text(f"DELETE FROM {table}"))
        told(app, clock, *shuffled)
        # 0–30, 40–60 (the first run ended), 66–120 of the second.
        assert others(seen(app, session_id, at(149))) == [("Sam E", 30 + 20 + 54, False)]


def test_a_name_alone_is_shown_and_credited_to_nobody_until_a_named_person_says_so(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, joined(0), joined(0, "2", "Jo & Pat"))
    found = seen(app, session_id, at(10))
    assert dict(found.places) == {}
    assert {match.name: match.certainty for match in found.others} == {
        "Sam E": "possible",
        "Jo & Pat": "unmatched",
    }
    sam = next(match for match in found.others if match.name == "Sam E")
    with app.app_context(), transaction():
        reporting_in.settle_participant(
            session_id,
            sam.join_ids,
            sam.place_id,
            by=Actor("account", world.accounts["facilitator"]),
            now=at(10),
        )
    found = seen(app, session_id, at(25))
    assert {place: (live.minutes, live.here) for place, live in found.places.items()} == {
        sam.place_id: (25, True)
    }
    assert [match.name for match in found.others] == ["Jo & Pat"]


def test_what_was_settled_while_it_ran_stays_settled_when_the_file_tells_it_again(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, joined(0), left(140))
    by = Actor("account", world.accounts["facilitator"])
    with app.app_context(), transaction():
        (sam,) = live_presence(session_id, now=at(140)).others
        reporting_in.settle_participant(session_id, sam.join_ids, sam.place_id, by=by, now=at(140))
    with app.app_context(), transaction():
        reporting_in.import_report(session_id, joins_report(("Sam E", "", STARTS, 140)), by=by, now=ENDS)
    found = seen(app, session_id, ENDS)
    assert found.others == ()
    assert [(live.minutes, live.here) for live in found.places.values()] == [(140, False)]


def test_what_is_told_of_a_meeting_is_about_the_session_that_is_near(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    """One number serves every session of a team that has one room."""
    earlier = add_session(world, course="awareness", starts_at=STARTS - timedelta(hours=5))
    told(app, clock, joined(3), joined(-290, "2", "Early Bird"), joined(3, "9", "Elsewhere", number="55"))
    assert [name for name, _, _ in others(seen(app, session_id, at(9)))] == ["Sam E"]
    assert [name for name, _, _ in others(seen(app, earlier, at(-200)))] == ["Early Bird"]


def test_a_called_off_session_hears_nothing(app: Flask, clock: MovableClock, session_id: int) -> None:
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).state = "cancelled"
    told(app, clock, joined(3))
    with app.app_context():
        assert count("meeting_joins") == 0


def test_who_works_here_is_not_among_those_to_settle(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, joined(0, email=world.emails["facilitator"].upper()), joined(0, "2", "Jo E"))
    assert [match.name for match in seen(app, session_id, at(9)).others] == ["Jo E"]


def test_a_message_is_acted_on_once_and_a_job_that_is_repeated_adds_nothing(
    app: Flask, clock: MovableClock, session_id: int
) -> None:
    told(app, clock, joined(0), joined(0), {**joined(0), "event_ts": 1})
    run_all_once(app)
    with app.app_context():
        assert db.session.scalars(sa.select(MeetingJoin.source)).all() == ["webhook"]


def test_the_register_points_to_nothing_while_the_session_runs(
    app: Flask, clock: MovableClock, world: World, session_id: int, client: FlaskClient
) -> None:
    told(app, clock, joined(0))
    clock.set(at(20))
    sign_in(client, world, "facilitator")
    assert "Zoom points to" not in client.get(f"/sessions/{session_id}/register").text


def test_joins_appear_on_a_register_that_is_open(
    app: Flask, clock: MovableClock, world: World, session_id: int, client: FlaskClient
) -> None:
    """In the part that is fetched while it lasts: who is nobody's yet, and who is there once somebody said so."""
    clock.set(at(0))
    sign_in(client, world, "facilitator")
    part = f"/sessions/{session_id}/register/live"
    told(app, clock, joined(0), joined(1, "2", "A tablet"), joined(1, "3", "+44 7700 900123"))
    clock.set(at(12))
    before = client.get(part).text
    assert "Sam E, A tablet, A telephone, its number ending 123" in before
    assert "7700" not in before
    assert 'data-there="yes"' not in before
    with app.app_context(), transaction():
        sam = next(match for match in live_presence(session_id, now=at(12)).others if match.name == "Sam E")
        place_id = db.session.scalars(sa.select(Place.id).order_by(Place.number)).first()
        by = Actor("account", world.accounts["facilitator"])
        reporting_in.settle_participant(session_id, sam.join_ids, place_id, by=by, now=at(12))
    now = client.get(part).text
    assert now.count('data-there="yes"') == 1
    assert "In the meeting</span>, 12 minutes so far" in now
    told(app, clock, left(12))
    assert "Was in the meeting for 12 minutes, not there now" in client.get(part).text


def test_it_asks_as_often_for_many_as_for_one(app: Flask, clock: MovableClock, session_id: int) -> None:
    told(app, clock, joined(0))
    with app.app_context(), queries_of(app) as one:
        live_presence(session_id, now=at(5))
    told(app, clock, *(joined(n, str(n), f"Person {n}") for n in range(1, 30)))
    with app.app_context(), queries_of(app) as many:
        live_presence(session_id, now=at(50))
    assert len(one) == len(many)
