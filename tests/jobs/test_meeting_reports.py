"""Zoom's report after a session: asked for until it is there, every run of it, and each stay counted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.meeting_matches import Meeting as Seen
from provider.caseload.meeting_matches import meeting_of
from provider.domain.courses.models import CourseSession, Place
from provider.domain.meetings import zoom_calls
from provider.domain.meetings.models import MeetingJoin, MeetingReport, Registrant
from provider.domain.meetings.zoom import Zoom
from provider.jobs.collecting import collect_reports
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.kernel.lines import Patience
from provider.pathway import allocating, reporting_in
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY, MovableClock
from tests.jobs.test_live_presence import told
from tests.stand_ins.zoom import ACCOUNT, CLIENT, SECRET, ZoomStandIn, was_there
from tests.zoom import joins_report
from tests.zoom_tells import NUMBER, event

STARTS = A_TUESDAY + timedelta(minutes=30)
ENDS = STARTS + timedelta(minutes=150)
LINKS = ("link-sam", "link-alex", "link-jo")


def at(minutes: float) -> datetime:
    return STARTS + timedelta(minutes=minutes)


@pytest.fixture
def there(app: Flask, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoomStandIn]:
    monkeypatch.setattr(zoom_calls, "PATIENCE", Patience(connect=1, read=0.3, total=0.6))
    with ZoomStandIn(clock=clock.now) as stand_in:
        zoom = Zoom(account_id=ACCOUNT, client_id=CLIENT, client_secret=SECRET, base_url=stand_in.url)
        monkeypatch.setitem(app.extensions, "meeting_gateway", zoom)
        yield stand_in


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    """Three people in a session, each with a link of their own in its meeting."""
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    for name, link in zip(("Sam", "Alex", "Jo"), LINKS, strict=True):
        known = add_case(world, given_name=name)
        with world.app.app_context(), transaction():
            place = allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
            place_id = db.session.scalars(sa.select(sa.func.max(Place.id))).one()
            del place
            row = Registrant(place_id=place_id, meeting_number=NUMBER, registrant=link, sealed_link="sealed")
            db.session.add(row)
    return session_id


def collect(app: Flask, clock: MovableClock, when: datetime) -> None:
    clock.set(when)
    with app.app_context():
        collect_reports(Shift(app))


def seen(app: Flask, session_id: int) -> Seen:
    with app.app_context():
        return meeting_of(db.session.get_one(CourseSession, session_id))


def minutes(app: Flask, session_id: int) -> list[int]:
    return list(dict(sorted(seen(app, session_id).minutes_by_place.items())).values())


def report_row(app: Flask) -> MeetingReport:
    with app.app_context():
        return db.session.scalars(sa.select(MeetingReport)).one()


def test_who_came_by_their_own_link_counts_and_nobody_else_does(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    there.held(
        NUMBER,
        "/run//A==",
        at(-10),
        was_there("iPhone", at(-5), at(140), registrant_id=LINKS[0]),
        was_there("Alex B", at(0), at(150), user_id="2"),
        was_there("Waits", at(0), at(20), user_id="3", registrant_id=LINKS[2], status="in_waiting_room"),
    )
    collect(app, clock, ENDS + timedelta(minutes=6))
    found = seen(app, session_id)
    assert sorted(found.minutes_by_place.values()) == [0, 140]
    assert {match.name: match.certainty for match in found.matches}["iPhone"] == "certain"
    assert [match.name for match in found.matches if not match.own_link] == ["Alex B"]


def test_every_run_of_a_meeting_that_was_restarted_counts(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    there.per_page = 1
    there.held(NUMBER, "A", at(0), was_there("Sam E", at(0), at(50), registrant_id=LINKS[0]))
    there.held(
        NUMBER,
        "B",
        at(60),
        was_there("Sam E", at(60), at(150), registrant_id=LINKS[0]),
        was_there("Jo E", at(60), at(150), user_id="2", registrant_id=LINKS[2]),
    )
    collect(app, clock, ENDS + timedelta(minutes=6))
    assert minutes(app, session_id) == [140, 90]


def test_what_zoom_told_while_it_ran_what_it_reports_and_what_its_file_says_count_once(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    sam: dict[str, Any] = {"user_id": "1", "user_name": "Sam E", "registrant_id": LINKS[0]}
    told(
        app,
        clock,
        event("participant_joined", at=at(0), run="A", **sam),
        event("participant_left", at=at(60), run="A", **sam),
        # That they came back was never told: the report knows.
    )
    there.held(
        NUMBER,
        "A",
        at(0),
        was_there("Sam E", at(0), at(60), registrant_id=LINKS[0]),
        was_there("Sam E", at(70), at(150), user_id="9", registrant_id=LINKS[0]),
    )
    collect(app, clock, ENDS + timedelta(minutes=6))
    by = Actor("account", world.accounts["facilitator"])
    with app.app_context(), transaction():
        file = joins_report(("Sam E", "", at(0), 60), ("Sam E", "", at(70), 80))
        reporting_in.import_report(session_id, file, by=by, now=clock.now())
    found = seen(app, session_id)
    assert list(found.minutes_by_place.values()) == [140]
    (match,) = found.matches
    assert (match.minutes, match.at_once) == (140, False)
    with app.app_context():
        sources = db.session.scalars(sa.select(MeetingJoin.source).order_by(MeetingJoin.id)).all()
    assert sources == ["webhook"] * 2 + ["report"] * 2 + ["file"] * 2


def test_it_is_asked_for_until_it_is_there_and_once_more_after_an_hour(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    collect(app, clock, ENDS + timedelta(minutes=2))
    assert there.asked["GET instances"] == 0
    collect(app, clock, ENDS + timedelta(minutes=6))
    assert there.asked["GET instances"] == 1
    there.held(NUMBER, "A", at(0), was_there("Sam E", at(0), at(100), registrant_id=LINKS[0]))
    collect(app, clock, ENDS + timedelta(minutes=20))
    assert minutes(app, session_id) == [100]
    there.reports["A"].append(was_there("Jo E", at(0), at(150), user_id="2", registrant_id=LINKS[2]))
    collect(app, clock, ENDS + timedelta(minutes=40))
    assert there.asked["GET participants"] == 1
    collect(app, clock, ENDS + timedelta(minutes=61))
    assert minutes(app, session_id) == [100, 150]
    collect(app, clock, ENDS + timedelta(minutes=200))
    assert there.asked["GET participants"] == 2
    assert report_row(app).done_at is not None


@pytest.mark.parametrize("fault", ["429", "500", "401", "reset", "hang"])
def test_a_report_that_is_not_given_is_asked_for_again(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock, fault: str
) -> None:
    there.held(NUMBER, "A", at(0), was_there("Sam E", at(0), at(150), registrant_id=LINKS[0]))
    there.report_faults.extend(["", fault] if fault != "401" else [fault])
    when = ENDS + timedelta(minutes=6)
    for _ in range(4):
        collect(app, clock, when)
        when += timedelta(minutes=15)
    assert minutes(app, session_id) == [150]
    assert report_row(app).trouble is None


def test_a_meeting_that_was_never_held_is_not_asked_about_for_ever(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    when = ENDS + timedelta(minutes=6)
    for _ in range(30):
        collect(app, clock, when)
        when += timedelta(hours=1)
    assert there.asked["GET instances"] < 20
    assert report_row(app).trouble == "never_held"


def test_of_a_number_that_serves_several_sessions_each_gets_its_own_runs(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    earlier = add_session(world, course="awareness", starts_at=STARTS - timedelta(hours=6))
    there.held(NUMBER, "A", at(0), was_there("Sam E", at(0), at(150), registrant_id=LINKS[0]))
    there.held(NUMBER, "B", at(-360), was_there("Early Bird", at(-360), at(-220)))
    collect(app, clock, ENDS + timedelta(minutes=6))
    assert [match.name for match in seen(app, session_id).matches] == ["Sam E"]
    assert [match.name for match in seen(app, earlier).matches] == ["Early Bird"]


def test_a_session_without_a_meetings_number_is_asked_nothing_about(
    app: Flask, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).meeting_number = ""
    collect(app, clock, ENDS + timedelta(minutes=6))
    assert there.asked["GET instances"] == 0
