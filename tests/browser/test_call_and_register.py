"""A call in a browser, and a session's register: what scripts ease, and that every page can be read by everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from provider.domain.assessments.models import Assessment
from provider.domain.courses.models import Place
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.browser.conftest import Site, Visitor
from tests.builders import World, add_session
from tests.cases import add_case, status_of
from tests.fakes import A_TUESDAY
from tests.zoom import joins_report

IN_HALF_AN_HOUR = A_TUESDAY + timedelta(minutes=30)
NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)


@pytest.fixture(params=["desk", "phone"])
def window(request: pytest.FixtureRequest) -> Visitor:
    """The same at a desktop-sized window and on a phone."""
    visitor: Visitor = request.getfixturevalue(request.param)
    return visitor


def full_session(world: World, *names: str) -> int:
    session_id = add_session(world, course="awareness", starts_at=IN_HALF_AN_HOUR)
    for name in names:
        known = add_case(world, given_name=name)
        with world.app.app_context(), transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return session_id


def test_a_call_from_the_first_word_to_a_place(site: Site, window: Visitor) -> None:
    known = add_case(site.world, status=Status.ACCEPTED)
    add_session(site.world, course="cannabis", starts_at=NEXT_WEEK)
    window.sign_in(site.world.emails["drug_worker"])
    page = window.go(f"/referrals/{known.reference}/assessment")
    page.get_by_label("I explained the limits of confidentiality").check()
    page.get_by_label("Substance", exact=True).select_option("cannabis")
    window.press("Add another substance")
    assert page.get_by_label("Substance", exact=True).count() == 2
    page.get_by_role("radiogroup", name=re.compile("drive, ride")).get_by_label("Yes").check()
    window.press("Save and go to advice")
    assert "Looking forward: everyday use" in window.text()
    page.get_by_label("Structured treatment").check()
    window.press("Finish the assessment")
    assert "Say why you decided otherwise" in window.text()
    page.get_by_label("Online group course").check()
    window.press("Finish the assessment")
    window.press("Give a place")
    assert "They have a place" in window.text()
    window.go(f"/referrals/{known.reference}/assessment")
    assert "can be read and no longer changed" in window.text()
    assert status_of(site.world, known) == Status.PLACED


def test_the_other_seven_questions_open_by_themselves_and_a_pause_saves(site: Site, desk: Visitor) -> None:
    known = add_case(site.world, status=Status.ACCEPTED)
    desk.sign_in(site.world.emails["drug_worker"])
    page = desk.go(f"/referrals/{known.reference}/assessment")
    seven = page.get_by_text("found that you were not able to stop drinking")
    assert not seven.is_visible()
    for question, answer in (("audit_1", "3"), ("audit_2", "1"), ("audit_3", "1")):
        page.locator(f'input[name="alcohol-{question}"][value="{answer}"]').check()
    assert seven.is_visible()
    page.get_by_text("Saved by itself").wait_for()
    with site.app.app_context():
        assert db.session.scalars(sa.select(Assessment.audit_c)).one() == 5


def test_a_register_from_the_joining_list_to_a_correction(site: Site, window: Visitor) -> None:
    session_id = full_session(site.world, "Sam", "Alex", "Jo")
    window.sign_in(site.world.emails["facilitator"])
    window.go("/sessions")
    window.press("Joining list", role="link")
    site.clock.set(IN_HALF_AN_HOUR + timedelta(minutes=85))
    page = window.go(f"/sessions/{session_id}/register")
    page.get_by_text("Another mark, or minutes, for Jo E").click()
    page.get_by_label("Attendance of Jo E").select_option("UAAB")
    window.press("Mark everybody else present")
    with site.app.app_context():
        alias = db.session.scalars(sa.select(Place.alias).order_by(Place.number)).first() or ""
    report = joins_report(("Sam E", alias, IN_HALF_AN_HOUR, 100), ("Alex E", "", IN_HALF_AN_HOUR, 90))
    page.get_by_label("Zoom’s participant report").set_input_files(
        {"name": "participants.csv", "mimeType": "text/csv", "buffer": report}
    )
    window.press("Import the report")
    window.press("Accept the 1 certain one")
    window.press("Settle Alex E")
    site.clock.set(IN_HALF_AN_HOUR + timedelta(minutes=150))
    window.press("Save and go on to confirm")
    window.press("Confirm the register")
    window.press("Correct the attendance of Jo E", role="link")
    page.get_by_label("Why it is corrected").fill("Rang in")
    page.get_by_label("Attendance", exact=True).select_option("AAME")
    window.press("Correct")
    assert "Acceptable absence: medical" in window.text()


def test_a_session_is_added_and_called_off(site: Site, window: Visitor) -> None:
    window.sign_in(site.world.emails["team_lead"])
    window.go("/sessions/add")
    window.press("Add the session")
    page = window.page
    page.get_by_label("Course").select_option(label="Looking forward")
    for label, value in (
        ("Day", "1"),
        ("Month", "12"),
        ("Year", "2026"),
        ("Start time", "6pm"),
        ("Places", "12"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Link to join").fill("https://meet.example/j/1")
    window.press("Add the session")
    window.press("Cancel", role="link")
    window.press("Cancel the session")
    assert "Cancelled" in window.text()
