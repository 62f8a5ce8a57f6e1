"""A call goes into the diary in two taps, is moved, called off, or not answered."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.diary.models import Appointment
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import assessing, booking, rostering
from tests.builders import World, build_world
from tests.desk import case_of, refer, referral_of, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def reference(app: Flask, world: World, desk: FlaskClient) -> str:
    reference = refer(app, world)
    send(desk, "/my-day", f"/referrals/{reference}/take")
    return reference


def times(page: str, name: str) -> list[str]:
    """The starts that the buttons of one group stand for."""
    return re.findall(rf'name="{name}" value="([^"]+)"', page)


def appointments(app: Flask) -> list[Appointment]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Appointment).order_by(Appointment.id)))


def book(desk: FlaskClient, reference: str, *, place: int = 0) -> str:
    path = f"/referrals/{reference}/book"
    chosen = times(desk.get(path).text, "own")[place]
    assert send(desk, path, own=chosen).location == f"/referrals/{reference}"
    return chosen


def test_ones_own_open_times_come_first_by_day(desk: FlaskClient, reference: str) -> None:
    page = desk.get(f"/referrals/{reference}/book").text
    own = times(page, "own")
    assert own[0] == "2026-11-24T09:30:00+00:00"
    assert page.index("Tuesday 24 November") < page.index("Wednesday 25 November")
    assert times(page, "colleague") == []


def test_a_time_is_booked_by_one_press_and_the_person_is_told(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    chosen = book(desk, reference, place=4)
    (booked,) = appointments(app)
    assert booked.starts_at == datetime.fromisoformat(chosen)
    assert booked.worker_id == world.accounts["drug_worker"]
    assert referral_of(app, reference).status == "assessment_booked"
    page = desk.get(f"/referrals/{reference}").text
    assert "Booked for Tuesday 24 November 2026 at 11:30am." in page
    assert "In the diary: assessment, Tue 24 Nov, 11:30am" in page
    with app.app_context():
        kinds = set(db.session.scalars(sa.select(Text.kind).where(Text.appointment_id == booked.id)))
    assert "assessment_booked" in kinds


def test_when_one_is_busy_a_colleagues_time_is_offered_apart(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    chosen = book(desk, reference)
    other = refer(app, world, person=somebody(5))
    page = desk.get(f"/referrals/{other}/book").text
    assert chosen not in times(page, "own")
    assert chosen in times(page, "colleague")
    send(desk, f"/referrals/{other}/book", colleague=chosen)
    assert appointments(app)[1].worker_id != world.accounts["drug_worker"]


def test_a_time_that_was_just_taken_is_refused_with_the_times_that_are_left(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    taken = times(desk.get(f"/referrals/{reference}/book").text, "own")[0]
    for number in (1, 2, 3):
        case_id = case_of(app, refer(app, world, person=somebody(number))).id
        with app.app_context(), transaction():
            by, now = Actor("account", world.accounts["drug_worker_2"]), app.extensions["clock"].now()
            booking.book(case_id, starts_at=datetime.fromisoformat(taken), by=by, now=now)
    page = send(desk, f"/referrals/{reference}/book", own=taken).text
    assert "That time has just been taken. Choose another." in page
    assert taken not in times(page, "own") + times(page, "colleague")
    assert times(page, "own")


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", "tomorrow", "2026-11-24T09:30:00", "2026-11-24T03:00:00+00:00"),
        *("9999-12-31T23:30:00+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:30:00-12:00"),
    ],
)
def test_what_is_no_open_time_books_nothing(
    app: Flask, desk: FlaskClient, reference: str, nonsense: str
) -> None:
    answer = send(desk, f"/referrals/{reference}/book", own=nonsense)
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert appointments(app) == []


def test_later_days_are_a_page_on_and_earlier_ones_back(desk: FlaskClient, reference: str) -> None:
    later = re.search(
        r'href="(/referrals/[^"]+from=[^"]+)" rel="next"', desk.get(f"/referrals/{reference}/book").text
    )
    assert later
    page = desk.get(later.group(1)).text
    assert "Tuesday 1 December" in page
    assert 'from=2026-11-24" rel="prev"' in page
    assert desk.get(f"/referrals/{reference}/book?from=nonsense").status_code == 200
    for end in ("9999-12-31", "0001-01-01", "2099-12-31", "1900-01-01"):
        assert desk.get(f"/referrals/{reference}/book?from={end}").status_code == 200


def test_an_appointment_is_moved_and_its_reminders_with_it(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    book(desk, reference)
    first = appointments(app)[0]
    path = f"/referrals/{reference}/appointments/{first.id}/move"
    page = desk.get(path).text
    assert "With Drug Worker Example" in page
    chosen = times(page, "own")[9]
    send(desk, path, own=chosen, because="their_clash", words="At work until four.")
    old, new = appointments(app)
    assert (old.state, new.state) == ("moved", "booked")
    assert "They asked: clash. At work until four." in desk.get(f"/referrals/{reference}").text
    assert new.starts_at == datetime.fromisoformat(chosen)
    with app.app_context():
        planned = sa.select(Text.appointment_id).where(
            Text.state == "planned", Text.appointment_id.is_not(None)
        )
        assert set(db.session.scalars(planned)) == {new.id}


def test_a_move_without_a_reason_moves_nothing(app: Flask, desk: FlaskClient, reference: str) -> None:
    book(desk, reference)
    path = f"/referrals/{reference}/appointments/{appointments(app)[0].id}/move"
    page = send(desk, path, own=times(desk.get(path).text, "own")[9], because="").text
    assert "Choose why it is moved" in page
    assert [one.state for one in appointments(app)] == ["booked"]


def test_who_speaks_their_language_has_times_of_their_own_and_an_interpreter_is_still_asked_for(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    needs = somebody(5, language="pl", interpreter_needed=True)
    path = f"/referrals/{refer(app, world, person=needs)}/book"
    assert times(desk.get(path).text, "speaking") == []
    with app.app_context(), transaction():
        now, lead = app.extensions["clock"].now(), world.accounts["team_lead"]
        rostering.set_languages(lead, ["pl"], by=Actor("account", lead), now=now)
    page = desk.get(path).text
    assert "Speaks Polish" in page
    assert "They need an interpreter (Polish):" in page
    send(desk, path, speaking=times(page, "speaking")[0])
    assert appointments(app)[0].worker_id == world.accounts["team_lead"]


def test_who_does_not_answer_is_offered_a_new_time(
    app: Flask, world: World, desk: FlaskClient, reference: str, clock: MovableClock
) -> None:
    send(desk, f"/referrals/{reference}", f"/referrals/{reference}/calls", outcome="spoke_and_booked")
    book(desk, reference, place=2)
    path = f"/referrals/{reference}/appointments/{appointments(app)[0].id}/missed"
    send(desk, f"/referrals/{reference}", path)
    assert "That time has not come yet" in desk.get(f"/referrals/{reference}").text
    clock.advance(hours=1, minutes=10)
    send(desk, f"/referrals/{reference}", path)
    assert appointments(app)[0].state == "did_not_answer"
    page = desk.get(f"/referrals/{reference}").text
    assert "They missed a call: offer a new time at once." in page
    assert f"/referrals/{reference}/book" in page


@pytest.mark.parametrize(("ours", "state"), [("", "cancelled"), ("yes", "ours_to_blame")])
def test_calling_off_is_nobodys_miss(
    app: Flask, desk: FlaskClient, reference: str, ours: str, state: str
) -> None:
    book(desk, reference)
    path = f"/referrals/{reference}/appointments/{appointments(app)[0].id}/call-off"
    send(desk, f"/referrals/{reference}", path, ours=ours)
    assert appointments(app)[0].state == state
    assert case_of(app, reference).misses == 0
    assert referral_of(app, reference).status == "accepted"


def test_after_the_assessment_a_one_to_one_is_booked_and_took_place(
    app: Flask, world: World, desk: FlaskClient, reference: str, clock: MovableClock
) -> None:
    assess(app, world, case_of(app, reference), pathway="one_to_one")
    assert "one to one" in desk.get(f"/referrals/{reference}/book").text
    book(desk, reference)
    (booked,) = appointments(app)
    assert booked.kind == "one_to_one"
    clock.set(booked.starts_at)
    send(desk, f"/referrals/{reference}", f"/referrals/{reference}/appointments/{booked.id}/took-place")
    assert referral_of(app, reference).status == "completed"


def test_anothers_appointment_is_not_found(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    book(desk, reference)
    other = refer(app, world, person=somebody(5))
    path = f"/referrals/{other}/appointments/{appointments(app)[0].id}"
    assert desk.get(f"{path}/move").status_code == 404
    assert send(desk, f"/referrals/{reference}", f"{path}/call-off").status_code == 404


def test_the_page_asks_as_much_however_full_the_diary_is(
    app: Flask, world: World, desk: FlaskClient, reference: str
) -> None:
    counts = []
    for numbers in (range(3), range(3, 36)):
        for number in numbers:
            other = refer(app, world, person=somebody(number))
            colleague = times(desk.get(f"/referrals/{other}/book").text, "own")
            assert send(desk, f"/referrals/{other}/book", own=colleague[0]).status_code == 302
        with queries_of(app) as sent:
            assert desk.get(f"/referrals/{reference}/book").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 13


def assess(app: Flask, world: World, case: Case, *, pathway: str) -> None:
    by, now = Actor("account", world.accounts["drug_worker"]), app.extensions["clock"].now()
    recorded = assessing.Recorded(
        limits_explained=True, answers={}, substances=(), audit_c=None, audit_full=None
    )
    decided = assessing.Decided(
        advice_version="1",
        advice=(),
        recommended_pathway=pathway,
        recommended_because="because",
        pathway=pathway,
        pathway_because=None,
        course_id=None,
    )
    with app.app_context(), transaction():
        assessing.save(case.id, recorded, by=by, now=now)
        assessing.finish(case.id, decided, by=by, now=now)
