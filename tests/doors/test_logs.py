"""No log, however much is written into it, says who somebody is, what they told us, or what opens a door."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from provider.domain.forces.models import ApiKey
from provider.domain.messaging.links import new_link
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Referral
from provider.jobs.run import run_all_once
from provider.kernel.database import db, transaction
from provider.web.api import referrals as api
from tests.builders import PASSWORD, World, build_world, referral_body
from tests.desk import csrf_of, send, sign_in
from tests.doors.police import Police
from tests.fakes import MovableClock
from tests.roadside import refer

GIVEN, FAMILY, MOBILE, BORN = "Marigold", "Featherstone", "07700 900321", "1987-03-09"
PERSON = {
    "given_name": GIVEN,
    "family_name": FAMILY,
    "mobile": MOBILE,
    "date_of_birth": BORN,
    "contact": {"number_checked": True, "voicemail_ok": True, "text_ok": True, "best_times": None},
}
TYPED = {
    "given_name": GIVEN,
    "family_name": FAMILY,
    "date_of_birth-day": "9",
    "date_of_birth-month": "3",
    "date_of_birth-year": "1987",
}
NOBODYS = (GIVEN, FAMILY, MOBILE, "7700900321", "900321", BORN, "9 March 1987", "afraid of the dog", PASSWORD)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def says(caplog: pytest.LogCaptureFixture, words: tuple[str, ...]) -> list[str]:
    """Which of the words stand in any record: its message, what was attached to it, its traceback."""
    formatter = logging.Formatter("%(message)s")
    written = "\n".join(f"{formatter.format(record)} {vars(record)}" for record in caplog.records).lower()
    return [word for word in words if word.lower() in written]


def link_of(world: World, reference: str, clock: MovableClock) -> str:
    with world.app.app_context(), transaction():
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        number = sa.select(PhoneNumber.id).where(PhoneNumber.person_id == referral.person_id)
        return new_link(
            referral.case_id or 0, number_id=db.session.scalar(number), text_id=None, now=clock.now()
        )


def test_a_day_at_every_door_leaves_nobody_in_the_log(
    world: World, client: FlaskClient, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    key = world.keys["midshire"]
    with caplog.at_level(logging.DEBUG):
        reference = Police(client, key).refer(referral_body(person=PERSON)).get_json()["reference"]
        Police(client, key).refer(referral_body(person={**PERSON, "date_of_birth": "1987-02-30"}))
        officer = world.app.test_client()
        sign_in(officer, world, "officer")
        contact = {"mobile": MOBILE, "number_checked": "yes"}
        refer(officer, person=TYPED, contact=contact, event={"force_reference": "20/2/26"})
        desk = world.app.test_client()
        sign_in(desk, world, "drug_worker")
        token = csrf_of(desk, "/referrals")
        desk.post("/referrals", data={"csrf_token": token, "what": f"{GIVEN} {FAMILY}"})
        page = f"/referrals/{reference}"
        send(desk, page, f"{page}/notes", kind="ordinary", text="They are afraid of the dog")
        run_all_once(world.app)
        link = link_of(world, reference, clock)
        phone = world.app.test_client()
        phone.get(f"/p/{link}")
        phone.post(f"/p/{link}")
        phone.post("/p/birth", data={"day": "9", "month": "3"})
        phone.get(f"/p/{link}x")
        cookies = [cookie.value for one in (officer, desk) if (cookie := one.get_cookie("provider"))]
    opens = (key, link, token, *cookies)
    assert says(caplog, (*NOBODYS, *opens)) == []


def _not_a_number(*_args: Any, **_named: Any) -> Any:
    TypeAdapter(int).validate_python(f"{GIVEN} {FAMILY}")


def _no_such_table(*_args: Any, **_named: Any) -> Any:
    db.session.execute(sa.text("SELECT :who FROM nowhere"), {"who": f"{GIVEN} {FAMILY}"})


def _no_such_table_while_saying_so(*_args: Any, **_named: Any) -> Any:
    try:
        _no_such_table()
    except sa.exc.DBAPIError as fault:
        raise KeyError(MOBILE) from fault


@pytest.mark.parametrize("bug", [_not_a_number, _no_such_table_while_saying_so])
def test_a_bug_is_logged_by_its_kind_and_place_alone(
    world: World,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    bug: Any,
) -> None:
    monkeypatch.setattr(api, "receive", bug)
    answer = Police(client, world.keys["midshire"]).refer(referral_body(person=PERSON))
    assert answer.status_code == 500
    assert bug.__name__ in caplog.text
    assert says(caplog, NOBODYS) == []


def test_a_database_s_message_never_repeats_what_it_was_given(world: World) -> None:
    with world.app.app_context(), pytest.raises(sa.exc.DBAPIError) as fault:
        db.session.execute(sa.select(ApiKey.id).where(sa.text("nothing = :who")), {"who": FAMILY})
    assert FAMILY not in str(fault.value)
