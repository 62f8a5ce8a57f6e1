"""Signing in and out at the desk's door."""

from __future__ import annotations

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.models import Account, SignInSession
from provider.kernel.database import db, transaction
from tests.builders import PASSWORD, World, build_world, count
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def test_the_right_password_opens_the_page_that_was_asked_for(world: World, client: FlaskClient) -> None:
    asked = client.get("/my-day")
    assert asked.status_code == 302
    assert asked.location == "/sign-in?next=/my-day"
    answer = sign_in(client, world, "drug_worker", path=asked.location)
    assert answer.location == "/my-day"


def test_without_a_page_asked_for_it_leads_home(world: World, client: FlaskClient) -> None:
    assert sign_in(client, world, "drug_worker").location == "/"
    assert client.get("/").location == "/my-day"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("drug_worker", "/my-day"),
        ("team_lead", "/my-day"),
        ("clinical_lead", "/referrals"),
        ("facilitator", "/sessions"),
        ("commissioner", "/numbers"),
        ("administrator", "/accounts"),
        ("officer", "/refer"),
        ("force_administrator", "/force"),
    ],
)
def test_each_role_has_its_own_start(world: World, client: FlaskClient, role: str, home: str) -> None:
    sign_in(client, world, role)
    assert client.get("/").location == home


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "nowhere",
        "/no-such-page",
        "/sign-out",
    ],
)
def test_it_leads_nowhere_but_to_our_own_pages(world: World, client: FlaskClient, elsewhere: str) -> None:
    token = csrf_of(client, "/sign-in")
    form = {
        "email": world.emails["drug_worker"],
        "password": PASSWORD,
        "next": elsewhere,
        "csrf_token": token,
    }
    assert client.post("/sign-in", data=form).location == "/"


def test_a_wrong_password_says_one_neutral_sentence_and_keeps_the_address(
    world: World, client: FlaskClient
) -> None:
    for email in (world.emails["drug_worker"], "nobody@provider.example"):
        answer = sign_in(client, world, "drug_worker", email=email, password="wrong").text
        assert "The e-mail address or password is not right, or too many wrong ones were entered" in answer
        assert email in answer
        assert 'wrong"' not in answer


def test_an_empty_form_names_both_fields(world: World, client: FlaskClient) -> None:
    answer = sign_in(client, world, "drug_worker", email="", password="").text
    assert 'href="#email"' in answer
    assert "Enter your password" in answer


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    for _ in range(5):
        sign_in(client, world, "drug_worker", password="wrong")
    assert sign_in(client, world, "drug_worker").status_code == 200
    clock.advance(minutes=16)
    assert sign_in(client, world, "drug_worker").status_code == 302


def test_a_second_factor_is_asked_for_after_the_password(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    secret = give_second_factor(world, "drug_worker")
    assert sign_in(client, world, "drug_worker", path="/sign-in?next=/my-day").location == "/sign-in/code"
    assert client.get("/").location == "/sign-in"
    page = enter_code(client, "000000")
    assert "That code is not right" in page.text
    assert enter_code(client, pyotp.TOTP(secret).at(clock.now())).location == "/my-day"


def test_the_code_may_also_be_sent_to_the_address_of_the_password(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    secret = give_second_factor(world, "drug_worker")
    sign_in(client, world, "drug_worker")
    code = pyotp.TOTP(secret).at(clock.now())
    form = {"code": code, "csrf_token": csrf_of(client, "/sign-in/code")}
    assert client.post("/sign-in", data=form).location == "/"


def test_wrong_codes_lock_the_account_too(world: World, client: FlaskClient, clock: MovableClock) -> None:
    secret = give_second_factor(world, "drug_worker")
    sign_in(client, world, "drug_worker")
    for _ in range(5):
        enter_code(client, "000000")
    assert enter_code(client, pyotp.TOTP(secret).at(clock.now())).status_code == 200


def test_a_right_password_is_forgotten_after_ten_minutes(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    give_second_factor(world, "drug_worker")
    sign_in(client, world, "drug_worker")
    clock.advance(minutes=11)
    assert client.get("/sign-in/code").location == "/sign-in"


def test_a_session_is_new_kept_here_and_ended_here(app: Flask, world: World, client: FlaskClient) -> None:
    csrf_of(client, "/sign-in")
    before = client.get_cookie("provider")
    sign_in(client, world, "drug_worker")
    after = client.get_cookie("provider")
    assert before is not None
    assert after is not None
    assert after.value != before.value
    client.post("/sign-out", data={"csrf_token": csrf_of(client, "/my-day")})
    client.set_cookie("provider", after.value)
    assert client.get("/my-day").status_code == 302
    with app.app_context():
        assert db.session.query(SignInSession).filter(SignInSession.ended_at.is_(None)).count() == 0


def test_every_sign_in_and_every_failure_is_in_the_trail(
    app: Flask, world: World, client: FlaskClient
) -> None:
    sign_in(client, world, "drug_worker", password="wrong")
    sign_in(client, world, "drug_worker")
    with app.app_context():
        assert count("audit_entries", action="sign_in.failed") == 1
        assert count("audit_entries", action="sign_in", subject_id=world.accounts["drug_worker"]) == 1


def enter_code(client: FlaskClient, code: str):
    return client.post("/sign-in/code", data={"code": code, "csrf_token": csrf_of(client, "/sign-in/code")})


def give_second_factor(world: World, who: str) -> str:
    secret = pyotp.random_base32()
    with world.app.app_context(), transaction():
        account = db.session.get_one(Account, world.accounts[who])
        account.totp_secret = world.app.extensions["secret_box"].seal(secret)
    return secret


def test_a_code_opens_the_door_once(app: Flask, world: World, clock: MovableClock) -> None:
    secret = give_second_factor(world, "drug_worker")
    code = pyotp.TOTP(secret).at(clock.now())
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        sign_in(client, world, "drug_worker")
    assert enter_code(first, code).status_code == 302
    assert "That code is not right" in enter_code(second, code).text
    clock.advance(seconds=60)
    assert enter_code(second, pyotp.TOTP(secret).at(clock.now())).status_code == 302
