"""Two that hear of one text at once: what one says is done once, and an arrival is never undone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm.attributes import set_committed_value

from provider.domain.messaging.models import Text
from provider.jobs.acting import act_on_callbacks
from provider.jobs.run import run_all_once
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from provider.pathway import answering
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, at_once
from tests.stand_ins.twilio import signed
from tests.texting import add_to_ring, book, texts_of

ROUNDS = 5


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


def the_text(world: World, known: Known) -> Text:
    return next(text for text in texts_of(world, known) if text.provider_id)


def said_of(text: Text, status: str, code: int | None = None) -> dict[str, Any]:
    form = {"MessageSid": str(text.provider_id), "MessageStatus": status}
    if code is not None:
        form["ErrorCode"] = str(code)
    return signed(f"http://localhost/webhooks/twilio/status?text={text.public_id}&try={text.tries}", form)


def post_at_once(world: World, *requests: dict[str, Any]) -> list[int]:
    def post(request: dict[str, Any]) -> int:
        return world.app.test_client().post(**request).status_code

    return at_once(world.app, [lambda request=request: post(request) for request in requests])  # type: ignore[misc]


def act_at_once(world: World, workers: int = 2) -> None:
    shifts = [Shift(world.app, worker=f"worker-{number}") for number in range(workers)]
    at_once(world.app, [lambda shift=shift: act_on_callbacks(shift) for shift in shifts])  # type: ignore[misc]


def test_the_same_said_at_once_on_two_connections_is_kept_once_and_done_once(
    world: World, known: Known
) -> None:
    text = the_text(world, known)
    request = said_of(text, "undelivered", 30005)
    assert post_at_once(world, *[request] * 8) == [204] * 8
    act_at_once(world, 4)
    with world.app.app_context():
        assert count("callbacks") == 1
        assert count("tasks", kind="text_failed") == 1
        # Done twice it would be a bad number.
        assert count("phone_numbers", state="suspect") == 1
        assert count("redactions") == 1


def tell(text: Text, status: str, code: int | None) -> None:
    """A worker's own transaction, as ``act_on_callbacks`` opens it."""
    with transaction():
        answering.text_status(
            text.public_id,
            attempt=text.tries,
            provider_id=str(text.provider_id),
            status=status,
            code=code,
            now=A_TUESDAY,
        )


def hear_both_ends(world: World, text: Text) -> str:
    at_once(
        world.app,
        [lambda: tell(text, "delivered", None), lambda: tell(text, "undelivered", 30004)],
    )
    with world.app.app_context():
        return db.session.scalars(sa.select(Text.state).where(Text.id == text.id)).one()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_ends_heard_at_once_come_to_the_arrival(world: World, known: Known, round_: int) -> None:
    assert hear_both_ends(world, the_text(world, known)) == "delivered"


def test_the_control_acting_on_what_was_read_before_undoes_an_arrival(
    world: World, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read that it was sent before either writes, and neither looks again: the later one is believed."""
    text = the_text(world, known)
    first_wrote = threading.Event()

    def as_it_was(public_id: str) -> Text:
        row = db.session.scalars(sa.select(Text).where(Text.public_id == public_id)).one()
        set_committed_value(row, "state", "sent")
        return row

    monkeypatch.setattr(answering, "_named", as_it_was)

    def last() -> None:
        assert first_wrote.wait(PATIENCE)
        tell(text, "undelivered", 30004)

    def first() -> None:
        tell(text, "delivered", None)
        first_wrote.set()

    at_once(world.app, [first, last])
    with world.app.app_context():
        assert db.session.scalars(sa.select(Text.state).where(Text.id == text.id)).one() == "failed"
