"""The page behind the code that an officer shows: public, the same for everybody, and silent about what it is about."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.forbidden import forbidden_in, forbidden_in_host
from provider.domain.schemes.models import SchemeTerms
from provider.kernel.database import db
from tests.builders import World, build_world
from tests.pathway.walking import set_terms


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def addresses(app: Flask) -> list[str]:
    with app.app_context():
        return [f"/p/next/{found}" for found in db.session.scalars(sa.select(SchemeTerms.id))]


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_of_every_scheme_it_says_who_rings_from_which_number_and_nothing_else(
    app: Flask, world: World, client: FlaskClient
) -> None:
    assert len(addresses(app)) == len(world.schemes)
    for address in addresses(app):
        answer = client.get(address)
        words = words_of(answer.text)
        assert re.search(r"Waymark [\w ]+ will ring you From 0\d", words)
        assert not forbidden_in(words), words
        assert not forbidden_in_host(address.replace("/", ""))
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_it_says_how_soon_by_the_terms(app: Flask, world: World, client: FlaskClient) -> None:
    (address, *_) = addresses(app)
    scheme = next(iter(world.schemes))
    said = []
    for days, kind in ((2, "working"), (1, "calendar"), (0, "working")):
        with app.app_context():
            set_terms(world, scheme, first_contact_days=days, first_contact_day_kind=kind)
        said.append(words_of(client.get(address).text))
    assert "within 2 working days unless another time was agreed" in said[0]
    assert "within 1 day unless" in said[1]
    assert "8pm, today unless another time was agreed" in said[2]


def test_the_number_is_saved_as_a_contact_of_a_neutral_name(
    app: Flask, world: World, client: FlaskClient
) -> None:
    answer = client.get(f"{addresses(app)[0]}/number")
    assert answer.mimetype == "text/vcard"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="number.vcf"'
    assert "FN:Waymark Midshire" in answer.text
    assert "TEL:01214960100" in answer.text
    assert not forbidden_in(answer.text)


@pytest.mark.parametrize("number", ["0", "999999", "2147483648", "9" * 30, "-1", "x", "%00"])
@pytest.mark.parametrize("more", ["", "/number"])
def test_a_version_that_is_none_is_not_found(
    world: World, client: FlaskClient, number: str, more: str
) -> None:
    assert client.get(f"/p/next/{number}{more}").status_code == 404


def test_it_answers_no_post(app: Flask, world: World, client: FlaskClient) -> None:
    assert client.post(addresses(app)[0]).status_code == 405
