"""Many workers, one killed in the middle of a call: one meeting for a session all the same, and one link for each."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from config import ROOT
from provider.domain.meetings import errands
from provider.domain.meetings.errands import Taken
from provider.domain.meetings.models import Meeting, Registrant
from provider.domain.meetings.zoom import Zoom
from provider.jobs.inviting import keep_meetings
from provider.jobs.shift import Shift
from tests.builders import World, build_world
from tests.fakes import MovableClock
from tests.jobs.test_meetings_kept import keep, keep_until_settled, place, zoom_session
from tests.races.together import at_once
from tests.stand_ins.zoom import ACCOUNT, CLIENT, SECRET, ZoomStandIn

WORKERS = 5
LOOKS = 10
WORKER = """
import sys
from provider import create_app
from provider.jobs.inviting import keep_meetings
from provider.jobs.shift import Shift
from tests.conftest import settings_for
from tests.fakes import MovableClock
database, zoom, account, client, secret = sys.argv[1:]
settings = settings_for(
    database,
    zoom_account_id=account, zoom_client_id=client, zoom_client_secret=secret, zoom_api_base_url=zoom,
)
app = create_app(settings, clock=MovableClock())
with app.app_context():
    keep_meetings(Shift(app))
"""


@pytest.fixture
def there(app: Flask, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoomStandIn]:
    with ZoomStandIn(clock=clock.now, users={"facilitator@provider.example"}) as stand_in:
        zoom = Zoom(account_id=ACCOUNT, client_id=CLIENT, client_secret=SECRET, base_url=stand_in.url)
        monkeypatch.setitem(app.extensions, "meeting_gateway", zoom)
        yield stand_in


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    session_id = zoom_session(world)
    for name in ("Sam", "Alex", "Jo"):
        place(world, session_id, given_name=name)
    return world


def together(app: Flask) -> None:
    """Each looks a few times, as workers do: what another is just taking in hand is passed over."""

    def work(number: int) -> Callable[[], None]:
        def look() -> None:
            for _ in range(LOOKS):
                keep_meetings(Shift(app, worker=f"worker {number}"))

        return look

    at_once(app, [work(number) for number in range(WORKERS)])


def test_workers_side_by_side_make_one_meeting_and_one_link_each(
    app: Flask, world: World, there: ZoomStandIn, clock: MovableClock
) -> None:
    there.latency = 0.05
    together(app)
    keep_until_settled(app, clock)
    assert len(there.meetings) == 1
    assert sorted(one["first_name"] for one in there.meetings[0].registrants) == ["Alex", "Jo", "Sam"]


def test_control_where_nobody_has_a_thing_in_hand_it_is_asked_for_more_than_once(
    app: Flask, world: World, there: ZoomStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def glance(row: Meeting | Registrant, *, now: datetime, **_more: object) -> Taken:
        row.claim = "anybody"
        return Taken(row.id, "anybody", False, True, now + timedelta(minutes=1))

    monkeypatch.setattr(errands, "take", glance)
    there.latency = 0.3
    together(app)
    assert len(there.meetings) > 1


@pytest.mark.parametrize("at", ["meeting", "link"])
def test_a_worker_killed_after_zoom_did_as_asked_leaves_nothing_twice(
    app: Flask, world: World, there: ZoomStandIn, clock: MovableClock, database_url: str, at: str
) -> None:
    there.faults.extend(["hang after"] if at == "meeting" else ["", *["hang after"] * 3])
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, database_url, there.url, ACCOUNT, CLIENT, SECRET], cwd=ROOT
    )
    try:
        expected = (1, 0) if at == "meeting" else (1, 3)
        ends = time.monotonic() + 20
        while (len(there.meetings), len(there.people())) != expected and time.monotonic() < ends:
            time.sleep(0.02)
        assert (len(there.meetings), len(there.people())) == expected
    finally:
        worker.kill()
        worker.wait()
    keep(app)
    assert len(there.people()) == expected[1], "nobody else asks while it may still be in that worker's hand"
    keep_until_settled(app, clock)
    assert len(there.meetings) == 1
    assert len(there.meetings[0].registrants) == 3


def test_control_where_what_was_asked_for_is_forgotten_it_is_there_twice(
    app: Flask,
    world: World,
    there: ZoomStandIn,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken as always, and not noted before the call: after a broken call nobody looks."""
    taking = errands.take

    def forgetful(row: Meeting | Registrant, *, asks_for_new: bool, **more: object) -> Taken:
        return taking(row, asks_for_new=False, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(errands, "take", forgetful)
    there.faults.append("reset after")
    keep_until_settled(app, clock)
    assert len(there.meetings) == 2
