"""What follows the assessment, over HTTP: places, the waiting list, offers, calls, nothing further."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Place, Waiting
from provider.domain.messaging.models import Text
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, attending, booking, offering, scheduling
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case, status_of
from tests.desk import csrf_of, sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def worker(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def press(client: FlaskClient, known: Known, action: str, **form: object) -> TestResponse:
    """Press one of the page's buttons, and see the page again."""
    page = f"/referrals/{known.reference}/course"
    sent = {"csrf_token": csrf_of(client, page), **form}
    return client.post(f"{page}/{action}", data=sent, follow_redirects=True)


def look(client: FlaskClient, known: Known) -> str:
    return client.get(f"/referrals/{known.reference}/course").text


def held(app: Flask, known: Known) -> list[int]:
    with app.app_context():
        return list(
            db.session.scalars(
                sa.select(Place.session_id)
                .where(Place.case_id == known.case_id, Place.released_at.is_(None))
                .order_by(Place.id)
            )
        )


def texts(app: Flask, known: Known) -> list[str]:
    with app.app_context():
        kinds = sa.select(Text.kind).where(Text.case_id == known.case_id, Text.state == "planned")
        return list(db.session.scalars(kinds.order_by(Text.id)))


def give(world: World, known: Known, session_id: int) -> None:
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)


def wait(world: World, known: Known, course: str = "awareness") -> None:
    with world.app.app_context(), transaction():
        allocating.wait_for_place(known.case_id, world.courses[course], by=SYSTEM, now=A_TUESDAY)


def test_the_recommended_course_comes_first_with_its_free_places(worker: FlaskClient, world: World) -> None:
    known = add_case(world, course="cannabis")
    add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=4)
    mine = add_session(world, course="cannabis", starts_at=NEXT_WEEK + timedelta(days=1), capacity=2)
    give(world, add_case(world, given_name="Alex"), mine)
    page = look(worker, known)
    assert "Decided: <strong>online group course</strong>, Looking forward: everyday use." in page
    assert "Wed 2 Dec, 6pm" in page
    assert "1 free" in page
    assert page.index("1 free") < page.index("Sessions of other courses (1)") < page.index("4 free")


def test_a_place_is_given_and_a_text_planned(worker: FlaskClient, world: World, app: Flask) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    page = press(worker, known, "place", session=session_id).text
    assert "They have a place, and a text says so." in page
    assert "Tuesday 1 December 2026 at 6pm" in page
    assert held(app, known) == [session_id]
    assert status_of(world, known) == Status.PLACED
    assert texts(app, known)[0] == "course_booked"


def test_the_last_place_gone_in_the_meantime_is_said(worker: FlaskClient, world: World, app: Flask) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    give(world, add_case(world, given_name="Alex"), session_id)
    page = press(worker, known, "place", session=session_id).text
    assert "Every place in that session is taken." in page
    assert "Every session is full" in page
    assert held(app, known) == []


def test_when_all_are_full_they_join_the_waiting_list(worker: FlaskClient, world: World, app: Flask) -> None:
    known, first = add_case(world), add_case(world, given_name="Alex")
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    give(world, add_case(world, given_name="Jo"), session_id)
    wait(world, first)
    page = press(worker, known, "wait", course=world.courses["awareness"]).text
    assert "They wait for a place" in page
    assert "1 person is ahead of them." in page
    assert status_of(world, known) == Status.WAITING
    assert "They are no longer on the waiting list." in press(worker, known, "stop-waiting").text
    assert status_of(world, known) == Status.ASSESSED


def test_a_place_given_back_is_offered_to_the_next(worker: FlaskClient, world: World, app: Flask) -> None:
    known, next_one = add_case(world), add_case(world, given_name="Alex")
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    give(world, known, session_id)
    wait(world, next_one)
    assert "The place is given back." in press(worker, known, "give-back").text
    assert status_of(world, known) == Status.ASSESSED
    assert "course_booked" not in texts(app, known)
    page = look(worker, next_one)
    assert "A place is kept for them" in page
    assert "They can say yes until Wednesday 25 November 2026 at 9:30am" in page
    assert texts(app, next_one)[-1] == "place_offered"


def test_an_offer_is_taken_or_refused_over_the_telephone(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    first, second = add_case(world), add_case(world, given_name="Alex")
    wait(world, first)
    wait(world, second)
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    with app.app_context(), transaction():
        offering.offer_free_places(session_id, by=SYSTEM, now=A_TUESDAY)
    assert "They keep their turn." in press(worker, first, "refuse").text
    assert "They are next." in look(worker, first)
    assert "The offer is taken" in press(worker, second, "accept").text
    assert held(app, second) == [session_id]
    assert "That offer has ended" in press(worker, first, "accept").text


def test_another_place_given_lets_the_offer_go(worker: FlaskClient, world: World, app: Flask) -> None:
    known, next_one = add_case(world), add_case(world, given_name="Alex")
    wait(world, known)
    wait(world, next_one)
    offered = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    with app.app_context(), transaction():
        offering.offer_free_places(offered, by=SYSTEM, now=A_TUESDAY)
    other = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=1))
    press(worker, known, "place", session=other)
    assert held(app, known) == [other]
    assert held(app, next_one) == [offered], "the place let go is kept for the next"


def test_a_place_is_moved_and_the_old_one_stands_where_it_cannot_be(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    known = add_case(world)
    old = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    full = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=1), capacity=1)
    new = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=2))
    give(world, add_case(world, given_name="Alex"), full)
    give(world, known, old)
    assert "Every place in that session is taken." in press(worker, known, "move", session=full).text
    assert held(app, known) == [old]
    assert "Moved, and a text says so." in press(worker, known, "move", session=new).text
    assert held(app, known) == [new]
    assert texts(app, known)[0] == "course_moved"


def test_once_the_session_has_begun_its_register_decides(
    worker: FlaskClient, world: World, app: Flask, clock: MovableClock
) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(minutes=30))
    later = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    give(world, known, session_id)
    clock.advance(minutes=45)
    assert "What follows is decided by its register" in look(worker, known)
    for action, form in (("give-back", {}), ("move", {"session": later})):
        assert "That session has begun" in press(worker, known, action, **form).text
    assert held(app, known) == [session_id]


def test_young_people_and_adults_are_never_mixed(worker: FlaskClient, world: World, app: Flask) -> None:
    """Also where somebody turns 18 on the way: the day of the session counts."""
    child = add_case(world, born=date(2008, 12, 5), scheme="divert-young-people", course="young-people")
    young = add_session(world, course="young-people", starts_at=NEXT_WEEK)
    young_too_late = add_session(world, course="young-people", starts_at=NEXT_WEEK + timedelta(days=7))
    adult_before = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    adult_after = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=7))
    page = look(worker, child)
    shown = {int(found) for found in re.findall(r'name="session" value="(\d+)"', page)}
    assert shown == {young, adult_after}
    for session_id in (young_too_late, adult_before):
        assert "Young people and adults are never" in press(worker, child, "place", session=session_id).text
    assert (
        "Young people and adults are never"
        in press(worker, child, "wait", course=world.courses["awareness"]).text
    )
    assert held(app, child) == []


def test_who_comes_of_age_while_waiting_is_not_offered_a_young_peoples_session(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    child = add_case(world, born=date(2008, 12, 5), scheme="divert-young-people", course="young-people")
    wait(world, child, "young-people")
    late = add_session(world, course="young-people", starts_at=NEXT_WEEK + timedelta(days=7))
    early = add_session(world, course="young-people", starts_at=NEXT_WEEK)
    with app.app_context(), transaction():
        assert offering.offer_free_places(late, by=SYSTEM, now=A_TUESDAY) == 0
        assert offering.offer_free_places(early, by=SYSTEM, now=A_TUESDAY) == 1


def test_for_a_one_to_one_a_time_is_booked_instead(worker: FlaskClient, world: World, app: Flask) -> None:
    known = add_case(world, pathway="one_to_one", course=None)
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    page = look(worker, known)
    assert f'href="/referrals/{known.reference}/book"' in page
    assert "A place on a course instead" in page
    with app.app_context(), transaction():
        at = A_TUESDAY.replace(hour=14, minute=0)
        booking.book(known.case_id, starts_at=at, kind="one_to_one", by=Actor("account", 1), now=A_TUESDAY)
    page = look(worker, known)
    assert "A call is in the diary" in page
    assert "Coming sessions" not in page
    assert "They have a call in the diary" in press(worker, known, "place", session=session_id).text


def test_who_is_booked_for_a_call_waits_no_longer(worker: FlaskClient, world: World, app: Flask) -> None:
    known = add_case(world)
    wait(world, known)
    with app.app_context(), transaction():
        at = A_TUESDAY.replace(hour=14, minute=0)
        booking.book(known.case_id, starts_at=at, kind="one_to_one", by=Actor("account", 1), now=A_TUESDAY)
    with app.app_context():
        assert db.session.scalars(sa.select(Waiting.left_because)).all() == ["booked"]


def test_where_advice_was_all_the_worker_says_that_it_is_done(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    known, other = add_case(world, pathway="advice_only", course=None), add_case(world, given_name="Alex")
    assert "Nothing further was asked" in look(worker, known)
    press(worker, known, "nothing-further")
    assert status_of(world, known) == Status.COMPLETED
    with app.app_context():
        types = sa.select(ComplianceEvent.type).where(ComplianceEvent.referral_id == known.referral_id)
        assert db.session.scalars(types).all() == ["referral.completed"]
    assert "Something further was decided for them" in press(worker, other, "nothing-further").text
    assert status_of(world, other) == Status.ASSESSED


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.COMPLETED, Status.WITHDRAWN])
def test_before_the_assessment_and_after_the_end_no_place_is_given(
    worker: FlaskClient, world: World, app: Flask, status: Status
) -> None:
    known = add_case(world, status=status)
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    assert "No place can be given at this step." in look(worker, known)
    press(worker, known, "place", session=session_id)
    press(worker, known, "wait", course=world.courses["awareness"])
    assert held(app, known) == []
    assert status_of(world, known) == status


@pytest.mark.parametrize(
    ("action", "form", "status"),
    [
        ("place", {}, 404),
        ("place", {"session": "x"}, 404),
        ("place", {"session": "9" * 40}, 404),
        ("place", {"session": "-1"}, 404),
        ("place", {"session": "99999"}, 200),
        ("move", {"session": "99999"}, 200),
        ("wait", {"course": "99999"}, 200),
        ("wait", {"course": ""}, 404),
        ("give-back", {}, 200),
        ("accept", {}, 200),
        ("refuse", {}, 200),
        ("stop-waiting", {}, 200),
    ],
)
def test_bad_input_changes_nothing_and_breaks_nothing(
    worker: FlaskClient, world: World, app: Flask, action: str, form: dict[str, str], status: int
) -> None:
    known = add_case(world)
    assert press(worker, known, action, **form).status_code == status
    assert held(app, known) == []
    assert status_of(world, known) == Status.ASSESSED


def test_a_course_that_is_not_run_any_more_has_no_waiting_list(worker: FlaskClient, world: World) -> None:
    known = add_case(world)
    assert "That course is not run any more." in press(worker, known, "wait", course=999).text


def test_only_who_gives_places_sees_the_page(client: FlaskClient, world: World) -> None:
    known, hidden = add_case(world), add_case(world, given_name="Alex", restricted=True)
    for who in ("facilitator", "commissioner", "clinical_lead", "officer"):
        sign_in(client, world, who)
        assert client.get(f"/referrals/{known.reference}/course").status_code == 403, who
        client.delete_cookie("provider")
    sign_in(client, world, "drug_worker")
    assert client.get(f"/referrals/{hidden.reference}/course").status_code == 403
    assert client.get("/referrals/2222-2222/course").status_code == 404


def test_the_page_costs_the_same_however_many_sessions_there_are(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    known = add_case(world)
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    look(worker, known)
    with queries_of(app) as few:
        look(worker, known)
    for days in range(15):
        session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=days))
        give(world, add_case(world, given_name=f"Alex{days}"), session_id)
    with queries_of(app) as many:
        look(worker, known)
    assert len(many) == len(few)


class TestTheWaitingList:
    def test_is_found_from_the_sessions_and_says_who_waits_since_when_and_what_is_offered(
        self, worker: FlaskClient, world: World, clock: MovableClock
    ) -> None:
        for name in ("Alex", "Billie"):
            wait(world, add_case(world, given_name=name))
        add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
        with world.app.app_context(), transaction():
            scheduling.offer_course_places(world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
        path = f"/sessions/waiting/{world.courses['awareness']}"
        assert path in worker.get("/sessions").text
        page = worker.get(path).text
        assert page.index("Alex Example") < page.index("Billie Example")
        assert "Kept until" in page
        assert "None yet" in page

    def test_says_so_when_nobody_waits(self, worker: FlaskClient, world: World) -> None:
        page = worker.get(f"/sessions/waiting/{world.courses['cannabis']}").text
        assert "Nobody waits for a place on this course." in page
        assert worker.get("/sessions/waiting/999999").status_code == 404

    def test_who_is_put_ahead_stands_first_with_the_reason_and_who_said_so(
        self, worker: FlaskClient, world: World
    ) -> None:
        people = [add_case(world, given_name=name) for name in ("Alex", "Billie")]
        for known in people:
            wait(world, known)
        page = press(worker, people[1], "ahead", because="turning_18").text
        assert "They are put ahead" in page
        assert "Put ahead: Turns 18 soon." in page
        listed = worker.get(f"/sessions/waiting/{world.courses['awareness']}").text
        assert listed.index("Billie Example") < listed.index("Alex Example")
        assert "Turns 18 soon. Drug Worker Example" in listed
        assert "Put ahead:" not in press(worker, people[1], "in-order").text

    def test_a_reason_is_needed(self, worker: FlaskClient, world: World) -> None:
        known = add_case(world)
        wait(world, known)
        assert "Choose why they are put ahead" in press(worker, known, "ahead", because="").text
        press(worker, known, "ahead", because="friend of mine")
        assert "Put ahead:" not in look(worker, known)

    def test_names_nobody_whose_record_is_restricted(self, worker: FlaskClient, world: World) -> None:
        wait(world, add_case(world, given_name="Alex", restricted=True))
        page = worker.get(f"/sessions/waiting/{world.courses['awareness']}").text
        assert "Restricted record" in page
        assert "Alex" not in page

    def test_is_not_for_facilitators(self, client: FlaskClient, world: World) -> None:
        wait(world, add_case(world))
        sign_in(client, world, "facilitator")
        assert client.get(f"/sessions/waiting/{world.courses['awareness']}").status_code == 403
        assert "/sessions/waiting/" not in client.get("/sessions").text

    def test_takes_as_many_queries_however_many_wait(
        self, app: Flask, worker: FlaskClient, world: World
    ) -> None:
        path = f"/sessions/waiting/{world.courses['awareness']}"
        counts = []
        for _ in range(2):
            for number in range(3):
                wait(world, add_case(world, given_name=f"Sam{number}"))
            with queries_of(app) as sent:
                worker.get(path)
            counts.append(len(sent))
        assert counts[0] == counts[1]


def test_who_missed_a_session_stands_on_the_desk_with_what_is_offered_and_by_when(
    world: World, worker: FlaskClient, clock: MovableClock
) -> None:
    known = add_case(world)
    missed, coming = (
        add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=days)) for days in (0, 7)
    )
    give(world, known, missed)
    clock.set(NEXT_WEEK + timedelta(hours=3))
    with world.app.app_context(), transaction():
        [place_id] = db.session.scalars(sa.select(Place.id))
        by = Actor("account", world.accounts["facilitator"])
        attending.mark(place_id, Attendance.UAAB, minutes=None, by=by, now=clock.now())
        attending.confirm_register(missed, by=by, now=clock.now())
    assert held(world.app, known) == [missed, coming]
    sign_in(worker, world, "drug_worker")
    for page in ("/my-day", f"/referrals/{known.reference}"):
        shown = worker.get(page).text
        assert "Tue 1 Dec" in shown or "1 December" in shown
        assert "Tue 8 Dec" in shown or "8 December" in shown
        assert "nswer by" in shown
        assert "bsent, no acceptable reason" in shown


def test_whether_they_could_come_at_short_notice_is_said_and_stands_on_the_list(
    world: World, worker: FlaskClient
) -> None:
    known = add_case(world)
    wait(world, known)
    path = f"/sessions/waiting/{world.courses['awareness']}"
    assert "At short notice" not in worker.get(path).text
    said = press(worker, known, "short-notice", able="yes").text
    assert "They could come at short notice, until Tuesday 22 December" in said
    assert "At short notice" in worker.get(path).text
    assert "They could come at short notice" not in press(worker, known, "short-notice", able="no").text
