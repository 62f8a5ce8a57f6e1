"""Keys of one force made at the same moment: never a third that works. And who notes a use waits for nobody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from provider.domain.accounts.secrets import token_hash
from provider.domain.forces import keys
from provider.domain.forces.models import ApiKey
from provider.kernel.actors import Actor
from provider.kernel.database import db, each_by_itself, transaction
from provider.pathway import commissioning
from tests.builders import World, build_world
from tests.fakes import A_TUESDAY
from tests.races.test_receiving import lingering
from tests.races.together import at_once

BY = Actor("account", 1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def issue(world: World, name: str) -> str:
    with transaction():
        return commissioning.issue_key(world.forces["midshire"], name=name, by=BY, now=A_TUESDAY)


def rotate(world: World, key_id: int) -> str:
    until, force_id = A_TUESDAY + timedelta(days=7), world.forces["midshire"]
    with transaction():
        return commissioning.rotate_key(key_id, force_id=force_id, until=until, by=BY, now=A_TUESDAY)


def live(world: World) -> int:
    with world.app.app_context():
        return len(keys.live_keys(world.forces["midshire"], now=A_TUESDAY))


def eight(world: World) -> list[Callable[[], str]]:
    return [partial(issue, world, f"key {number}") for number in range(8)]


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking for a place and taking it a while goes by."""
    monkeypatch.setattr(keys, "_free_place", lingering(keys._free_place, 0.1))


@pytest.fixture
def _no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commissioning, "_take_turns_at_keys", lambda force_id: None)


@pytest.mark.usefixtures("_slow")
def test_of_eight_who_make_one_at_once_one_does(world: World) -> None:
    answers = at_once(world.app, eight(world))
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "TwoKeysLive": 7}
    assert live(world) == 2


@pytest.mark.usefixtures("_slow")
def test_of_two_who_replace_one_at_once_one_does(world: World) -> None:
    with world.app.app_context():
        key_id = keys.live_keys(world.forces["midshire"], now=A_TUESDAY)[0].id
    answers = at_once(world.app, [partial(rotate, world, key_id)] * 2)
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "TwoKeysLive": 1}
    assert live(world) == 2


@pytest.mark.usefixtures("_slow", "_no_turns")
def test_without_turns_the_database_still_lets_no_third_work(world: World, engine_name: str) -> None:
    if engine_name == "sqlite":  # its writers take turns by nature
        at_once(world.app, eight(world))
    else:
        with pytest.raises(IntegrityError):
            at_once(world.app, eight(world))
    assert live(world) == 2


@pytest.mark.usefixtures("_no_turns")
def test_control_without_turns_and_places_there_are_more(
    world: World, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left is to look how many there are, and then to make one."""

    def count_only(force_id: int, *, now: object) -> None:
        if len(keys.live_keys(force_id, now=A_TUESDAY)) >= 2:
            raise keys.TwoKeysLive

    monkeypatch.setattr(keys, "_free_place", lingering(count_only, 0.3))
    at_once(world.app, eight(world))
    assert live(world) > 2 if engine_name == "postgresql" else live(world) == 2


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_third_is_no_row_of_the_table(world: World, place: int) -> None:
    with world.app.app_context():
        issue(world, "second")
        third = sa.insert(ApiKey).values(
            force_id=world.forces["midshire"],
            name="third",
            prefix="third",
            key_hash="third",
            scopes=[],
            created_at=A_TUESDAY,
            place=place,
        )
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(third)


def test_who_notes_a_use_waits_for_nobody_who_changes_the_key(world: World, engine_name: str) -> None:
    """While a key is being ended, requests by it go on; that they were there is noted by a later one."""
    if engine_name == "sqlite":
        pytest.skip("SQLite has one writer, and whoever counts a request waits for it anyway")
    changing, done = threading.Event(), threading.Event()
    still_changing: list[bool] = []

    def change() -> None:
        with world.app.app_context(), transaction() as session:
            session.execute(sa.update(ApiKey).values(name="changed"))
            changing.set()
            still_changing.append(done.wait(10))

    other = threading.Thread(target=change)
    other.start()
    assert changing.wait(10)
    with world.app.app_context(), each_by_itself():
        holder = keys.holder_of(token_hash(world.keys["midshire"]), now=A_TUESDAY)
        assert holder is not None
        keys.note_use(holder, now=A_TUESDAY)
    done.set()
    other.join()
    assert still_changing == [True]
    with world.app.app_context():
        assert set(db.session.scalars(sa.select(ApiKey.last_used_at))) == {None}


def test_of_many_who_use_a_key_in_one_minute_one_notes_it(world: World) -> None:
    with world.app.app_context():
        holder = keys.holder_of(token_hash(world.keys["midshire"]), now=A_TUESDAY)
    assert holder is not None

    def note(seconds: int) -> None:
        with each_by_itself():
            keys.note_use(holder, now=A_TUESDAY + timedelta(seconds=seconds))

    with world.app.app_context():
        note(0)
    at_once(world.app, [partial(note, seconds) for seconds in (10, 20, 30)])
    with world.app.app_context():
        used = db.session.scalars(sa.select(ApiKey.last_used_at).where(ApiKey.id == holder.key_id)).one()
        assert used == A_TUESDAY
