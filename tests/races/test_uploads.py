"""A file started twice, sent by two workers, uploaded twice, at the same moment; each beside its control.

On SQLite the writers' queue stands behind every protection, so that the controls go right there too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from provider.domain.referrals.sheet.rows import read_rows
from provider.domain.uploads import queries
from provider.domain.uploads.models import RowState, Upload, UploadRow
from provider.jobs.shift import Shift
from provider.jobs.uploading import send_uploads
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.sheet_files import read_records
from provider.pathway import previewing, receiving, sending_rows, uploading
from tests.builders import World, build_world, count
from tests.fakes import A_TUESDAY
from tests.races.test_receiving import lingering
from tests.races.together import at_once
from tests.sheets import row, rows_of, written

MANY = 6


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def admin(world: World) -> Actor:
    return Actor("account", world.accounts["force_administrator"])


def keep(world: World, rows: Sequence[Mapping[str, str]]) -> int:
    """An upload that waits for somebody to say what to do; its id."""
    force_id = world.forces["midshire"]
    with world.app.app_context():
        read = read_rows(read_records(written(rows).encode()), scheme=None, leave_out=False)
        looked = previewing.look_at(read, force_id=force_id, now=A_TUESDAY)
        with transaction():
            public_id = previewing.keep_upload(
                looked,
                force_id=force_id,
                box=world.app.extensions["secret_box"],
                by=admin(world),
                now=A_TUESDAY,
            )
        return db.session.scalars(sa.select(Upload.id).where(Upload.public_id == public_id)).one()


def starting(world: World, upload_id: int, mode: str = "good") -> Callable[[], bool]:
    def start() -> bool:
        with transaction():
            upload = db.session.get_one(Upload, upload_id)
            return uploading.start_upload(upload, mode=mode, by=admin(world), now=A_TUESDAY)

    return start


def working(world: World) -> Callable[[], None]:
    """A worker that does what there is to do."""
    return lambda: send_uploads(Shift(world.app))


def start(world: World, upload_id: int, mode: str = "good") -> None:
    with world.app.app_context():
        assert starting(world, upload_id, mode)()


def states(world: World) -> Counter[str]:
    return Counter(str(found["state"]) for found in rows_of(world.app))


class TestStarting:
    def test_two_administrators_start_it_once(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploading, "lock_upload", lingering(queries.lock_upload))
        press = starting(world, keep(world, [row(1)]))
        assert sorted(at_once(world.app, [press, press])) == [False, True]
        with world.app.app_context():
            assert count("audit_entries", action="upload.started") == 1

    def test_one_of_two_choices_is_made(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploading, "lock_upload", lingering(queries.lock_upload))
        upload_id = keep(world, [row(1), row(2)])
        both = [starting(world, upload_id, "good"), starting(world, upload_id, "all")]
        assert sorted(at_once(world.app, both)) == [False, True]
        working_through(world)
        assert states(world) == {"sent": 2}

    def test_control_without_the_lock_it_is_started_twice(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
    ) -> None:
        monkeypatch.setattr(uploading, "lock_upload", lingering(partial(db.session.get_one, Upload)))
        press = starting(world, keep(world, [row(1)]))
        started = at_once(world.app, [press, press])
        assert started.count(True) == (2 if engine_name == "postgresql" else 1)


def working_through(world: World) -> None:
    with world.app.app_context():
        working(world)()


class TestTwoWorkers:
    @pytest.mark.parametrize("mode", ["good", "all"])
    def test_each_row_is_sent_once(self, world: World, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending_rows, "receive", lingering(receiving.receive, 0.02))
        start(world, keep(world, [row(number, force_reference="") for number in range(MANY)]), mode)
        at_once(world.app, [working(world)] * 3)
        assert states(world) == {"sent": MANY}
        with world.app.app_context():
            assert (count("referrals"), count("people")) == (MANY, MANY)
            assert count("audit_entries", action="upload.ended") == 1

    def test_control_without_the_lock_and_the_mark_a_row_is_sent_twice(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
    ) -> None:
        def unlocked(row_id: int, *, state: RowState) -> UploadRow | None:
            found = sa.select(UploadRow).where(UploadRow.id == row_id, UploadRow.state == state)
            return db.session.scalars(found).one_or_none()

        monkeypatch.setattr(sending_rows, "lock_row", lingering(unlocked))
        unmark(monkeypatch)
        start(world, keep(world, [row(1, force_reference="")]))
        at_once(world.app, [working(world)] * 2)
        with world.app.app_context():
            assert count("referrals") == (2 if engine_name == "postgresql" else 1)


def unmark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are not known again by what they say."""
    monkeypatch.setattr(sending_rows, "sent_with", lambda said, *, force_id: None)
    drawn = iter(range(1_000_000))
    monkeypatch.setattr(sending_rows, "content_hash", lambda submission: f"{next(drawn)}")


class TestTheSameFileTwice:
    @pytest.fixture
    def both(self, world: World) -> list[int]:
        rows = [
            row(number, force_reference="" if number % 2 else f"20/{number}/26") for number in range(MANY)
        ]
        uploads = [keep(world, rows), keep(world, rows[::-1])]
        for upload_id in uploads:
            start(world, upload_id)
        return uploads

    @pytest.mark.usefixtures("both")
    def test_sent_at_once_each_row_is_one_referral(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sending_rows, "sent_with", lingering(queries.sent_with, 0.02))
        at_once(world.app, [working(world)] * 2)
        working_through(world)
        assert states(world) == {"sent": MANY, "sent_before": MANY}
        with world.app.app_context():
            assert (count("referrals"), count("people")) == (MANY, MANY)

    def test_control_without_turns_the_database_refuses_the_second(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
    ) -> None:
        """Both look before either has written; the index keeps the second out, as a bug of ours, not as an answer."""
        monkeypatch.setattr(sending_rows, "take_turns", lambda key: None)
        monkeypatch.setattr(receiving, "take_turns", lambda key: None)
        monkeypatch.setattr(sending_rows, "sent_with", lingering(queries.sent_with))
        uploads = [keep(world, [row(1, force_reference="")]) for _ in range(2)]
        for upload_id in uploads:
            start(world, upload_id)

        def send(upload_id: int) -> Callable[[], str]:
            def one() -> str:
                (row_id,) = queries.rows_in(upload_id, state=RowState.READY)
                box = world.app.extensions["secret_box"]
                try:
                    with transaction():
                        sending_rows.send_row(row_id, box=box, now=A_TUESDAY)
                except IntegrityError:
                    return "broken"
                return "done"

            return one

        done = at_once(world.app, [send(upload_id) for upload_id in uploads])
        assert sorted(done) == (["broken", "done"] if engine_name == "postgresql" else ["done", "done"])
        with world.app.app_context():
            assert count("referrals") == 1
