"""The force administrator's door: outcomes, keys, webhooks, officers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.models import Account
from provider.domain.forces.keys import SCOPES
from provider.domain.forces.models import ApiKey, WebhookEndpoint
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from tests.builders import PASSWORD, World, build_world, count
from tests.cases import add_case
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock
from tests.queries import queries_of
from tests.roadside import errors_in, post


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


def references_in(page: str) -> list[str]:
    return re.findall(r'<span class="app-reference">([0-9A-Z]{4}-[0-9A-Z]{4})</span>', page)


def secret_in(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found, page
    return found.group(1)


class TestOutcomes:
    def test_they_are_listed_by_status_as_the_force_reads_it(self, world: World, admin: FlaskClient) -> None:
        for place, status in enumerate(Status):
            add_case(world, status=status, given_name=f"P{place}", mobile=None)
        page = admin.get("/force").text
        assert len(references_in(page)) == len(Status)
        for hidden in ("Waiting", "Placed", "Assessed", "Assessment booked", "P1"):
            assert hidden not in re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)

    def test_filters_narrow_them(self, app: Flask, world: World, admin: FlaskClient) -> None:
        placed = add_case(world, status=Status.PLACED)
        young = add_case(world, status=Status.COMPLETED, scheme="divert-young-people", given_name="Al")
        with app.app_context(), transaction():
            earlier = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
            db.session.execute(
                sa.update(Referral).where(Referral.id == young.referral_id).values(received_at=earlier)
            )
        for query, found in (
            ("status=accepted", [placed.reference]),
            ("status=completed", [young.reference]),
            ("scheme=divert-young-people", [young.reference]),
            ("month=2026-10", [young.reference]),
            ("month=2026-11", [placed.reference]),
            ("month=2026-11&status=completed", []),
        ):
            assert references_in(admin.get(f"/force?{query}").text) == found, query

    @pytest.mark.parametrize("query", ["status=placed", "scheme=custody-referral", "month=2026-13"])
    def test_a_filter_that_is_none_is_said_at_its_field(self, admin: FlaskClient, query: str) -> None:
        answer = admin.get(f"/force?{query}")
        assert answer.status_code == 200
        assert errors_in(answer) == {query.split("=")[0]: "Choose one of the answers in the list"}

    @pytest.mark.parametrize("page", ["0", "-5", "x", "9999999999999999999999"])
    def test_a_page_that_is_none_is_no_fault_of_ours(self, admin: FlaskClient, page: str) -> None:
        assert admin.get(f"/force?page={page}").status_code in (200, 404)

    def test_one_is_found_by_reference_or_crime_number(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        known = add_case(world)
        with app.app_context(), transaction():
            db.session.execute(sa.update(Referral).values(force_reference="20/123456/26 A"))
        add_case(world, given_name="Al")
        for words in (known.reference, known.reference.lower().replace("-", " "), "20/123456/26a"):
            assert references_in(post(admin, "/force", what=words).text) == [known.reference]
        assert "There are none." in post(admin, "/force", what="20/1/26").text
        assert "NUL" not in post(admin, "/force", what="20\x00").text
        assert errors_in(post(admin, "/force", what="")) == {"what": "Enter a reference or a crime number"}

    def test_another_forces_are_not_among_them(self, world: World, admin: FlaskClient) -> None:
        theirs = add_case(world, scheme="custody-referral")
        assert theirs.reference not in admin.get("/force").text
        assert references_in(post(admin, "/force", what=theirs.reference).text) == []

    def test_pages_of_fifty_in_a_fixed_number_of_queries(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        asked = []
        for more in (1, 52):
            for place in range(more):
                add_case(world, given_name=f"P{more}x{place}", mobile=None)
            with queries_of(app) as sent:
                admin.get("/force")
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 7
        assert "1 to 50 of 53" in admin.get("/force").text
        second = admin.get("/force?status=accepted&page=2&scheme=divert-adult").text
        assert "51 to 53 of 53" in second

    def test_that_it_was_read_is_in_the_trail(self, app: Flask, world: World, admin: FlaskClient) -> None:
        admin.get("/force")
        with app.app_context():
            assert count("audit_entries", action="outcomes.read") == 1


class TestKeys:
    ALL: ClassVar[dict[str, list[str]]] = {"scopes": list(SCOPES)}

    @pytest.fixture
    def key_id(self, app: Flask, world: World) -> int:
        """The key that the force has had since January."""
        with app.app_context():
            of_force = ApiKey.force_id == world.forces["midshire"]
            return db.session.scalars(sa.select(ApiKey.id).where(of_force)).one()

    def status_of(self, app: Flask, key: str, path: str = "/schemes") -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return app.test_client().get(f"/api/v1{path}", headers=headers).status_code

    def test_one_is_made_shown_once_and_works(self, app: Flask, world: World, admin: FlaskClient) -> None:
        key = secret_in(post(admin, "/force/keys", name="Records", **self.ALL).text)
        assert self.status_of(app, key) == 200
        listed = admin.get("/force/keys").text
        assert key not in listed
        assert key[:8] in listed
        with app.app_context():
            assert count("api_keys", force_id=world.forces["midshire"]) == 2
            assert count("audit_entries", action="key.issued") == 1
            assert key not in str(db.session.execute(sa.text("SELECT * FROM api_keys")).all())

    def test_it_may_do_what_was_ticked_and_all_is_ticked_at_first(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        page = admin.get("/force/keys").text
        ticked = re.findall(r'name="scopes" type="checkbox" value="([a-z:]+)" checked', page)
        assert ticked == list(SCOPES)
        key = secret_in(post(admin, "/force/keys", name="Reader", scopes=["compliance:read"]).text)
        assert self.status_of(app, key, "/compliance-events") == 200
        assert self.status_of(app, key) == 403
        listed = rows_in(admin.get("/force/keys").text)
        assert ["Read outcomes" in row for row in listed] == [True, False]
        assert ["Everything" in row for row in listed] == [False, True]

    def test_how_old_it_is_and_when_it_was_last_used_are_listed(
        self, app: Flask, world: World, admin: FlaskClient, clock: MovableClock
    ) -> None:
        [row] = rows_in(admin.get("/force/keys").text)
        assert "1 January 2026" in row
        assert "327 days ago" in row
        assert "Never" in row
        assert self.status_of(app, world.keys["midshire"]) == 200
        clock.advance(minutes=3)
        assert "3 minutes ago" in rows_in(admin.get("/force/keys").text)[0]

    def test_a_third_is_refused_and_what_was_typed_stays(self, admin: FlaskClient) -> None:
        post(admin, "/force/keys", name="Second", **self.ALL)
        assert "Two keys work already" in admin.get("/force/keys").text
        answer = post(admin, "/force/keys", name="Third", scopes=["compliance:read"])
        assert "Two keys are live already" in answer.text
        assert 'value="Third"' in answer.text
        assert re.findall(r'value="([a-z:]+)" checked', answer.text) == ["compliance:read"]

    def test_one_is_replaced_by_its_like_and_works_on_until_a_date_that_is_said(
        self, app: Flask, world: World, admin: FlaskClient, clock: MovableClock, key_id: int
    ) -> None:
        page = f"/force/keys/{key_id}/replace"
        assert 'value="14" checked' in admin.get(page).text
        made = post(admin, page, days="7").text
        old, new = world.keys["midshire"], secret_in(made)
        assert "works until Tuesday 1 December 2026 at 9:30am" in made
        assert "Works until Tue 1 Dec, 9:30am" in rows_in(admin.get("/force/keys").text)[1]
        assert (self.status_of(app, old), self.status_of(app, new)) == (200, 200)
        clock.advance(days=7)
        assert (self.status_of(app, old), self.status_of(app, new)) == (401, 200)
        sign_in(admin, world, "force_administrator")
        assert "Ended 1 December 2026" in rows_in(admin.get("/force/keys").text)[1]
        assert secret_in(post(admin, "/force/keys", name="There is a place again", **self.ALL).text)

    def test_one_is_replaced_at_once_also_beside_another(
        self, app: Flask, world: World, admin: FlaskClient, key_id: int
    ) -> None:
        post(admin, "/force/keys", name="Second", **self.ALL)
        page = f"/force/keys/{key_id}/replace"
        assert "Two keys are live already" in post(admin, page, days="7").text
        assert self.status_of(app, world.keys["midshire"]) == 200
        made = post(admin, page, days="0").text
        assert "has ended" in made
        assert self.status_of(app, world.keys["midshire"]) == 401
        assert self.status_of(app, secret_in(made)) == 200
        assert admin.get(page).status_code == 404

    @pytest.mark.parametrize("days", ["", "2", "-1", "x"])
    def test_for_how_long_is_asked(self, admin: FlaskClient, key_id: int, days: str) -> None:
        assert errors_in(post(admin, f"/force/keys/{key_id}/replace", days=days)).keys() == {"days"}

    def test_one_is_ended_after_being_asked(
        self, app: Flask, world: World, admin: FlaskClient, key_id: int
    ) -> None:
        page = f"/force/keys/{key_id}/end"
        assert "It stops working at once" in admin.get(page).text
        assert post(admin, page).location == "/force/keys"
        assert self.status_of(app, world.keys["midshire"]) == 401
        assert "Ended" in admin.get("/force/keys").text
        assert admin.get(page).status_code == 404
        with app.app_context():
            assert count("audit_entries", action="key.ended") == 1

    def test_what_it_is_for_and_what_it_may_do_are_asked(self, admin: FlaskClient) -> None:
        assert errors_in(post(admin, "/force/keys", name="")) == {
            "name": "Say what the key is for",
            "scopes": "Tick at least one thing that the key may do",
        }
        assert "100 characters" in errors_in(post(admin, "/force/keys", name="x" * 101))["name"]
        assert "scopes" in errors_in(post(admin, "/force/keys", name="x", scopes=["everything"]))


def rows_in(page: str) -> list[str]:
    """The rows of the page's table."""
    return re.findall(r"<tr.*?</tr>", page.partition("<tbody")[2].partition("</tbody")[0], re.DOTALL)


class TestWebhooks:
    def test_one_is_added_with_a_secret_shown_once(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        answer = post(admin, "/force/webhooks", url="https://hooks.force.example/events?x=1&y=2")
        secret = secret_in(answer.text)
        assert secret.startswith("whsec_")
        listed = admin.get("/force/webhooks").text
        assert "https://hooks.force.example/events?x=1&amp;y=2" in listed
        assert secret not in listed
        with app.app_context():
            endpoint = db.session.scalars(sa.select(WebhookEndpoint)).one()
            assert app.extensions["secret_box"].open(endpoint.secret) == secret

    @pytest.mark.parametrize("url", ["", "ftp://x.example", "javascript:alert(1)", "https://a b", "x" * 2001])
    def test_an_address_that_is_none_is_refused_at_its_field(self, admin: FlaskClient, url: str) -> None:
        answer = post(admin, "/force/webhooks", url=url)
        assert "url" in errors_in(answer)
        assert f'value="{url}"' in answer.text

    def test_it_is_tested_and_removed(self, app: Flask, world: World, admin: FlaskClient) -> None:
        post(admin, "/force/webhooks", url="https://hooks.force.example/")
        public_id = the_endpoint(app)
        post_to(admin, f"/force/webhooks/{public_id}/test", "/force/webhooks")
        with app.app_context():
            assert db.session.scalars(sa.select(WebhookEndpoint.test_asked_at)).one() is not None
        remove = f"/force/webhooks/{public_id}/remove"
        assert "https://hooks.force.example/" in admin.get(remove).text
        assert post(admin, remove).location == "/force/webhooks"
        assert "hooks.force.example" not in admin.get("/force/webhooks").text
        assert admin.get(remove).status_code == 404


def the_endpoint(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(WebhookEndpoint.public_id)).one()


def post_to(client: FlaskClient, path: str, page: str, **typed: str):
    return client.post(path, data={"csrf_token": csrf_of(client, page), **typed})


class TestOfficers:
    NEW: ClassVar[dict[str, str]] = {"name": "PC New", "email": "New@force.example", "collar_number": "77"}

    def test_one_is_added_and_signs_in_with_the_password_shown_once(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        password = secret_in(post(admin, "/force/officers/add", **self.NEW).text)
        assert "PC New" in admin.get("/force/officers").text
        with app.app_context():
            account = db.session.scalars(sa.select(Account).where(Account.email == "new@force.example")).one()
            assert (account.role, account.force_id) == ("officer", world.forces["midshire"])
            assert account.collar_number == "77"
        world.emails["new"] = "new@force.example"
        new = app.test_client()
        assert sign_in(new, world, "new", password=password).status_code == 302
        assert new.get("/refer").status_code == 200

    def test_what_is_missing_or_taken_is_said_at_its_field(self, world: World, admin: FlaskClient) -> None:
        assert errors_in(post(admin, "/force/officers/add")).keys() == {"name", "email", "collar_number"}
        taken = {**self.NEW, "email": world.emails["drug_worker"]}
        answer = post(admin, "/force/officers/add", **taken)
        assert "has an account with this e-mail address already" in errors_in(answer)["email"]
        assert 'value="PC New"' in answer.text
        no_mail = post(admin, "/force/officers/add", **{**self.NEW, "email": "nobody"})
        assert "email" in errors_in(no_mail)

    def test_one_is_closed_signed_out_and_opened_again(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        officer_id = world.accounts["officer"]
        officer = app.test_client()
        sign_in(officer, world, "officer")
        post_to(admin, f"/force/officers/{officer_id}/close", "/force/officers")
        assert officer.get("/refer").status_code == 302
        assert sign_in(officer, world, "officer").status_code == 200
        assert "Closed" in admin.get("/force/officers").text
        post_to(admin, f"/force/officers/{officer_id}/open", "/force/officers")
        assert sign_in(officer, world, "officer").status_code == 302

    def test_a_new_password_ends_the_old_one(self, app: Flask, world: World, admin: FlaskClient) -> None:
        path = f"/force/officers/{world.accounts['officer']}/password"
        password = secret_in(post_to(admin, path, "/force/officers").text)
        officer = app.test_client()
        assert sign_in(officer, world, "officer", password=PASSWORD).status_code == 200
        assert sign_in(officer, world, "officer", password=password).status_code == 302
