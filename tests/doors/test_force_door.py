"""The force administrator's door: outcomes, keys, webhooks, officers."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.forces.keys import SCOPES
from provider.domain.forces.models import ApiKey, WebhookEndpoint
from provider.kernel.database import db
from tests.builders import World, build_world, count
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock
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
        assert "until Tue 1 Dec, 9:30am" in rows_in(admin.get("/force/keys").text)[1]
        assert (self.status_of(app, old), self.status_of(app, new)) == (200, 200)
        clock.advance(days=7)
        assert (self.status_of(app, old), self.status_of(app, new)) == (401, 200)
        sign_in(admin, world, "force_administrator")
        ended = rows_in(admin.get("/force/keys").text)[1]
        assert "Ended" in ended
        assert "1 December 2026" in ended
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
