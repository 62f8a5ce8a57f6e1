from flask import Flask
from flask.testing import FlaskClient

from tests.builders import build_world


def test_an_unknown_page_is_a_plain_404(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404


def test_the_world_is_built(app: Flask) -> None:
    world = build_world(app)
    assert set(world.forces) == {"midshire", "thamesford"}
