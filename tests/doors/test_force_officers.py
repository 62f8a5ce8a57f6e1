"""The officers of a force, as its administrator sees to them."""

from __future__ import annotations

from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
from provider.kernel.database import db, transaction
from tests.builders import PASSWORD, World, add_account, build_world, count
from tests.desk import send, sign_in
from tests.doors.test_force_door import secret_in
from tests.queries import queries_of
from tests.roadside import errors_in

PAGE = "/force/officers"
NEW: dict[str, str] = {"name": "PC New", "email": "New@force.example", "collar_number": "77"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


class TestTheList:
    def test_who_signed_in_last_and_when(self, app: Flask, world: World, admin: FlaskClient) -> None:
        assert admin.get(PAGE).text.count("24 November 2026") == 1
        assert "Not lately" in admin.get(PAGE).text
        sign_in(app.test_client(), world, "officer")
        assert admin.get(PAGE).text.count("24 November 2026") == 2

    @pytest.mark.parametrize("words", ["second", "OFFICER_2@", "2x77", "Example"])
    def test_one_is_found_by_name_address_or_number(
        self, app: Flask, world: World, admin: FlaskClient, words: str
    ) -> None:
        with app.app_context(), transaction():
            add_account(world, "officer_2", Role.OFFICER, force_id=world.forces["midshire"])
            db.session.execute(
                sa.update(Account)
                .where(Account.id == world.accounts["officer_2"])
                .values(name="Second Example", collar_number="2X77")
            )
        answer = send(admin, PAGE, words=words)
        assert "Second Example" in answer.text
        assert ("officer@provider.example" in answer.text) is (words == "Example")

    def test_nobody_is_called_that(self, admin: FlaskClient) -> None:
        assert "Nobody is called that." in send(admin, PAGE, words="%").text
        assert errors_in(send(admin, PAGE, words="x" * 101)).keys() == {"words"}

    def test_pages_of_fifty_in_a_fixed_number_of_queries(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        asked = []
        for more in (1, 55):
            with app.app_context(), transaction():
                for place in range(more):
                    add_account(world, f"o{more}x{place}", Role.OFFICER, force_id=world.forces["midshire"])
            with queries_of(app) as sent:
                admin.get(PAGE)
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 4
        assert "1 to 50 of 58" in admin.get(PAGE).text
        assert "51 to 58 of 58" in admin.get(f"{PAGE}?page=2").text
        assert "1 to 50 of 58" in admin.get(f"{PAGE}?page=999").text

    def test_another_forces_are_not_among_them(self, app: Flask, world: World, admin: FlaskClient) -> None:
        with app.app_context(), transaction():
            add_account(world, "theirs", Role.OFFICER, force_id=world.forces["thamesford"])
        assert "theirs@" not in admin.get(PAGE).text
        assert "theirs@" not in send(admin, PAGE, words="theirs").text


class TestOneOfThem:
    TAKEN: ClassVar[str] = "has an account with this e-mail address already"

    def test_one_is_added_and_signs_in_with_the_password_shown_once(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        password = secret_in(send(admin, f"{PAGE}/add", **NEW).text)
        assert "PC New" in admin.get(PAGE).text
        with app.app_context():
            account = db.session.scalars(sa.select(Account).where(Account.email == "new@force.example")).one()
            assert (account.role, account.force_id) == ("officer", world.forces["midshire"])
            assert account.collar_number == "77"
        world.emails["new"] = "new@force.example"
        new = app.test_client()
        assert sign_in(new, world, "new", password=password).status_code == 302
        assert new.get("/refer").status_code == 200

    @pytest.mark.parametrize("who", ["officer", "drug_worker", "theirs"])
    def test_an_address_that_is_taken_is_said_at_its_field_and_not_by_whom(
        self, app: Flask, world: World, admin: FlaskClient, who: str
    ) -> None:
        with app.app_context(), transaction():
            add_account(world, "theirs", Role.OFFICER, force_id=world.forces["thamesford"])
        answer = send(admin, f"{PAGE}/add", **{**NEW, "email": world.emails[who].upper()})
        assert self.TAKEN in errors_in(answer)["email"]
        assert 'value="PC New"' in answer.text
        assert "Thamesford" not in answer.text
        with app.app_context():
            assert count("audit_entries", action="account.added") == 0

    def test_what_is_missing_or_none_is_said_at_its_field(self, admin: FlaskClient) -> None:
        assert errors_in(send(admin, f"{PAGE}/add")).keys() == {"name", "email", "collar_number"}
        assert errors_in(send(admin, f"{PAGE}/add", **{**NEW, "email": "nobody"})).keys() == {"email"}

    def test_one_is_closed_signed_out_and_opened_again(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        officer_id = world.accounts["officer"]
        officer = app.test_client()
        sign_in(officer, world, "officer")
        send(admin, PAGE, f"{PAGE}/{officer_id}/close")
        assert officer.get("/refer").status_code == 302
        assert sign_in(officer, world, "officer").status_code == 200
        assert "Closed" in admin.get(PAGE).text
        send(admin, PAGE, f"{PAGE}/{officer_id}/open")
        assert sign_in(officer, world, "officer").status_code == 302

    def test_a_new_password_ends_the_old_one(self, app: Flask, world: World, admin: FlaskClient) -> None:
        path = f"{PAGE}/{world.accounts['officer']}/password"
        password = secret_in(send(admin, PAGE, path).text)
        officer = app.test_client()
        assert sign_in(officer, world, "officer", password=PASSWORD).status_code == 200
        assert sign_in(officer, world, "officer", password=password).status_code == 302

    def test_one_who_lost_a_phone_is_signed_out_everywhere(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        path = f"{PAGE}/{world.accounts['officer']}/sign-out"
        assert path not in admin.get(PAGE).text
        officer = app.test_client()
        sign_in(officer, world, "officer")
        assert path in admin.get(PAGE).text
        assert "has been signed out everywhere" in admin.get(send(admin, PAGE, path).location).text
        assert officer.get("/refer").status_code == 302
        assert path not in admin.get(PAGE).text
        with app.app_context():
            assert count("audit_entries", action="account.signed_out") == 1
