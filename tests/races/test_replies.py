"""Replies that come at once: one webhook told twice, two replies of one phone, two people who sort the same one."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.messaging.models import Reply
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import hearing, sorting
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import A_TUESDAY
from tests.races.together import at_once
from tests.stand_ins.twilio import signed
from tests.texting import MOBILE, add_to_ring, book

INBOUND = "http://localhost/webhooks/twilio/inbound"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


def test_one_webhook_told_eight_times_at_once_is_answered_and_acted_on_once(
    world: World, known: Known
) -> None:
    form = {"MessageSid": "SMsame", "From": "+447700900777", "To": "+447700900999", "Body": "I want to die"}

    def tell(_number: int) -> str:
        return world.app.test_client().post(**signed(INBOUND, form)).text

    said = at_once(world.app, [partial(tell, number) for number in range(8)])
    assert sum("999" in one for one in said) == 1
    run_all_once(world.app)
    with world.app.app_context():
        assert count("callbacks", kind="text_inbound") == 1
        assert count("replies") == 1


def test_one_reply_heard_by_eight_workers_at_once_is_kept_once(world: World, known: Known) -> None:
    def hear(_number: int) -> None:
        with transaction():
            hearing.reply("SMsame", from_e164=MOBILE, body="2", opt_out=None, now=A_TUESDAY)

    at_once(world.app, [partial(hear, number) for number in range(8)])
    with world.app.app_context():
        assert count("replies") == 1
        assert count("texts", kind="reply_link") == 1


def test_without_its_name_it_would_be_answered_more_than_once(world: World, known: Known) -> None:
    """The control: the same words under another name each time are as many replies."""

    def hear(number: int) -> None:
        with transaction():
            hearing.reply(f"SM{number}", from_e164=MOBILE, body="2", opt_out=None, now=A_TUESDAY)

    at_once(world.app, [partial(hear, number) for number in range(4)])
    with world.app.app_context():
        assert count("replies") == 4
        assert count("texts", kind="reply_link") == 4


def test_two_people_who_sort_one_reply_at_once_place_it_once(world: World, known: Known) -> None:
    other = add_to_ring(world, given_name="Alex")
    with world.app.app_context(), transaction():
        hearing.reply("SM1", from_e164=MOBILE, body="ring my mum", opt_out=None, now=A_TUESDAY)
    with world.app.app_context():
        reply_id = db.session.scalars(sa.select(Reply.id)).one()

    def place(case_id: int) -> str:
        with transaction():
            sorting.is_of(reply_id, case_id, by=Actor("account", 1), now=A_TUESDAY)
        return "placed"

    said = at_once(world.app, [partial(place, one) for one in [known.case_id, other.case_id] * 3])
    assert [one for one in said if one == "placed"] == ["placed"]
    assert {one.code for one in said if one != "placed"} == {"settled_before"}
    with world.app.app_context():
        assert count("tasks", kind="reply") == 1
