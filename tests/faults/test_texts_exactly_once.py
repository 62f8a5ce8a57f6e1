"""Workers are killed at random instants, two at a time, and Twilio has a bad day: each text reaches it exactly once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from provider.kernel.database import db
from tests.builders import World
from tests.faults.serving import new_world, own_database
from tests.faults.storms import storm
from tests.faults.stormy import Order

SEED = 20261124
GIVE_UP = 240


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with own_database(database_url, tmp_path, f"storm_{os.getpid()}") as url:
        world, _ = new_world(url, tmp_path)
        yield world
        with world.app.app_context():
            db.engine.dispose()


@pytest.mark.slow
def test_fifty_killed_workers_and_five_hundred_texts(world: World) -> None:
    with storm(world, seed=SEED) as ours:
        ours.plant(500, within=7)
        seen = ours.rage(Order("ours", kills=50, live=0.45, give_up=GIVE_UP, seed=SEED))
    assert (seen.killed, seen.left) == (50, 0)
    assert seen.doubled == set()
    assert seen.lost == set()
    assert seen.asked == 0
    assert seen.as_sent
    assert {text.state for text in seen.stored} <= {"sent", "delivered"}
    # Of many it was not the answer that told, or there was none.
    assert seen.known_by["callback"] > 0
    assert seen.known_by["list"] > 10


@pytest.mark.slow
def test_the_control_that_sends_and_then_marks_is_seen_to_double(world: World) -> None:
    with storm(world, seed=SEED) as ours:
        ours.plant(60, within=1)
        seen = ours.rage(Order("control", kills=20, live=0.3, give_up=GIVE_UP, seed=SEED))
    assert seen.killed == 20
    assert seen.lost == set()
    assert len(seen.doubled) > 5
