"""How a call went, said at the desk: on My day, on the team's page, on a page of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.clock import moves_of, stops_of
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import slots_between
from provider.domain.referrals.models import Referral
from provider.domain.schemes.deadlines import Stop
from provider.kernel.calendar import london
from provider.kernel.database import db
from tests.builders import World, build_world
from tests.desk import case_of, referral_of, section, send, sign_in
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, checked, texts


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


@pytest.fixture
def desk(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@dataclass(frozen=True)
class Booked:
    """A call in the diary, of whom, and the address where it is said how it went."""

    reference: str
    case_id: int
    id: int
    starts_at: datetime

    @property
    def outcome(self) -> str:
        return f"/referrals/{self.reference}/appointments/{self.id}/outcome"


def booked(walk: Walk, kind: str = "assessment") -> Booked:
    with walk.world.app.app_context():
        referral = walk.referred(person=checked())
        if kind != "assessment":
            walk.assessed(referral, pathway=kind)
        call = walk.booked(referral, kind=kind)
        return Booked(walk.fresh(referral).reference, call.case_id, call.id, call.starts_at)


def over(walk: Walk, desk: FlaskClient, kind: str = "assessment") -> Booked:
    """A call that was booked, and is over since yesterday."""
    call = booked(walk, kind)
    walk.clock.set(call.starts_at + timedelta(days=1, hours=1))
    sign_in(desk, walk.world, "drug_worker")
    return call


def when(moment: datetime) -> dict[str, str]:
    there = london(moment)
    return {
        "day-day": str(there.day),
        "day-month": str(there.month),
        "day-year": str(there.year),
        "at": f"{there:%H:%M}",
    }


def states(app: Flask, call: Booked) -> list[str]:
    with app.app_context():
        found = sa.select(Appointment.state).where(Appointment.case_id == call.case_id)
        return list(db.session.scalars(found.order_by(Appointment.id)))


def test_it_stays_on_my_day_and_the_teams_page_until_it_is_said_however_old(
    app: Flask, walk: Walk, world: World, desk: FlaskClient
) -> None:
    call = over(walk, desk)
    walk.clock.advance(days=40)
    sign_in(desk, world, "drug_worker")
    assert call.reference in section(desk.get("/my-day").text, "calls")
    lead = app.test_client()
    sign_in(lead, world, "team_lead")
    assert call.outcome in section(lead.get("/team").text, "unsettled")
    path = f"/referrals/{call.reference}/appointments/{call.id}/missed"
    answer = send(desk, "/my-day", path, **{"from": "my-day"})
    assert answer.location == "/my-day#calls"
    assert call.reference not in section(desk.get("/my-day").text, "calls")
    assert 'id="unsettled"' not in lead.get("/team").text


def test_it_took_place_at_another_time_that_is_over(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk, "one_to_one")
    really = call.starts_at + timedelta(hours=3)
    answer = send(desk, call.outcome, how="another_time", **when(really))
    assert answer.status_code == 302
    assert states(app, call) == ["moved", "took_place"]


@pytest.mark.parametrize(
    ("shift", "said"),
    [(timedelta(days=2), "That time has not come yet"), (timedelta(days=-30), "before they were referred")],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_typed_is_lost(
    app: Flask, walk: Walk, desk: FlaskClient, shift: timedelta, said: str
) -> None:
    call = over(walk, desk, "one_to_one")
    typed = when(walk.now + shift)
    page = send(desk, call.outcome, how="another_time", **typed)
    assert (page.status_code, said in page.text) == (200, True)
    assert f'value="{typed["day-day"]}"' in page.text
    assert states(app, call) == ["booked"]


def test_without_day_and_time_it_asks_for_both(walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk, "one_to_one")
    page = send(desk, call.outcome, how="another_time").text
    assert "Enter the day it took place" in page
    assert "Enter the time it began" in page


def stops(app: Flask, call: Booked) -> list[Stop]:
    with app.app_context():
        return list(stops_of([call.case_id], moves_of([call.case_id]))[call.case_id])


def test_ours_to_blame_with_a_new_time_tells_them_and_stops_the_clock(
    app: Flask, walk: Walk, desk: FlaskClient
) -> None:
    call = over(walk, desk)
    with app.app_context():
        slots = slots_between(walk.now, walk.now + timedelta(days=3), minutes=45, now=walk.now)
    new = slots[3].starts_at
    answer = send(desk, call.outcome, how="ours_to_blame", instead=new.isoformat())
    assert answer.status_code == 302
    assert states(app, call) == ["ours_to_blame", "booked"]
    case = case_of(app, call.reference)
    assert case.misses == 0
    with app.app_context():
        assert "assessment_sorry_moved" in texts(case)
    assert stops(app, call) == [Stop("our_fault", call.starts_at, new)]


def test_ours_to_blame_without_one_is_work_for_somebody(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk)
    send(desk, call.outcome, how="ours_to_blame", instead="")
    case = case_of(app, call.reference)
    assert (states(app, call), case.misses, case.next_call_at) == (["ours_to_blame"], 0, walk.now)
    assert stops(app, call) == [Stop("our_fault", call.starts_at, None)]
    with app.app_context():
        assert set(texts(case)) == {"assessment_sorry"}


def test_an_outcome_for_the_future_is_refused(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = booked(walk)
    for how in ("did_not_answer", "ours_to_blame"):
        page = send(desk, call.outcome, how=how).text
        assert "That time has not come yet" in page
    assert states(app, call) == ["booked"]


def test_a_call_that_nobody_had_booked_counts(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    with app.app_context():
        referral = walk.referred(person=checked())
        walk.assessed(referral, pathway="one_to_one")
        reference = walk.fresh(referral).reference
    walk.clock.advance(hours=3)
    sign_in(desk, walk.world, "drug_worker")
    path = f"/referrals/{reference}/appointments/held"
    assert path in desk.get(f"/referrals/{reference}/book").text
    assert "That time has not come yet" in send(desk, path, **when(walk.now + timedelta(hours=1))).text
    send(desk, path, **when(walk.now - timedelta(hours=1)))
    assert referral_of(app, reference).status == "completed"


def test_what_was_said_meanwhile_is_told(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk)
    path = call.outcome.replace("outcome", "missed")
    send(desk, call.outcome, path)
    assert "has been said" in desk.get(call.outcome).text
    send(desk, f"/referrals/{call.reference}/number", path)
    assert "There is no appointment to change any more" in desk.get(f"/referrals/{call.reference}").text


def test_an_assessment_written_down_later_says_when_it_was(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk)
    path = f"/referrals/{call.reference}/assessment"
    send(desk, path, limits_explained="y", action="advice")
    decided = {"pathway": "group_course", "because": "They asked", "action": "finish"}
    page = desk.get(f"{path}/advice").text
    course = re.search(r'<option value="(\d+)"', page)
    assert course
    later = when(walk.now + timedelta(hours=1))
    page = send(desk, f"{path}/advice", course=course.group(1), **decided, **later).text
    assert "That time has not come yet" in page
    half = {**when(call.starts_at), "at": ""}
    assert (
        "Enter the time it began"
        in send(desk, f"{path}/advice", course=course.group(1), **decided, **half).text
    )
    really = when(call.starts_at + timedelta(hours=2))
    assert send(desk, f"{path}/advice", course=course.group(1), **decided, **really).status_code == 302
    assert states(app, call) == ["moved", "took_place"]


def corrects(call: Booked) -> str:
    return call.outcome.replace("outcome", "correct")


def correction(desk: FlaskClient, call: Booked, **filled: str) -> dict[str, str]:
    """What is filled in, with what the page says that it has seen."""
    seen = re.search(r'name="seen" value="(\d*)"', desk.get(corrects(call)).text)
    assert seen
    return {"how": "ours_to_blame", "reason": "We rang another number", "seen": seen.group(1), **filled}


def missed(walk: Walk, desk: FlaskClient, kind: str = "assessment") -> Booked:
    call = over(walk, desk, kind)
    send(desk, call.outcome, how="did_not_answer")
    return call


def test_how_it_went_is_corrected_with_a_reason_from_the_referrals_page(
    app: Flask, walk: Walk, desk: FlaskClient
) -> None:
    call = missed(walk, desk)
    page = desk.get(f"/referrals/{call.reference}").text
    assert f'href="{corrects(call)}"' in page
    assert f'href="{corrects(call)}"' in desk.get(call.outcome).text
    assert case_of(app, call.reference).misses == 1
    assert send(desk, corrects(call), **correction(desk, call)).status_code == 302
    assert (states(app, call), case_of(app, call.reference).misses) == (["ours_to_blame"], 0)
    page = desk.get(f"/referrals/{call.reference}").text
    assert "Assessment call corrected: ours to blame" in page
    assert "Assessment call: did not answer" in page
    assert "We rang another number" in page
    assert page.count(f'href="{corrects(call)}"') == 1
    for path in (call.outcome, corrects(call)):
        said = desk.get(path).text
        assert "They did not answer" in said
        assert "We rang another number" in said


@pytest.mark.parametrize(
    ("filled", "sentence"),
    [
        ({"reason": "  "}, "Say why it is corrected"),
        ({"how": ""}, "Choose how it really went"),
        ({"reason": "x" * 201}, "200"),
    ],
)
def test_a_correction_that_is_wrong_says_so_and_loses_nothing(
    app: Flask, walk: Walk, desk: FlaskClient, filled: dict[str, str], sentence: str
) -> None:
    call = missed(walk, desk)
    sent = correction(desk, call, **filled)
    page = send(desk, corrects(call), **sent)
    assert (page.status_code, sentence in page.text) == (200, True)
    assert sent["reason"].strip() in page.text
    assert states(app, call) == ["did_not_answer"]


def test_what_a_colleague_corrected_meanwhile_is_shown(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = missed(walk, desk)
    stale = correction(desk, call, how="moved", reason="Asked at the weekend")
    send(desk, corrects(call), **correction(desk, call))
    page = send(desk, corrects(call), **stale).text
    assert "A colleague has said something else since you opened this" in page
    assert "We rang another number" in page
    assert "Asked at the weekend" in page
    assert states(app, call) == ["ours_to_blame"]
    # Looked at, and pressed again as it is now drawn.
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    send(desk, corrects(call), **{**stale, "seen": seen.group(1)})
    assert states(app, call) == ["moved"]


def test_a_call_that_nobody_has_said_anything_of_is_not_corrected(
    app: Flask, walk: Walk, desk: FlaskClient
) -> None:
    call = booked(walk)
    sign_in(desk, walk.world, "drug_worker")
    assert "Nobody has said yet how this call went" in desk.get(corrects(call)).text
    sent = {"how": "moved", "reason": "Why", "seen": ""}
    page = send(desk, f"/referrals/{call.reference}", corrects(call), **sent).text
    assert "Nobody has said yet how this call went" in page
    assert states(app, call) == ["booked"]


def test_an_assessment_that_took_place_is_then_recorded(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = missed(walk, desk)
    send(desk, corrects(call), **correction(desk, call, how="took_place", reason="Noted elsewhere"))
    page = desk.get(f"/referrals/{call.reference}").text
    assert "The assessment took place. It is still to be recorded." in page


@pytest.mark.parametrize("role", ["facilitator", "clinical_lead", "commissioner", "administrator"])
def test_only_who_books_may_correct(app: Flask, walk: Walk, desk: FlaskClient, role: str) -> None:
    call = missed(walk, desk)
    other = app.test_client()
    sign_in(other, walk.world, role)
    assert other.get(corrects(call)).status_code == 403
    assert other.post(corrects(call), data={"how": "moved"}).status_code in (400, 403)


def test_a_call_of_before_the_end_stays_to_be_said(app: Flask, walk: Walk, desk: FlaskClient) -> None:
    call = over(walk, desk)
    with app.app_context():
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == call.reference)).one()
        walk.withdrawn(referral)
    assert call.reference in section(desk.get("/my-day").text, "calls")
    page = desk.get(f"/referrals/{call.reference}").text
    assert "How a call before went is still to be said" in page
    assert "They asked to call it off" not in page
    form = desk.get(call.outcome).text
    assert "nothing follows" in form
    assert 'value="took_place"' in form
    send(desk, call.outcome, how="ours_to_blame")
    assert states(app, call) == ["ours_to_blame"]
    assert call.reference not in section(desk.get("/my-day").text, "calls")
