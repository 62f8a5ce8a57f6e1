"""Sixteen write for one force and four for another, some late, some in vain, while readers page through by HTTP and by
function and the delivery job numbers too: every reader ends with every event exactly once and in one order.

In the same storm somebody reads by plain ids, as is usually done, and is seen to lose events.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from provider import create_app
from provider.domain.compliance import delivery, feed
from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.conftest import settings_for
from tests.fakes import A_TUESDAY, MovableClock
from tests.races.together import at_once

FORCE, OTHER = "midshire", "thamesford"
WRITERS, OF_OTHER, EACH = 16, 4, 12
BY_HTTP, BY_FUNCTION = 3, 2
LATE = (0, 0, 0.001, 0.005, 0.02, 0.1)


class InVain(Exception):
    """What a writer meant to tell is taken back before it is committed."""


@dataclass
class Storm:
    """What each writer committed, in its own order; over once all have."""

    writers: int
    written: dict[str, list[list[str]]] = field(default_factory=dict)
    in_vain: list[str] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return len(self.done) == self.writers


@dataclass(frozen=True)
class Read:
    """What one reader was given: number and id of each event, and each cursor with what it had by then."""

    events: list[tuple[int, str]]
    cursors: list[tuple[str, int]]


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def readers(app: Flask, database_url: str) -> Iterator[Flask]:
    """Another process, as good as: the same application with connections of its own."""
    other = create_app(settings_for(database_url, api_rate_limit=1_000_000), clock=MovableClock())
    yield other
    with other.app_context():
        db.engine.dispose()


@pytest.fixture
def door(readers: Flask) -> Iterator[int]:
    """The port on which the application is really served."""
    server = make_server("127.0.0.1", 0, readers, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield server.server_port
    server.shutdown()
    serving.join()


def write(world: World, known: Known, storm: Storm, seed: int, *, force: str) -> None:
    """One or two events a transaction: committed late, so that others overtake it, or not at all."""
    dice, written = random.Random(seed), []
    for number in range(EACH):
        with suppress(InVain), transaction():
            told = [_publish(world, known, force) for _ in range(dice.choice((1, 1, 2)))]
            db.session.flush()
            time.sleep(dice.choice(LATE))
            if number % 5 == seed % 5:
                storm.in_vain += told
                raise InVain
            written += told
    storm.written.setdefault(force, []).append(written)
    storm.done.append(seed)


def _publish(world: World, known: Known, force: str) -> str:
    level = {
        "level": "assessment",
        "outcome": "open",
        "may_reoffer": True,
        "bar_until": None,
        "rule": "divert-adult v1",
    }
    told = feed.Told("assessment.attended", known.reference, None, "divert-adult", level)
    return feed.publish(
        told,
        force_id=world.forces[force],
        referral_id=known.referral_id,
        occurred_at=A_TUESDAY,
        now=A_TUESDAY,
    )


Page = tuple[list[tuple[int, str]], str, bool]


def by_http(port: int, key: str, after: str | None, limit: int) -> Page:
    """A page, asked for again where the one writer of SQLite keeps everybody waiting, as a 503 says to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    path = f"/api/v1/compliance-events?limit={limit}" + (f"&after={after}" if after else "")
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    page = json.loads(answer.read())
    connection.close()
    if answer.status == 503:
        time.sleep(int(answer.headers["Retry-After"]))
        return by_http(port, key, after, limit)
    assert answer.status == 200, page
    return [(event["sequence"], event["id"]) for event in page["events"]], page["next"], page["has_more"]


def by_function(app: Flask, force_id: int, after: str | None, limit: int) -> Page:
    with app.app_context():
        if feed.has_unnumbered(force_id):
            with transaction():
                feed.number(force_id)
        page = feed.page(force_id, after=after, limit=limit)
        return [(event.sequence or 0, event.public_id) for event in page.events], page.next, page.has_more


def follow(ask: Callable[[str | None, int], Page], storm: Storm, *, limit: int) -> Read:
    """As a force's system does: page after page behind the cursor it was given, until there is nothing more to come."""
    after, read = None, Read([], [])
    while True:
        over = storm.over
        events, after, has_more = ask(after, limit)
        read.events.extend(events)
        read.cursors.append((after, len(read.events)))
        if over and not events and not has_more:
            return read


def number(app: Flask, storm: Storm) -> int:
    """As the delivery job does, whoever reads at the same moment."""
    numbered = 0
    while not storm.over:
        with app.app_context():
            for force_id in delivery.forces_to_number():
                with transaction():
                    numbered += feed.number(force_id)
    return numbered


def follow_ids(app: Flask, force_id: int, storm: Storm) -> list[str]:
    """The control: everything that is there with an id above the last one that was read."""
    last, read, over = 0, [], False
    while True:
        with app.app_context():
            above = sa.select(ComplianceEvent.id, ComplianceEvent.public_id).where(
                ComplianceEvent.force_id == force_id, ComplianceEvent.id > last
            )
            rows = db.session.execute(above.order_by(ComplianceEvent.id)).all()
        read += [row.public_id for row in rows]
        last = rows[-1].id if rows else last
        if over and not rows:
            return read
        over = storm.over


@pytest.mark.parametrize("seed", [1, 2])
def test_every_reader_ends_with_every_event_once_and_in_one_order(
    world: World, readers: Flask, door: int, engine_name: str, seed: int
) -> None:
    known, storm = add_case(world), Storm(WRITERS + OF_OTHER)
    ours, others = world.forces[FORCE], world.forces[OTHER]
    asking = [
        *[partial(by_http, door, world.keys[FORCE])] * BY_HTTP,
        *[partial(by_function, readers, ours)] * BY_FUNCTION,
    ]
    following = [partial(follow, ask, storm, limit=3 + place) for place, ask in enumerate(asking)]
    everybody: list[Callable[[], Any]] = [
        *following,
        partial(follow, partial(by_function, readers, others), storm, limit=5),
        partial(number, readers, storm),
        partial(follow_ids, readers, ours, storm),
        *(partial(write, world, known, storm, 100 * seed + n, force=FORCE) for n in range(WRITERS)),
        *(partial(write, world, known, storm, 100 * seed + 50 + n, force=OTHER) for n in range(OF_OTHER)),
    ]
    *read, of_other, _, by_ids = at_once(world.app, everybody)[: len(following) + 3]
    told = {event for each in storm.written[FORCE] for event in each}
    for reader in read:
        assert_whole(reader, storm, FORCE)
        assert reader.events == read[0].events
    assert_whole(of_other, storm, OTHER)
    assert_every_cursor_holds(readers, ours, read[0])
    assert not told & set(storm.in_vain)
    if engine_name == "postgresql":
        assert set(by_ids) < told, "the control is to lose events in this storm, or the storm is none"


def assert_whole(reader: Read, storm: Storm, force: str) -> None:
    """Every committed event once, numbered from 1 without a gap, and each writer's own in the order it wrote them."""
    ids = [event for _, event in reader.events]
    assert [sequence for sequence, _ in reader.events] == list(range(1, len(ids) + 1))
    assert sorted(ids) == sorted(event for each in storm.written[force] for event in each)
    place = {event: at for at, event in enumerate(ids)}
    for written in storm.written[force]:
        assert written == sorted(written, key=lambda event: place[event])


def assert_every_cursor_holds(app: Flask, force_id: int, reader: Read) -> None:
    """Behind each cursor that was handed out in the storm stands now what stood, or was to come, behind it then."""
    for after, had in reader.cursors:
        events, _, _ = by_function(app, force_id, after, 500)
        assert events == reader.events[had : had + 500]
