"""A worker is suddenly away: their calls are spread from one screen, and those whose time changed are told."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.models import Absence, Appointment
from provider.domain.diary.queries import moves_by_person
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Case, Referral
from provider.kernel.actors import Actor
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db, transaction
from provider.pathway import booking, rostering, standing_in
from tests.builders import World, build_world
from tests.desk import csrf_of, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, texts
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


def path(world: World, who: str = "drug_worker") -> str:
    return f"/diary/{world.accounts[who]}/spread"


def booked_with(walk: Walk, number: int, *, who: str = "drug_worker", hours: float = 26) -> int:
    """A call tomorrow with this worker; the appointment's id."""
    referral = walk.referred(person={**somebody(number), "gender": "male"})
    with transaction():
        db.session.get_one(Case, referral.case_id).assigned_to_id = walk.world.accounts[who]
        appointment = booking.book(
            walk.case(referral).id,
            starts_at=walk.now.replace(minute=0) + timedelta(hours=hours),
            worker_id=walk.world.accounts[who],
            by=walk.worker,
            now=walk.now,
        )
    assert appointment.worker_id == walk.world.accounts[who]
    return appointment.id


def away(walk: Walk, who: str = "drug_worker", *, days: int = 2) -> None:
    today = at_london(london_date(walk.now), time(0))
    with transaction():
        rostering.enter_absence(
            walk.world.accounts[who],
            reason=AbsenceReason.SHORT_NOTICE,
            starts_at=today,
            ends_at=today + timedelta(days=days),
            by=walk.lead,
            now=walk.now,
        )


def choices(page: str, appointment_id: int) -> list[tuple[str, str]]:
    """Value and words of each answer to one call, in their order."""
    select = re.search(rf'<select[^>]*name="call_{appointment_id}".*?</select>', page, re.DOTALL)
    assert select, "the call is not on the page"
    return [
        (value, words.strip())
        for value, words in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', select.group(0))
    ]


def standing(appointment_id: int) -> Appointment:
    """The appointment that stands now, whatever it replaced."""
    found = db.session.get_one(Appointment, appointment_id, populate_existing=True)
    while found.replaced_by_id is not None:
        found = db.session.get_one(Appointment, found.replaced_by_id, populate_existing=True)
    return found


def test_the_same_time_with_a_colleague_is_proposed_and_no_text_is_sent(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        case = db.session.get_one(Case, standing(call).case_id)
        before = texts(case)
        away(walk)
    proposed = choices(lead.get(path(world)).text, call)
    assert proposed[0][1].startswith("Same time, ")
    assert send(lead, path(world), **{f"call_{call}": proposed[0][0]}).status_code == 302
    with app.app_context():
        now_with = standing(call)
        assert now_with.id != call
        assert now_with.worker_id != world.accounts["drug_worker"]
        assert now_with.starts_at == db.session.get_one(Appointment, call).starts_at
        assert texts(db.session.get_one(Case, now_with.case_id)) == before
        about = db.session.scalars(sa.select(Text.appointment_id).where(Text.state == "planned"))
        assert set(about) <= {now_with.id, None}


def test_another_time_is_told_by_text_and_is_no_move_of_theirs(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
    later = next(
        value for value, words in choices(lead.get(path(world)).text, call) if not words.startswith("Same")
    )
    send(lead, path(world), **{f"call_{call}": later})
    with app.app_context():
        moved = standing(call)
        assert moved.starts_at > db.session.get_one(Appointment, call).starts_at
        assert "assessment_moved" in texts(db.session.get_one(Case, moved.case_id))
        assert moves_by_person(moved.case_id) == 0


def test_whom_the_lead_chose_for_another_time_has_the_call_and_not_who_is_back_by_then(
    app: Flask, world: World, walk: Walk
) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
        back_by_then = db.session.get_one(Appointment, call).starts_at + timedelta(days=2)
    with app.app_context(), transaction():
        instead = standing_in.Instead(call, back_by_then, world.accounts["drug_worker_2"])
        standing_in.spread_call(instead, by=walk.lead, now=walk.now)
    with app.app_context():
        moved = standing(call)
        assert (moved.starts_at, moved.worker_id) == (back_by_then, world.accounts["drug_worker_2"])


def test_one_that_is_called_off_is_ours_to_blame_and_rung_about(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
    send(lead, path(world), **{f"call_{call}": "ring"})
    with app.app_context():
        off = db.session.get_one(Appointment, call, populate_existing=True)
        case = db.session.get_one(Case, off.case_id, populate_existing=True)
        assert off.state == "ours_to_blame"
        assert case.next_call_at == walk.now
        assert case.misses == 0


def test_what_is_left_as_it_is_stands(app: Flask, lead: FlaskClient, world: World, walk: Walk) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
    send(lead, path(world), **{f"call_{call}": "stands"})
    with app.app_context():
        assert standing(call).id == call
        assert db.session.get_one(Appointment, call, populate_existing=True).state == "booked"


def test_a_time_that_was_taken_meanwhile_is_said_and_the_others_are_done(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    with app.app_context():
        first, second = booked_with(walk, 1, hours=26), booked_with(walk, 2, hours=28)
        away(walk)
    page = lead.get(path(world)).text
    token = csrf_of(lead, path(world))
    answers = {f"call_{call}": choices(page, call)[0][0] for call in (first, second)}
    taker = int(answers[f"call_{first}"].rpartition(".")[2])
    who = next(key for key, account in world.accounts.items() if account == taker)
    with app.app_context():
        booked_with(walk, 3, who=who, hours=26)
    answer = lead.post(path(world), data={"csrf_token": token, **answers}, follow_redirects=True)
    with app.app_context():
        assert standing(second).worker_id != world.accounts["drug_worker"]
        left = db.session.get_one(Appointment, first, populate_existing=True)
        assert left.state == "booked"
    assert f'name="call_{first}"' in answer.text
    assert f'name="call_{second}"' not in answer.text
    assert "That time has just been taken" in answer.text


def test_who_rings_in_their_place_finds_their_people_on_my_day_until_they_are_back(
    app: Flask, lead: FlaskClient, world: World, walk: Walk, clock: MovableClock
) -> None:
    with app.app_context():
        referral = walk.referred(person={**somebody(5), "gender": "male"})
        with transaction():
            case = db.session.get_one(Case, referral.case_id)
            case.assigned_to_id, case.next_call_at = world.accounts["drug_worker"], walk.now
        away(walk)
        reference = db.session.get_one(Referral, referral.id).reference
    send(lead, path(world), stand_in=str(world.accounts["drug_worker_2"]))
    other = app.test_client()
    sign_in(other, world, "drug_worker_2")
    day = other.get("/my-day").text
    assert "in place of Drug Worker Example" in day
    assert reference in day
    clock.advance(days=3)
    day = other.get("/my-day").text
    assert "in place of" not in day
    assert reference not in day
    with app.app_context():
        assert db.session.get_one(Case, referral.case_id).assigned_to_id == world.accounts["drug_worker"]


def test_nobody_stands_in_for_who_is_not_away(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    page = lead.get(path(world)).text
    assert "No absence of Drug Worker Example is entered" in page
    assert "stand_in" not in page


def test_it_is_for_who_spreads_work(client: FlaskClient, world: World) -> None:
    sign_in(client, world, "drug_worker")
    assert client.get(path(world)).status_code == 403


@pytest.mark.parametrize(
    "said", ["", "x", "20261125T1100Z.99", "20261125T1100Z.x", "2026.1", "20269925T1100Z.1"]
)
def test_a_choice_that_is_none_is_said_at_its_call(
    app: Flask, lead: FlaskClient, world: World, walk: Walk, said: str
) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
    page = send(lead, path(world), **{f"call_{call}": said})
    assert page.status_code == 200
    assert "There is a problem" in page.text
    with app.app_context():
        assert standing(call).id == call


def test_the_page_takes_as_many_queries_for_many_calls_as_for_one(
    app: Flask, lead: FlaskClient, world: World, walk: Walk
) -> None:
    with app.app_context():
        booked_with(walk, 1, hours=25)
        away(walk)
    with queries_of(app) as few:
        lead.get(path(world))
    with app.app_context(), transaction() as session:
        session.execute(sa.delete(Absence))
    with app.app_context():
        for number, hours in enumerate((26, 27, 28, 29), start=2):
            booked_with(walk, number, hours=hours)
        away(walk)
    with queries_of(app) as many:
        lead.get(path(world))
    assert len(many) == len(few)


def test_the_trail_says_who_spread_what(app: Flask, lead: FlaskClient, world: World, walk: Walk) -> None:
    with app.app_context():
        call = booked_with(walk, 1)
        away(walk)
    proposed = choices(lead.get(path(world)).text, call)
    send(lead, path(world), **{f"call_{call}": proposed[0][0]})
    with app.app_context():
        new = standing(call)
        assert new.booked_by == str(Actor("account", world.accounts["team_lead"]))
