"""Every test here walks people along the pathway, inside one application context."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.builders import World, build_world
from tests.fakes import MovableClock
from tests.pathway.walking import Walk


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Iterator[Walk]:
    with world.app.app_context():
        yield Walk(world, clock)
