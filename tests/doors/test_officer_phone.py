"""The key under which an officer's phone keeps what is typed: theirs alone, and gone with what it opens."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.referrals.models import ReferralDraft
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import staffing
from tests.builders import World, add_account, build_world, count
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock
from tests.roadside import EVENT, PERSON, errors_in, fill, hidden_in, post

BRIEFLY = {"X-Roadside": "1"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


def key_on(client: FlaskClient, page: str) -> str:
    found = re.search(r'data-key="([A-Za-z0-9_=-]+)"', client.get(page).text)
    assert found, page
    return found.group(1)


def name_on(client: FlaskClient, page: str) -> str:
    found = re.search(r'data-roadside="([^"]+)"', client.get(page).text)
    assert found, page
    return found.group(1)


def kept_keys(app: Flask) -> list[str]:
    with app.app_context():
        kept = sa.select(ReferralDraft.phone_key).where(ReferralDraft.phone_key.is_not(None))
        return [key for key in db.session.scalars(kept) if key is not None]


def test_it_has_256_bits_and_is_sealed_at_rest(app: Flask, officer: FlaskClient) -> None:
    key = key_on(officer, "/refer")
    assert len(base64.urlsafe_b64decode(key)) == 32
    (kept,) = kept_keys(app)
    assert key not in kept
    assert base64.urlsafe_b64decode(key).hex() not in kept


def test_it_is_one_for_a_draft_from_its_first_screen_on(officer: FlaskClient) -> None:
    key = key_on(officer, "/refer")
    page = post(officer, "/refer", **EVENT).location
    assert key_on(officer, page) == key
    assert key_on(officer, page.replace("person", "event")) == key
    assert key_on(officer, "/refer") != key


def test_a_screen_is_kept_under_a_name_that_says_whose_it_is(world: World, officer: FlaskClient) -> None:
    page = post(officer, "/refer", **EVENT).location
    token = page.split("/")[-2]
    assert name_on(officer, page) == f"refer/{world.accounts['officer']}/{token}/person"
    assert "Sam" not in name_on(officer, fill(officer))


def test_it_stands_in_no_address_and_no_cookie(officer: FlaskClient) -> None:
    page = fill(officer)
    key = key_on(officer, page)
    cookie = officer.get_cookie("provider")
    assert key not in page
    assert cookie is not None
    assert key not in cookie.value
    assert officer.get(page).headers["Cache-Control"] == "no-store"


def test_an_answer_that_shows_what_was_sent_puts_nothing_back(officer: FlaskClient) -> None:
    assert "data-restore" in officer.get("/refer").text
    assert "data-restore" not in post(officer, "/refer", **{**EVENT, "setting": ""}).text


def test_the_browser_keeps_nothing_of_what_is_typed(officer: FlaskClient) -> None:
    """Not as a suggestion for the next form, and not to restore a tab with."""
    page = fill(officer)
    for screen in ("event", "person", "contact", "agreement", "check"):
        shown = officer.get(page.replace("check", screen)).text
        assert re.search(r'<form method="post"[^>]* autocomplete="off"', shown), screen


def test_another_officer_has_another(app: Flask, world: World, officer: FlaskClient) -> None:
    mine = key_on(officer, "/refer")
    with app.app_context(), transaction():
        add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
    other = app.test_client()
    sign_in(other, world, "officer_2")
    assert key_on(other, "/refer") != mine
    page = fill(officer)
    assert key_on(officer, page) not in other.get(page).text


def test_it_outlives_the_session(officer: FlaskClient, world: World, clock: MovableClock) -> None:
    """Two hours without a sign of life end a session: they sign in, and are back where they were."""
    page = post(officer, "/refer", **EVENT).location
    key, token = key_on(officer, page), csrf_of(officer, page)
    clock.advance(hours=3)
    lost = officer.post(page, data={"csrf_token": token, **PERSON}, headers=BRIEFLY)
    assert lost.status_code == 302
    assert lost.location.startswith("/sign-in?next=")
    back = sign_in(officer, world, "officer", path=lost.location)
    assert back.location == page
    assert key_on(officer, page) == key


def test_the_key_of_the_first_screen_waits_too(
    officer: FlaskClient, world: World, clock: MovableClock
) -> None:
    key = key_on(officer, "/refer")
    clock.advance(hours=3)
    sign_in(officer, world, "officer", path="/sign-in?next=/refer")
    assert key_on(officer, "/refer") == key


def test_it_is_destroyed_by_sending(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer)
    post(officer, page)
    assert kept_keys(app) == []
    assert "data-key" not in officer.get(page, follow_redirects=True).text


def test_it_is_destroyed_by_sign_out(app: Flask, world: World, officer: FlaskClient) -> None:
    page = fill(officer)
    was = {key_on(officer, page), key_on(officer, "/refer")}
    officer.post("/sign-out", data={"csrf_token": csrf_of(officer, "/refer")})
    assert kept_keys(app) == []
    sign_in(officer, world, "officer")
    assert key_on(officer, "/refer") not in was


@pytest.mark.parametrize("end", [staffing.sign_out_everywhere, staffing.close_account])
def test_it_is_destroyed_where_an_administrator_ends_it(
    app: Flask, world: World, officer: FlaskClient, end: Callable[..., None]
) -> None:
    fill(officer)
    officer.get("/refer")
    with app.app_context(), transaction():
        end(world.accounts["officer"], by=SYSTEM, now=app.extensions["clock"].now())
    assert kept_keys(app) == []


def test_it_is_destroyed_with_the_draft_that_is_thrown_away(app: Flask, officer: FlaskClient) -> None:
    page = fill(officer)
    officer.post(page.replace("check", "discard"), data={"csrf_token": csrf_of(officer, page)})
    assert kept_keys(app) == []


def test_it_is_of_no_use_after_a_day(
    app: Flask, world: World, officer: FlaskClient, clock: MovableClock
) -> None:
    page = fill(officer)
    first, key = key_on(officer, "/refer"), key_on(officer, page)
    clock.advance(hours=24)
    sign_in(officer, world, "officer")
    assert officer.get(page).status_code == 404
    assert key_on(officer, "/refer") not in (first, key)


def test_it_is_destroyed_after_a_day_by_the_hourly_job(
    app: Flask, officer: FlaskClient, clock: MovableClock
) -> None:
    fill(officer)
    officer.get("/refer")
    clock.advance(hours=23)
    run_all_once(app)
    assert len(kept_keys(app)) == 2
    clock.advance(hours=1)
    run_all_once(app)
    assert kept_keys(app) == []
    with app.app_context():
        assert count("referral_drafts") == 0


def test_a_screen_that_is_sent_again_for_want_of_an_answer_begins_one_draft(
    app: Flask, officer: FlaskClient
) -> None:
    sent = {**hidden_in(officer.get("/refer").text), **EVENT}
    answers = [officer.post("/refer", data=sent, headers=BRIEFLY) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {204}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    with app.app_context():
        assert count("referral_drafts") == 1


def test_a_first_screen_that_arrives_twice_at_once_begins_one_draft(app: Flask, officer: FlaskClient) -> None:
    sent, cookie = {**hidden_in(officer.get("/refer").text), **EVENT}, officer.get_cookie("provider")
    assert cookie is not None
    start, came = threading.Barrier(4), []

    def arrive() -> None:
        client = app.test_client()
        client.set_cookie("provider", cookie.value)
        start.wait()
        came.append(client.post("/refer", data=sent).location)

    arrivals = [threading.Thread(target=arrive) for _ in range(4)]
    for thread in arrivals:
        thread.start()
    for thread in arrivals:
        thread.join(30)
    assert len(came) == 4
    assert len(set(came)) == 1
    with app.app_context():
        assert count("referral_drafts") == 1


@pytest.mark.parametrize("token", ["", "x", "A" * 24, "\x00" * 24, "👍"])
def test_a_first_screen_with_a_draft_that_is_none_begins_a_new_one(
    app: Flask, officer: FlaskClient, token: str
) -> None:
    sent = {**hidden_in(officer.get("/refer").text), **EVENT, "draft": token}
    answer = officer.post("/refer", data=sent)
    assert answer.status_code == 302
    assert key_on(officer, answer.location)


def test_another_officers_draft_is_not_begun(app: Flask, world: World, officer: FlaskClient) -> None:
    token = hidden_in(officer.get("/refer").text)["draft"]
    with app.app_context(), transaction():
        add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
    other = app.test_client()
    sign_in(other, world, "officer_2")
    sent = {**hidden_in(other.get("/refer").text), **EVENT, "draft": token}
    assert token not in other.post("/refer", data=sent).location


def test_a_page_that_sends_by_itself_is_told_where_to_go(officer: FlaskClient) -> None:
    page = fill(officer)
    contact = {**hidden_in(officer.get(page).text), "mobile": ""}
    wrong = officer.post(page.replace("check", "contact"), data=contact, headers=BRIEFLY)
    assert wrong.status_code == 200
    assert "mobile" in errors_in(wrong)
    contact["mobile"] = "07700 900123"
    right = officer.post(page.replace("check", "contact"), data=contact, headers=BRIEFLY)
    assert (right.status_code, right.headers["Location"]) == (204, page)
    sent = officer.post(page, data=hidden_in(officer.get(page).text), headers=BRIEFLY)
    assert (sent.status_code, sent.headers["Location"]) == (204, page)
    assert officer.get(page).location.endswith("/sent")
