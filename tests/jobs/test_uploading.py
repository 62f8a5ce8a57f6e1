"""A worker is killed while it sends a file: after every statement in turn, and for real. Every row is sent once.

The control marks a row after its referral is committed, as one would without thinking of it, and doubles.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from config import ROOT
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Referral
from provider.domain.uploads.models import RowState, Upload, UploadRow
from provider.domain.uploads.queries import rows_in
from provider.jobs.shift import Shift
from provider.jobs.uploading import send_uploads
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import sending_rows
from provider.pathway.receiving import receive
from tests.builders import World, build_world, count
from tests.conftest import SECRETS
from tests.fakes import A_TUESDAY
from tests.races.test_uploads import keep, start, states
from tests.sheets import row, rows_of

ROWS = 4


class Killed(BaseException):
    """The worker is gone: nothing it has open is finished, and nothing is tidied up."""


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@contextmanager
def killed_after(app: Flask, statements: int) -> Iterator[None]:
    """The statement with this number is the last that the worker sends."""
    left = statements

    def note(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def work(app: Flask) -> None:
    with app.app_context():
        send_uploads(Shift(app))


def work_and_be_killed(app: Flask, statements: int) -> bool:
    """Whether there was still something to be killed in."""
    try:
        with killed_after(app, statements):
            work(app)
    except Killed:
        return True
    return False


def sent_by_name(app: Flask) -> Counter[str | None]:
    with app.app_context():
        return Counter(db.session.scalars(sa.select(Referral.sent_name)))


@pytest.mark.parametrize("mode", ["good", "all"])
@pytest.mark.parametrize("reference", ["", None], ids=["without a reference", "with one"])
def test_killed_after_every_statement_in_turn_each_row_is_sent_once(
    world: World, mode: str, reference: str | None
) -> None:
    changes = {} if reference is None else {"force_reference": reference}
    start(world, keep(world, [row(number, **changes) for number in range(ROWS)]), mode)
    deaths = 0
    while work_and_be_killed(world.app, deaths):
        deaths += 1
        assert len(sent_by_name(world.app)) == states(world)["sent"]
    assert deaths > 20
    assert states(world) == {"sent": ROWS}
    assert set(sent_by_name(world.app).values()) == {1}
    assert [found["sealed"] for found in rows_of(world.app)] == [None] * ROWS
    with world.app.app_context():
        assert count("referrals") == count("people") == count("cases") == ROWS
        assert count("compliance_events") == ROWS
        assert count("audit_entries", action="upload.ended") == 1


def sent_and_then_marked(app: Flask, upload_id: int) -> None:
    """What the worker must not do: the referral in one transaction, and that the row was sent in the next."""
    box, by = app.extensions["secret_box"], Actor("account", 1)
    for row_id in rows_in(upload_id, state=RowState.READY):
        with transaction():
            found = db.session.get_one(UploadRow, row_id)
            submission = sending_rows._read(found, box=box, now=A_TUESDAY)
            receive(
                submission,
                force_id=found.force_id,
                warnings=warnings_of(submission),
                received_by="upload",
                by=by,
                now=A_TUESDAY,
            )
        with transaction():
            db.session.get_one(UploadRow, row_id).state = RowState.SENT


def test_control_marked_afterwards_a_row_is_sent_twice(world: World) -> None:
    upload_id = keep(world, [row(number, force_reference="") for number in range(ROWS)])
    start(world, upload_id)
    deaths, killed = 0, True
    while killed:
        try:
            with killed_after(world.app, deaths), world.app.app_context():
                sent_and_then_marked(world.app, upload_id)
            killed = False
        except Killed:
            deaths += 1
    assert states(world) == {"sent": ROWS}
    assert max(sent_by_name(world.app).values()) > 1


def test_a_shift_that_ends_leaves_the_rest_for_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(world, keep(world, [row(number) for number in range(ROWS)]))
    shift = Shift(world.app)
    whole = sending_rows.send_row

    def and_stop(row_id: int, **more: Any) -> None:
        whole(row_id, **more)
        shift.stopping.set()

    monkeypatch.setattr(sending_rows, "send_row", and_stop)
    with world.app.app_context():
        send_uploads(shift)
    assert states(world) == {"sent": 1, "ready": ROWS - 1}
    monkeypatch.undo()
    work(world.app)
    assert states(world) == {"sent": ROWS}


def test_an_upload_that_cannot_go_on_does_not_stand_in_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = keep(world, [row(1)]), keep(world, [row(2)])
    for upload_id in (first, second):
        start(world, upload_id)
    whole = sending_rows.send_row

    def fails_for_one(row_id: int, **more: Any) -> None:
        if row_id == 1:
            raise RuntimeError
        whole(row_id, **more)

    monkeypatch.setattr(sending_rows, "send_row", fails_for_one)
    work(world.app)
    assert [found["state"] for found in rows_of(world.app)] == ["ready", "sent"]
    with world.app.app_context():
        assert count("uploads", state="done") == 1


@contextmanager
def a_worker(app: Flask) -> Iterator[subprocess.Popen[bytes]]:
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    secrets = {name.upper(): value for name, value in SECRETS.items()}
    environment = {**os.environ, **secrets, "DATABASE_URL": url, "PROVIDER_ENV": "test"}
    command = [sys.executable, "-m", "flask", "--app", "provider", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as worker:
        try:
            yield worker
        finally:
            worker.kill()


@pytest.mark.slow
def test_a_worker_killed_for_real_leaves_nothing_out_and_nothing_twice(world: World) -> None:
    """The worker's clock is the machine's: what it is to send has happened, and was started, by that."""
    rows = 60
    happened = {"occurred_at": "01/06/2026 10:00", "force_reference": ""}
    start(world, keep(world, [row(number, **happened) for number in range(rows)]))
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Upload).values(started_at=datetime.now(UTC)))
    kills = 0
    for enough in (5, 25):
        with a_worker(world.app) as worker:
            wait_until_sent(world, enough)
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
        kills += states(world)["sent"] < rows
    assert kills, "the file was done before anybody was killed"
    assert states(world).keys() == {"sent", "ready"}
    work_until_done(world)
    assert states(world) == {"sent": rows}
    with world.app.app_context():
        assert count("referrals") == count("people") == rows
        assert count("uploads", state="done") == 1


def work_until_done(world: World) -> None:
    """The database may take a moment to find out that the killed one is gone, and keep its row for so long."""
    for _ in range(50):
        work(world.app)
        if states(world).keys() == {"sent"}:
            return
        time.sleep(0.1)


def wait_until_sent(world: World, rows: int) -> None:
    for _ in range(1_200):
        if states(world)["sent"] >= rows:
            return
        time.sleep(0.05)
    pytest.fail("the worker sent nothing")
