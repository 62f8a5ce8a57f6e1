"""Zoom has what should be there, once each: whatever happens to a session, to a place, and to a call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import Course, CourseSession, Place, SessionFacilitator
from provider.domain.meetings import zoom_calls
from provider.domain.meetings.gateways import PlainLink
from provider.domain.meetings.models import Meeting, Registrant
from provider.domain.meetings.zoom import Zoom
from provider.jobs.inviting import keep_meetings
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.kernel.lines import Patience
from provider.pathway import allocating, altering, scheduling
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock
from tests.stand_ins.zoom import ACCOUNT, CLIENT, PASSCODE, SECRET, ZoomStandIn

STARTS = A_TUESDAY + timedelta(days=2)
LEAD = Actor("account", 1)


@pytest.fixture
def there(app: Flask, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoomStandIn]:
    monkeypatch.setattr(zoom_calls, "PATIENCE", Patience(connect=1, read=0.3, total=0.6))
    with ZoomStandIn(clock=clock.now, users={"facilitator@provider.example"}) as stand_in:
        zoom = Zoom(account_id=ACCOUNT, client_id=CLIENT, client_secret=SECRET, base_url=stand_in.url)
        monkeypatch.setitem(app.extensions, "meeting_gateway", zoom)
        yield stand_in


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    return zoom_session(world)


def zoom_session(world: World) -> int:
    """A session for which nobody typed a link."""
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    with world.app.app_context(), transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.join_url, session.meeting_number = "", None
    return session_id


def place(world: World, session_id: int, **who: object) -> Known:
    known = add_case(world, **who)  # type: ignore[arg-type]
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return known


def keep(app: Flask) -> None:
    with app.app_context():
        keep_meetings(Shift(app))


def keep_until_settled(app: Flask, clock: MovableClock) -> None:
    """As workers do for a quarter of an hour."""
    for _ in range(30):
        keep(app)
        clock.advance(seconds=30)


def test_a_session_gets_a_meeting_and_everybody_in_it_a_link_of_their_own(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    place(world, session_id, given_name="Sam", family_name="Example")
    place(world, session_id, given_name="Alex", family_name="Brown")
    keep(app)
    (meeting,) = there.standing
    assert meeting.body["topic"] == "Looking forward"
    people = there.people()
    assert {(one["first_name"], one["last_name"]) for one in people} == {("Sam", "E"), ("Alex", "B")}
    assert len({one["join_url"] for one in people}) == 2
    with app.app_context():
        aliases = db.session.scalars(sa.select(Place.alias).order_by(Place.id)).all()
        sealed = db.session.scalars(sa.select(Registrant.sealed_link)).all()
        box = app.extensions["secret_box"]
        assert {box.open(link or "") for link in sealed} == {one["join_url"] for one in people}
    assert {one["email"] for one in people} == {f"{alias}@example.com" for alias in aliases}
    keep(app)
    assert (len(there.meetings), len(there.people())) == (1, 2)


def test_whose_name_cannot_be_shown_is_a_guest(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    for who in (
        {"given_name": "Sam", "restricted": True},
        {"given_name": "Cannabis"},
        {"given_name": "<b>x"},
        {"given_name": "Jo", "family_name": "-"},
        {"given_name": "Zoë", "family_name": "Élan"},
    ):
        place(world, session_id, **who)
    keep(app)
    shown = sorted((one["first_name"], one["last_name"]) for one in there.people())
    assert shown == [("Guest", "A"), ("Guest", "B"), ("Guest", "C"), ("Jo", "D"), ("Zoë", "É")]


def test_a_topic_that_says_too_much_is_not_said(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.update(Course).values(neutral_name="Cannabis awareness"))
    keep(app)
    assert there.standing[0].body["topic"] == app.extensions["settings"].service_name


def test_a_session_with_a_link_that_was_typed_or_in_a_room_gets_none(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    add_session(world, course="awareness", starts_at=STARTS + timedelta(days=1))
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).held_at = "1 Example Street"
    keep(app)
    assert there.meetings == []


def test_without_zoom_nothing_is_asked_and_nothing_noted(
    app: Flask, world: World, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "meeting_gateway", PlainLink())
    place(world, session_id)
    keep(app)
    with app.app_context():
        assert (count("meetings"), count("registrants")) == (0, 0)


def test_a_session_that_moves_takes_its_meeting_with_it(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    keep(app)
    with app.app_context(), transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.starts_at, session.minutes = STARTS + timedelta(hours=3), 90
    keep(app)
    (meeting,) = there.standing
    assert (meeting.body["start_time"], meeting.body["duration"]) == ("2026-11-26T12:30:00Z", 90)


def test_a_session_that_is_called_off_has_no_meeting_any_more(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    keep(app)
    with app.app_context(), transaction():
        scheduling.cancel_session(session_id, by=LEAD, now=A_TUESDAY)
    keep(app)
    assert there.standing == []
    keep(app)
    assert there.asked["DELETE meetings"] == 1


def test_a_link_that_somebody_types_takes_the_place_of_the_meeting_and_back(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    place(world, session_id)
    keep(app)
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = "https://meet.example/j/1"
    keep(app)
    assert there.standing == []
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = ""
    keep(app)
    (meeting,) = there.standing
    assert len(there.people(meeting.number)) == 1


def test_a_meeting_is_not_taken_away_once_its_session_has_begun(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    keep(app)
    clock.set(STARTS + timedelta(minutes=1))
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = "https://meet.example/j/1"
    keep(app)
    assert len(there.standing) == 1


def test_a_place_that_is_given_back_has_no_link_any_more_and_the_next_holder_has_another(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    known = place(world, session_id)
    keep(app)
    before = there.people()
    with app.app_context(), transaction():
        allocating.give_back_place(known.case_id, because="asked", by=LEAD, now=A_TUESDAY)
    keep(app)
    assert there.people() == []
    with app.app_context():
        assert db.session.scalars(sa.select(Registrant.sealed_link)).all() == [None]
    place(world, session_id, given_name="Alex")
    keep(app)
    assert [one["first_name"] for one in there.people()] == ["Alex"]
    assert there.people()[0]["join_url"] != before[0]["join_url"]


def test_a_meeting_that_somebody_removed_at_zoom_is_made_anew_with_everybodys_links(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    place(world, session_id)
    keep(app)
    there.meetings[0].removed = True
    place(world, session_id, given_name="Alex")
    keep(app)
    (meeting,) = there.standing
    assert {one["first_name"] for one in there.people(meeting.number)} == {"Sam", "Alex"}


def test_whoever_runs_the_session_holds_its_meeting_where_zoom_knows_them(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    keep(app)
    assert [one.host for one in there.standing] == [world.emails["facilitator"]]


def test_else_our_applications_own_user_does(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    there.users.clear()
    keep(app)
    assert [one.host for one in there.standing] == ["me"]


def run_by(app: Flask, session_id: int, account_id: int) -> None:
    """Somebody else covers for whoever runs it."""
    with app.app_context(), transaction():
        lead = db.session.scalars(sa.select(SessionFacilitator.account_id)).one()
        altering.take_off(
            session_id, lead, cover_id=account_id, because="Ill", by=LEAD, now=A_TUESDAY + timedelta(hours=1)
        )


def hosts(app: Flask) -> tuple[str, str | None]:
    with app.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        return meeting.host, meeting.hosts


def test_whoever_covers_may_start_the_meeting_that_is_there(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    place(world, session_id)
    keep(app)
    there.users.add(world.emails["team_lead"])
    run_by(app, session_id, world.accounts["team_lead"])
    keep(app)
    (meeting,) = there.standing
    assert meeting.body["settings"]["alternative_hosts"] == world.emails["team_lead"]
    assert hosts(app) == (world.emails["facilitator"], world.emails["team_lead"])
    assert len(there.people()) == 1
    keep(app)
    assert there.asked["PATCH meetings"] == 1


def test_where_zoom_does_not_know_who_covers_the_meeting_goes_on_without_them(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    keep(app)
    run_by(app, session_id, world.accounts["team_lead"])
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).starts_at = STARTS + timedelta(hours=3)
    keep_until_settled(app, clock)
    (meeting,) = there.standing
    assert meeting.body["start_time"] == "2026-11-26T12:30:00Z"
    assert hosts(app) == (world.emails["facilitator"], "")
    assert there.asked["PATCH meetings"] == 2


def test_everybody_who_runs_a_session_may_start_its_meeting_from_the_first(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    there.users.add(world.emails["team_lead"])
    with app.app_context(), transaction():
        altering.put_to(session_id, world.accounts["team_lead"], by=LEAD, now=A_TUESDAY)
    keep(app)
    assert there.standing[0].body["settings"]["alternative_hosts"] == world.emails["team_lead"]
    assert there.asked["PATCH meetings"] == 0


def test_somebody_who_takes_over_once_it_has_begun_may_start_it(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    keep(app)
    there.users.add(world.emails["team_lead"])
    clock.set(STARTS + timedelta(minutes=5))
    run_by(app, session_id, world.accounts["team_lead"])
    keep(app)
    assert hosts(app)[1] == world.emails["team_lead"]


def dial_in(app: Flask, session_id: int) -> str | None:
    with app.app_context():
        return db.session.get_one(CourseSession, session_id).dial_in


def test_how_it_is_joined_by_telephone_is_said_of_the_session(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    keep(app)
    number = there.standing[0].number
    assert dial_in(app, session_id) == f"0800 456 1369, {number}#, {PASSCODE}#"


def test_what_somebody_typed_for_joining_by_telephone_stays(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).dial_in = "0121 496 0101"
    keep(app)
    there.meetings[0].removed = True
    place(world, session_id)
    keep(app)
    assert len(there.meetings) == 2
    assert dial_in(app, session_id) == "0121 496 0101"


def test_another_meeting_is_joined_by_its_own_number_and_a_typed_link_by_none(
    app: Flask, world: World, there: ZoomStandIn, session_id: int
) -> None:
    keep(app)
    there.meetings[0].removed = True
    place(world, session_id)
    keep(app)
    assert dial_in(app, session_id) == f"0800 456 1369, {there.standing[0].number}#, {PASSCODE}#"
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = "https://meet.example/j/1"
    keep(app)
    assert dial_in(app, session_id) is None


def test_one_that_was_asked_for_and_then_found_is_joined_by_telephone_too(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    there.faults.append("reset after")
    keep_until_settled(app, clock)
    assert dial_in(app, session_id) == f"0800 456 1369, {there.standing[0].number}#, {PASSCODE}#"


@pytest.mark.parametrize("lag", [0, 30])
@pytest.mark.parametrize(
    "fault", ["400", "429", "401", "500", "500 after", "reset", "reset after", "hang after", "garbage after"]
)
@pytest.mark.parametrize("at", ["meeting", "link"])
def test_whatever_becomes_of_a_call_there_is_one_meeting_and_one_link(
    app: Flask,
    world: World,
    there: ZoomStandIn,
    session_id: int,
    clock: MovableClock,
    fault: str,
    at: str,
    lag: int,
) -> None:
    there.lag = timedelta(seconds=lag)
    if at == "link":
        keep(app)
    place(world, session_id)
    there.faults.extend([fault, fault])
    keep_until_settled(app, clock)
    assert len(there.faults) < 2
    assert (len(there.standing), len(there.people())) == (1, 1)
    assert len(there.meetings) == 1
    with app.app_context():
        assert db.session.scalars(sa.select(Meeting.trouble)).all() == [None]
        assert db.session.scalars(sa.select(Registrant.trouble)).all() == [None]


def test_when_zoom_asks_for_patience_nobody_asks_before_then(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    for _ in range(6):
        zoom_session(world)
    there.faults.extend(["429"] * 4)
    there.retry_after = "120"
    keep(app)
    assert sum(there.asked[name] for name in there.asked if name.startswith("POST")) == 4
    there.faults.clear()
    clock.advance(seconds=100)
    keep(app)
    assert there.meetings == []
    clock.advance(seconds=30)
    keep(app)
    assert len(there.meetings) == 7


def test_what_is_wrong_is_kept_and_tried_ever_later(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    there.faults.extend(["400"] * 50)
    keep_until_settled(app, clock)
    with app.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        assert (meeting.trouble, meeting.number) == ("refused", None)
    assert there.asked["POST users"] < 10


def test_a_session_called_off_while_nobody_knows_of_its_meeting_leaves_none_behind(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    there.faults.append("reset after")
    keep(app)
    assert len(there.standing) == 1
    with app.app_context(), transaction():
        scheduling.cancel_session(session_id, by=LEAD, now=clock.now())
    keep_until_settled(app, clock)
    assert there.standing == []


def test_a_place_given_back_while_nobody_knows_of_its_link_leaves_none_behind(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    known = place(world, session_id)
    there.faults.extend(["", "reset after"])
    keep(app)
    assert len(there.people()) == 1
    with app.app_context(), transaction():
        allocating.give_back_place(known.case_id, because="asked", by=LEAD, now=clock.now())
    keep_until_settled(app, clock)
    assert there.people() == []


def test_a_past_session_is_asked_nothing_about(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, clock: MovableClock
) -> None:
    clock.set(STARTS + timedelta(hours=4))
    keep(app)
    assert there.meetings == []


def test_no_name_no_address_and_no_link_is_logged(
    app: Flask, world: World, there: ZoomStandIn, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    place(world, session_id)
    there.faults.extend(["", "400"])
    keep(app)
    assert "refused" in caplog.text
    assert not any(
        word in caplog.text for word in ("Sam", "example.com", "zoom.example", there.meetings[0].number)
    )
