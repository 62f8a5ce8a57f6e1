"""What the link in a text promises: inert to look at, opened by a button, personal only to who knows the birthday."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import ROOT
from provider.domain.messaging.links import new_link
from provider.domain.messaging.models import ParticipantSession, TextLink
from provider.domain.messaging.outbox import plan_text
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, closing, contacting, offering, short_notice
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.texting import add_to_ring, book, change_number

DRUG_WORDS = re.compile(
    r"\b(drug|cannabis|cocaine|substance|offen[cs]e|police|officer|divert|diversion|referr|scheme|crime|force)",
    re.IGNORECASE,
)
UNKNOWN = "/p/abcdefghijklmnopqrstuvwx"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def path_of(known: Known, world: World) -> str:
    """The path of a new link of theirs, as a text would carry it."""
    with world.app.app_context(), transaction():
        number_id = db.session.scalars(
            sa.select(PhoneNumber.id).where(PhoneNumber.person_id == known.person_id)
        ).one()
        token = new_link(known.case_id, number_id=number_id, text_id=None, now=A_TUESDAY)
    return f"/p/{token}"


def opened(client: FlaskClient, path: str) -> TestResponse:
    """The page after the button was pressed."""
    return client.post(path, follow_redirects=True)


def answered(client: FlaskClient, day: str = "14", month: str = "5") -> TestResponse:
    return client.post("/p/birth", data={"day": day, "month": month}, follow_redirects=True)


def proved(client: FlaskClient, path: str) -> TestResponse:
    opened(client, path)
    return answered(client)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    return known


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing_sets_no_cookie_and_shows_nothing_personal(
    world: World, client: FlaskClient, known: Known, method: str
) -> None:
    path = path_of(known, world)
    answer = client.open(path, method=method)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert not re.search("Sam|Example|December|9:30|Midshire|0121", answer.text)
    assert path.rpartition("/")[2] not in answer.text
    with world.app.app_context():
        assert count("participant_sessions") == 0
        assert count("audit_entries", action="link.opened") == 0


def test_every_answer_is_kept_nowhere_passed_on_to_nobody_and_listed_by_nobody(
    world: World, client: FlaskClient, known: Known
) -> None:
    path = path_of(known, world)
    for answer in (
        client.get(path),
        client.get(UNKNOWN),
        client.get("/p/"),
        client.get("/p/a/b/c"),
        client.post(path),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_dead_a_locked_and_an_unknown_link_are_one_and_the_same(
    world: World, client: FlaskClient, known: Known
) -> None:
    unknown = client.get(UNKNOWN)
    assert unknown.status_code == 404
    for column in ("dead_at", "locked_at"):
        path = path_of(known, world)
        with world.app.app_context(), transaction():
            db.session.execute(sa.update(TextLink).values({column: A_TUESDAY}))
        gone = client.get(path)
        assert (gone.status_code, gone.data, list(gone.headers)) == (404, unknown.data, list(unknown.headers))
        assert client.post(path).data == client.post(UNKNOWN).data
        assert client.head(path).status_code == 404


def test_the_birthday_is_asked_and_then_the_call_is_shown(
    world: World, client: FlaskClient, known: Known
) -> None:
    page = opened(client, path_of(known, world))
    assert 'name="day"' in page.text
    assert 'name="month"' in page.text
    assert "Sam" not in page.text
    page = answered(client)
    assert "Hello Sam" in page.text
    assert "Wednesday 2 December 2026" in page.text
    assert "9:30am" in page.text
    assert "45 minutes" in page.text
    assert "0121 496 0100" in page.text


@pytest.mark.parametrize("month", ["5", "05", "May", "may"])
def test_a_month_may_be_typed_as_people_do(
    world: World, client: FlaskClient, known: Known, month: str
) -> None:
    opened(client, path_of(known, world))
    assert "Hello Sam" in answered(client, "14", month).text


def test_the_cookie_is_for_these_pages_alone(world: World, client: FlaskClient, known: Known) -> None:
    cookie = client.post(path_of(known, world)).headers["Set-Cookie"]
    for part in ("participant=", "HttpOnly", "SameSite=Lax", "Path=/p", "Max-Age=1800"):
        assert part in cookie


def test_nothing_is_typed_and_nothing_is_counted(world: World, client: FlaskClient, known: Known) -> None:
    opened(client, path_of(known, world))
    page = answered(client, "", "")
    assert "Enter the day you were born" in page.text
    with world.app.app_context():
        assert db.session.scalars(sa.select(TextLink.wrong_answers)).one() == 0


def test_five_wrong_answers_lock_it_and_make_work(world: World, client: FlaskClient, known: Known) -> None:
    path = path_of(known, world)
    opened(client, path)
    pages = [answered(client, "1", str(month)) for month in (1, 2, 3, 4)]
    said = {re.sub(r'value="[^"]*"', "", page.text) for page in pages}
    assert len(said) == 1
    assert "That is not what we have" in said.pop()
    last = answered(client, "nonsense", "13")
    assert "link no longer works" in last.text
    assert answered(client).status_code == 403
    assert client.get(path).status_code == 404
    with world.app.app_context():
        assert count("tasks", kind="link_locked", case_id=known.case_id) == 1
        assert count("audit_entries", action="link.locked") == 1


def test_the_other_links_on_the_same_phone_are_locked_too(
    world: World, client: FlaskClient, known: Known
) -> None:
    other = path_of(known, world)
    opened(client, path_of(known, world))
    for month in range(1, 7):
        answered(client, "1", str(month) if month != 5 else "12")
    assert client.get(other).status_code == 404


def test_a_right_answer_starts_the_count_anew(world: World, client: FlaskClient, known: Known) -> None:
    path = path_of(known, world)
    for _ in range(3):
        opened(client, path)
        for month in (1, 2, 3):
            answered(client, "1", str(month))
        assert "Hello Sam" in answered(client).text


def test_after_half_an_hour_it_is_asked_again(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    proved(client, path_of(known, world))
    clock.advance(minutes=31)
    assert client.get("/p/").status_code == 403


def test_finishing_leaves_nothing_open(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    cookie = client.get_cookie("participant", path="/p")
    assert cookie is not None
    client.post("/p/finish")
    client.set_cookie("participant", cookie.value, path="/p")
    assert client.get("/p/").status_code == 403


def test_another_time_is_chosen_and_the_diary_and_the_texts_follow(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    proved(client, path_of(known, world))
    page = client.get("/p/move?day=2026-12-03")
    choices = re.findall(r'name="starts_at" type="radio" value="([^"]+)"', page.text)
    assert "2026-12-03T14:00:00+00:00" in choices
    page = client.post(
        "/p/move", data={"starts_at": "2026-12-03T14:00:00+00:00", "day": "2026-12-03"}, follow_redirects=True
    )
    assert "Thursday 3 December 2026" in page.text
    run_all_once(world.app)
    assert phones.arrived[-1].body.startswith(
        "Hi Sam, your call from Waymark Midshire is now on Thursday 3 December at 2pm"
    )
    with world.app.app_context():
        moved = db.session.execute(
            sa.text("SELECT booked_by FROM appointments WHERE state = 'booked'")
        ).scalar_one()
        assert moved == f"participant:{known.person_id}"


@pytest.mark.parametrize(
    "starts_at",
    [
        *("", "nonsense", "2026-12-03T03:00:00+00:00", "2020-01-01T10:00:00+00:00", "2026-12-03T14:00:00"),
        *("2026-12-09T10:00:00+00:00", "2028-11-22T10:00:00+00:00"),
        *("9999-12-31T23:30:00+00:00", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_time_that_is_not_open_is_refused_and_the_old_one_stands(
    world: World, client: FlaskClient, known: Known, starts_at: str
) -> None:
    proved(client, path_of(known, world))
    page = client.post("/p/move", data={"starts_at": starts_at}, follow_redirects=True)
    assert page.status_code == 200
    assert "There is a problem" in page.text
    assert "Wednesday 2 December 2026 at 9:30am" in page.text


def test_the_last_time_that_is_offered_can_be_chosen(world: World, client: FlaskClient, known: Known) -> None:
    """The control: a day later is refused."""
    proved(client, path_of(known, world))
    assert 'value="2026-12-07T15:00:00+00:00"' in client.get("/p/move?day=2026-12-07").text
    page = client.post("/p/move", data={"starts_at": "2026-12-07T15:00:00+00:00"}, follow_redirects=True)
    assert "Monday 7 December 2026" in page.text


def test_a_time_cannot_be_moved_more_often_than_the_scheme_allows(
    world: World, client: FlaskClient, known: Known
) -> None:
    proved(client, path_of(known, world))
    for hour in (10, 11, 12):
        client.post("/p/move", data={"starts_at": f"2026-12-03T{hour}:00:00+00:00"})
    page = client.get("/p/")
    assert "midday" in page.text
    assert "Choose another time" not in page.text
    client.post("/p/move", data={"starts_at": "2026-12-03T15:00:00+00:00"})
    assert "midday" in client.get("/p/").text


def test_pressed_twice_a_time_is_moved_once(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    for _ in range(2):
        pressed = client.post("/p/move", data={"starts_at": "2026-12-03T14:00:00+00:00"})
        assert pressed.headers["Location"] == "/p/"
    with world.app.app_context():
        assert count("appointments") == 2
        assert count("texts", kind="assessment_moved") == 1


def test_an_offer_is_taken(world: World, client: FlaskClient) -> None:
    known = offered(world)
    page = proved(client, path_of(known, world))
    assert "There is a place for you" in page.text
    page = client.post("/p/offer", data={"answer": "yes"}, follow_redirects=True)
    assert "Your online session" in page.text
    again = client.post("/p/offer", data={"answer": "yes"}, follow_redirects=True)
    assert "That offer has ended" in again.text


def test_an_offer_is_refused(world: World, client: FlaskClient) -> None:
    known = offered(world)
    proved(client, path_of(known, world))
    page = client.post("/p/offer", data={"answer": "no"}, follow_redirects=True)
    assert "There is a place for you" not in page.text
    assert "You are on the list" in page.text
    with world.app.app_context():
        assert count("places", released_because="refused") == 1


def test_a_page_that_is_old_answers_no_other_offer(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    """The control: the page as it is now does."""
    known = offered(world)
    old = place_shown(proved(client, path_of(known, world)).text)
    client.post("/p/offer", data={"answer": "no", "place": old})
    another = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=14))
    with world.app.app_context(), transaction():
        offering.offer_free_places(another, by=SYSTEM, now=clock.now())
    for answer in ("yes", "no"):
        refused = client.post("/p/offer", data={"answer": answer, "place": old})
        assert "That offer has ended" in refused.text
    client.post("/p/offer", data={"answer": "yes", "place": place_shown(client.get("/p/").text)})
    assert "8 December" in client.get("/p/").text


def place_shown(page: str) -> str:
    """The place that a button on the page is about."""
    return str(re.findall(r'name="place" value="([0-9]+)"', page)[0])


def offered(world: World) -> Known:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7))
    with world.app.app_context(), transaction():
        allocating.wait_for_place(
            known.case_id, world.courses["awareness"], by=Actor("account", 1), now=A_TUESDAY
        )
        offering.offer_free_places(session_id, by=Actor("account", 1), now=A_TUESDAY)
    return known


def test_a_place_within_two_hours_goes_to_the_first_and_the_next_is_told_that_it_has_gone(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    two = [add_case(world, given_name=name) for name in ("Sam", "Alex")]
    for known in two:
        with world.app.app_context(), transaction():
            allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SYSTEM, now=clock.now())
        assert "Could you come at short notice?" in proved(client, path_of(known, world)).text
        said = client.post("/p/short-notice", data={"answer": "yes"}, follow_redirects=True).text
        assert "You said yes, until" in said
    starts_at = clock.now() + timedelta(minutes=90)
    session_id = add_session(world, course="awareness", starts_at=starts_at, capacity=1)
    with world.app.app_context(), transaction():
        offering.offer_free_places(session_id, by=SYSTEM, now=clock.now())
    assert "A place has come free today" in proved(client, path_of(two[0], world)).text
    with world.app.app_context(), transaction():
        short_notice.come(two[1].case_id, by=SYSTEM, now=clock.now())
    assert "That place has gone. You keep your turn" in client.post("/p/come").text
    assert "A place has come free today" not in client.get("/p/").text


def test_the_way_into_a_session_is_shown_when_it_is_near(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    known = add_case(world)
    starts_at = A_TUESDAY + timedelta(days=7)
    session_id = add_session(world, course="awareness", starts_at=starts_at)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=Actor("account", 1), now=A_TUESDAY)
    page = proved(client, path_of(known, world))
    assert "Tuesday 1 December 2026" in page.text
    assert "meet.example" not in page.text
    clock.set(starts_at - timedelta(minutes=59))
    page = proved(client, path_of(known, world))
    assert 'action="/p/join"' in page.text
    assert "meet.example" not in page.text, "it is told to who presses Join in time, and to nobody else"


def test_call_me_makes_one_piece_of_work(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    for _ in range(2):
        assert "We will ring you" in client.post("/p/call-me").text
    with world.app.app_context():
        assert count("tasks", kind="call_me", case_id=known.case_id) == 1


def test_the_wrong_person_stops_the_number(world: World, client: FlaskClient, phones: Phones) -> None:
    known = add_to_ring(world)
    with world.app.app_context(), transaction():
        db.session.get_one(Case, known.case_id).next_call_at = A_TUESDAY
        later = A_TUESDAY + timedelta(hours=1)
        plan_text(
            "first_contact_soon", case_id=known.case_id, due_at=A_TUESDAY, expires_at=later, once_key="1"
        )
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    path, other = path_of(known, world), path_of(known, world)
    page = opened(client, path)
    assert "Ring me" in page.text
    assert "Wrong person" in page.text
    assert "Sam" not in page.text
    assert 'name="day"' not in page.text
    assert "Thank you for telling us" in client.post("/p/not-me").text
    assert client.get(path).status_code == client.get(other).status_code == 404
    assert client.get("/p/").status_code == 403
    run_all_once(world.app)
    assert phones.arrived == []
    with world.app.app_context():
        assert count("phone_numbers", state="bad") == 1
        assert count("tasks", kind="wrong_person", case_id=known.case_id) == 1
        assert db.session.get_one(Case, known.case_id).next_call_at is None


def test_before_the_number_is_confirmed_nothing_else_can_be_done(
    world: World, client: FlaskClient, known: Known
) -> None:
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    opened(client, path_of(known, world))
    assert "Hello Sam" not in answered(client).text
    for page in (
        client.get("/p/move", follow_redirects=True),
        client.post("/p/offer", follow_redirects=True),
    ):
        assert "Wednesday" not in page.text
    assert "We will ring you" in client.post("/p/call-me").text


def test_who_cannot_know_the_birthday_can_still_say_that_it_is_not_them(
    world: World, client: FlaskClient, known: Known
) -> None:
    opened(client, path_of(known, world))
    assert "Thank you for telling us" in client.post("/p/not-me").text
    with world.app.app_context():
        assert count("tasks", kind="wrong_person", case_id=known.case_id) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/p/move"), ("POST", "/p/move"), ("POST", "/p/offer"), ("POST", "/p/call-me")],
)
def test_without_the_birthday_nothing_can_be_done(
    world: World, client: FlaskClient, known: Known, method: str, path: str
) -> None:
    assert client.open(path, method=method).status_code == 403
    opened(client, path_of(known, world))
    page = client.open(path, method=method, follow_redirects=True)
    assert 'name="day"' in page.text


def test_a_page_of_another_site_can_send_nothing(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    answer = client.post("/p/call-me", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_when_the_referral_ends_the_link_is_dead_and_nobody_stays_inside(
    world: World, client: FlaskClient, known: Known
) -> None:
    path = path_of(known, world)
    proved(client, path)
    with world.app.app_context(), transaction():
        case = db.session.get_one(Case, known.case_id)
        closing.end_not_engaged(case, reason="declined", by=Actor("account", 1), now=A_TUESDAY)
    assert client.get("/p/").status_code == 403
    assert client.get(path).status_code == 404


def test_a_new_number_makes_the_old_links_dead(world: World, client: FlaskClient, known: Known) -> None:
    path = path_of(known, world)
    with world.app.app_context(), transaction():
        contacting.change_number(
            known.case_id, "07700 900555", confirmed_by=None, by=Actor("account", 1), now=A_TUESDAY
        )
    assert client.get(path).status_code == 404


def test_only_hashes_are_kept(world: World, client: FlaskClient, known: Known) -> None:
    path = path_of(known, world)
    opened(client, path)
    cookie = client.get_cookie("participant", path="/p")
    assert cookie is not None
    with world.app.app_context():
        kept = [
            *db.session.scalars(sa.select(TextLink.token_hash)),
            *db.session.scalars(sa.select(ParticipantSession.token_hash)),
        ]
    assert path.rpartition("/")[2] not in kept
    assert cookie.value not in kept


def test_no_word_behind_the_link_says_what_it_is_about(
    world: World, client: FlaskClient, known: Known, clock: MovableClock
) -> None:
    path = path_of(known, world)
    pages = [
        client.get(path),
        client.get("/p/"),
        client.get(UNKNOWN),
        opened(client, path),
        answered(client, "1", "1"),
    ]
    pages += [answered(client), client.get("/p/move"), client.post("/p/call-me"), client.post("/p/finish")]
    opened(client, path)
    for month in (1, 2, 3, 4, 6):
        pages.append(answered(client, "1", str(month)))
    for page in pages:
        assert not DRUG_WORDS.search(page.text), DRUG_WORDS.search(page.text)


def test_a_first_load_is_light(world: World, client: FlaskClient, known: Known) -> None:
    page = client.get(path_of(known, world))
    files = re.findall(r'(?:href|src)="(/static/[^"?]+)', page.text)
    sizes = [(ROOT / "provider" / Path(file.lstrip("/"))).stat().st_size for file in files]
    assert "<script" not in page.text
    assert len(page.data) + sum(sizes) < 60_000


def test_what_is_typed_is_never_too_much(world: World, client: FlaskClient, known: Known) -> None:
    opened(client, path_of(known, world))
    for day, month in (
        ("9" * 5_000, "1"),
        ("\0", "1"),
        ("<script>", "x"),
        ("१४", "५"),
        ("-14", "5"),
        ("14.0", "5"),
    ):
        assert answered(client, day, month).status_code in (200, 403)


def test_a_token_is_in_no_log(
    world: World, client: FlaskClient, known: Known, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(known, world)
    with caplog.at_level("DEBUG"):
        client.get(path)
        proved(client, path)
        client.get(path + "x")
    assert path.rpartition("/")[2] not in caplog.text
