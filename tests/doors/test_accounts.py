"""Accounts, as an administrator keeps them: secrets are shown once, and closing one signs its holder out."""

from __future__ import annotations

import re

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.models import Account
from provider.domain.accounts.sign_in import check_password
from provider.kernel.database import db, transaction
from provider.web.context import secret_box
from tests.builders import World, build_world
from tests.desk import send, sign_in
from tests.fakes import A_TUESDAY

NEW = {"name": "New Worker", "email": "new@provider.example", "role": "drug_worker"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "administrator")
    return client


def secrets_in(text: str) -> list[str]:
    return re.findall(r'class="app-secret">([^<]+)<', text)


def test_an_account_is_added_and_its_password_shown_once(app: Flask, desk: FlaskClient) -> None:
    text = send(desk, "/accounts/add", **NEW, second_factor="y").text
    password, secret = secrets_in(text)
    assert password not in desk.get("/accounts").text
    with app.app_context(), transaction():
        account = check_password("new@provider.example", password, now=A_TUESDAY)
        assert account is not None
        assert secret_box().open(account.totp_secret or "") == secret
        assert pyotp.TOTP(secret).now()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter their name"),
        ({"role": "king"}, "Choose one of the answers"),
        ({"role": "officer"}, "belongs to a force"),
        ({"email": "drug_worker@provider.example"}, "has an account with this e-mail"),
        ({"email": "nobody"}, "Enter an e-mail address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    desk: FlaskClient, changes: dict[str, str], said: str
) -> None:
    text = send(desk, "/accounts/add", **{**NEW, **changes}).text
    assert said in text
    assert secrets_in(text) == []
    assert 'value="New Worker"' in text or changes == {"name": ""}


def test_an_officer_gets_a_force(app: Flask, world: World, desk: FlaskClient) -> None:
    form = {**NEW, "role": "officer", "force": str(world.forces["thamesford"]), "collar_number": "99"}
    assert len(secrets_in(send(desk, "/accounts/add", **form).text)) == 1
    with app.app_context():
        account = db.session.scalars(sa.select(Account).where(Account.email == NEW["email"])).one()
        assert (account.force_id, account.collar_number) == (world.forces["thamesford"], "99")


def test_ended_sessions_are_over_at_once(app: Flask, world: World, desk: FlaskClient) -> None:
    other = app.test_client()
    sign_in(other, world, "drug_worker")
    assert other.get("/my-day").status_code == 200
    page = f"/accounts/{world.accounts['drug_worker']}"
    assert "1 time, seen just now" in desk.get(page).text
    send(desk, page, f"{page}/end-sessions")
    assert other.get("/my-day").status_code == 302


def test_a_closed_account_is_out_and_can_be_opened_again(app: Flask, world: World, desk: FlaskClient) -> None:
    worker = world.accounts["drug_worker"]
    other = app.test_client()
    sign_in(other, world, "drug_worker")
    send(desk, "/accounts", f"/accounts/{worker}/close")
    assert other.get("/my-day").status_code == 302
    assert "too many wrong" in sign_in(app.test_client(), world, "drug_worker").text
    assert "Closed" in desk.get("/accounts").text
    send(desk, "/accounts", f"/accounts/{worker}/open")
    assert sign_in(app.test_client(), world, "drug_worker").status_code == 302


def test_nobody_closes_their_own(world: World, desk: FlaskClient) -> None:
    send(desk, "/accounts", f"/accounts/{world.accounts['administrator']}/close")
    assert "cannot close your own account" in desk.get("/accounts").text


def test_a_new_password_ends_the_old_one(app: Flask, world: World, desk: FlaskClient) -> None:
    text = send(desk, "/accounts", f"/accounts/{world.accounts['drug_worker']}/new-password").text
    (password,) = secrets_in(text)
    assert "too many wrong" in sign_in(app.test_client(), world, "drug_worker").text
    assert sign_in(app.test_client(), world, "drug_worker", password=password).status_code == 302


def test_an_account_that_is_none_is_not_found(desk: FlaskClient) -> None:
    for what in ("end-sessions", "close", "open", "new-password", "second-factor"):
        assert send(desk, "/accounts", f"/accounts/999999/{what}").status_code == 404
    assert desk.get("/accounts/999999").status_code == 404
