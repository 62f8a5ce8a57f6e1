"""Nobody is in two places at once: who runs a session is booked for no call then, and put to none who has a call."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.queries import slots_between
from provider.domain.diary.weeks import DayHours, Week
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.pathway import booking, rostering, scheduling
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.desk import send, sign_in
from tests.doors.test_sessions import all_sessions, new_session
from tests.doors.test_sessions_moved_and_run import put_on, run
from tests.doors.test_spread import choices
from tests.fakes import A_TUESDAY

LEAD = Actor("account", 1)
DAY = A_TUESDAY.replace(hour=0, minute=0) + timedelta(days=7)
TWO = DAY + timedelta(hours=14)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


@pytest.fixture
def call(world: World) -> int:
    """A call of the team lead's at half past two on the first of December."""
    known = add_case(world, status=Status.ACCEPTED)
    with world.app.app_context(), transaction():
        made = booking.book(
            known.case_id,
            starts_at=TWO + timedelta(minutes=30),
            worker_id=world.accounts["team_lead"],
            by=LEAD,
            now=A_TUESDAY,
        )
        assert made.worker_id == world.accounts["team_lead"]
        return made.id


def put_session_on(world: World, starts_at: datetime = TWO, minutes: int = 90) -> int:
    """The team lead runs it; the id of the session."""
    with world.app.app_context(), transaction():
        planned = PlannedSession(
            course_id=world.courses["awareness"],
            starts_at=starts_at,
            minutes=minutes,
            capacity=12,
            facilitator_id=world.accounts["team_lead"],
            join_url="https://meet.example/j/1",
        )
        return scheduling.put_session_on(planned, by=LEAD, now=A_TUESDAY).id


def free(world: World, who: str = "team_lead") -> list[str]:
    """When that worker could be booked that day, on the clock."""
    with world.app.app_context():
        found = slots_between(
            DAY, DAY + timedelta(hours=23), minutes=45, now=A_TUESDAY, worker_ids=[world.accounts[who]]
        )
        return [f"{slot.starts_at:%H:%M}" for slot in found]


def test_while_they_run_a_session_nobody_is_booked_with_them(world: World) -> None:
    put_session_on(world)
    assert "14:00" in free(world, "drug_worker")
    assert [at for at in free(world) if "13:00" <= at < "16:00"] == ["13:00", "15:30"]
    known = add_case(world, status=Status.ACCEPTED)
    with world.app.app_context(), transaction():
        made = booking.book(
            known.case_id, starts_at=TWO, worker_id=world.accounts["team_lead"], by=LEAD, now=A_TUESDAY
        )
        assert made.worker_id != world.accounts["team_lead"]


def test_what_is_kept_free_after_a_call_is_kept_free_before_and_after_a_session(world: World) -> None:
    with world.app.app_context(), transaction():
        rostering.set_week(
            world.accounts["team_lead"],
            Week(tuple(DayHours(day, 9 * 60, 17 * 60) for day in range(5)), buffer_minutes=30),
            valid_from=DAY.date(),
            valid_until=None,
            by=LEAD,
            now=A_TUESDAY,
        )
    put_session_on(world)
    assert [at for at in free(world) if "12:00" <= at < "17:00"] == ["12:00", "12:30", "16:00"]


def test_called_off_or_covered_their_time_is_free_again(world: World, lead: FlaskClient) -> None:
    session_id = put_session_on(world)
    page = f"/sessions/{session_id}/facilitators/{world.accounts['team_lead']}"
    send(lead, page, who=str(world.accounts["facilitator"]), because="Rings that day")
    assert "14:00" in free(world)
    other = put_session_on(world)
    assert "14:00" not in free(world)
    send(lead, f"/sessions/{other}/cancel")
    assert "14:00" in free(world)


def moved(lead: FlaskClient, world: World) -> tuple[str, dict[str, Any]]:
    session_id = put_session_on(world, TWO + timedelta(days=1))
    day = {"date-day": "1", "date-month": "12", "date-year": "2026"}
    return f"/sessions/{session_id}/move", {**day, "starts_at": "2pm"}


def added(lead: FlaskClient, world: World) -> tuple[str, dict[str, Any]]:
    who = str(world.accounts["team_lead"])
    return "/sessions/add", new_session(world, starts_at="2pm", facilitator=who)


def seconded(lead: FlaskClient, world: World) -> tuple[str, dict[str, Any]]:
    who = str(world.accounts["team_lead"])
    return "/sessions/add", new_session(world, starts_at="2pm", seconds=[who])


def helped(lead: FlaskClient, world: World) -> tuple[str, dict[str, Any]]:
    session_id = add_session(world, course="awareness", starts_at=TWO)
    return f"/sessions/{session_id}/facilitators", {"who": str(world.accounts["team_lead"])}


def covered(lead: FlaskClient, world: World) -> tuple[str, dict[str, Any]]:
    page, who = helped(lead, world)
    return f"{page}/{world.accounts['facilitator']}", {**who, "because": "Away"}


@pytest.mark.parametrize("way", [added, seconded, helped, covered, moved])
def test_who_has_a_call_then_is_put_to_no_session_until_it_is_spread(
    lead: FlaskClient, world: World, app: Flask, call: int, way: Callable[..., tuple[str, dict[str, Any]]]
) -> None:
    page, form = way(lead, world)
    assert send(lead, page, **form, anyway="y").status_code == 200
    refused = send(lead, page, **form)
    assert "Team Lead Example has a call on Tue 1 Dec, 2:30pm: spread it first" in refused.text
    assert "Sam" not in refused.text
    to_spread = re.search(r'href="(/diary/\d+/spread\?[^"]+)"', refused.text)
    assert to_spread
    way_there = to_spread[1].replace("&amp;", "&")
    proposed = choices(lead.get(way_there).text, call)
    assert proposed[0][1].startswith("Same time, Drug Worker")
    assert not any("Team Lead" in words and "2:30pm" in words for _, words in proposed)
    assert (
        "1 call spread" in lead.get(send(lead, way_there, **{f"call_{call}": proposed[0][0]}).location).text
    )
    assert "No call is booked with Team Lead Example for that time" in lead.get(way_there).text
    assert send(lead, page, **form).status_code == 302


def test_a_run_of_sessions_names_the_call_at_its_day(
    lead: FlaskClient, world: World, app: Flask, call: int
) -> None:
    wanted = run(world, times="2", starts_at="2pm", facilitator=str(world.accounts["team_lead"]))
    shown = send(lead, "/sessions/run", **wanted, anyway="y").text
    assert "Team Lead Example has a call at 2:30pm" in shown
    assert "Nothing is added while somebody would be in two places at once" in shown
    assert f"/diary/{world.accounts['team_lead']}/spread?from=20261201T1400Z" in shown
    assert 'name="seen"' not in shown
    assert all_sessions(app) == []
    other = {**wanted, "facilitator": str(world.accounts["facilitator"])}
    assert put_on(lead, other).status_code == 302


def test_a_call_that_came_between_the_look_and_the_press_is_refused_at_its_field(
    lead: FlaskClient, world: World, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provider.web.staff.sessions.clashes", lambda *args, **kwargs: ())
    page, form = added(lead, world)
    assert "Team Lead Example has a call at that time" in send(lead, page, **form).text


def test_who_asks_for_nonsense_in_the_address_gets_the_whole_list(lead: FlaskClient, world: World) -> None:
    page = f"/diary/{world.accounts['team_lead']}/spread"
    for odd in ("?from=x&until=y", "?from=20261201T1400Z", "?from=20261201T1400Z&until=20271201T1400Z"):
        assert "No absence of Team Lead Example is entered" in lead.get(page + odd).text


def test_a_session_later_than_the_last_call_of_the_evening_is_no_clash(
    lead: FlaskClient, world: World, call: int
) -> None:
    page, form = added(lead, world)
    assert send(lead, page, **{**form, "starts_at": "3:15pm"}).status_code == 302


def test_booking_one_that_runs_a_session_is_refused_beneath_every_list(world: World) -> None:
    """The look that is taken once the diary is held says so too, whatever was offered."""
    put_session_on(world)
    for who in ("drug_worker", "drug_worker_2"):
        put_away(world, who)
    known = add_case(world, status=Status.ACCEPTED)
    with world.app.app_context(), pytest.raises(SlotTaken), transaction():
        booking.book(known.case_id, starts_at=TWO, by=LEAD, now=A_TUESDAY)


def put_away(world: World, who: str) -> None:
    with world.app.app_context(), transaction():
        rostering.enter_absence(
            world.accounts[who],
            reason=AbsenceReason.LEAVE,
            starts_at=DAY,
            ends_at=DAY + timedelta(days=1),
            by=LEAD,
            now=A_TUESDAY,
        )
