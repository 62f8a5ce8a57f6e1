"""A team lead at the sessions, at a desk and on a phone: one is moved, covered and called off; a course is added."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.pathway import allocating
from tests.browser.conftest import Site
from tests.browser.conftest import Visitor as Window
from tests.browser.test_lead import visitor as visitor
from tests.builders import add_session
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY

STARTS = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def known(site: Site) -> Known:
    """Somebody who has a place in a session next week."""
    session_id = add_session(site.world, course="awareness", starts_at=STARTS)
    known = add_case(site.world)
    with site.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return known


def at_the_session(site: Site, window: Window, when: str) -> None:
    window.sign_in(site.world.emails["team_lead"])
    window.go("/sessions")
    window.press(when, role="link")


def test_a_session_is_moved_and_what_is_wrong_keeps_what_was_typed(
    site: Site, visitor: Window, known: Known
) -> None:
    at_the_session(site, visitor, "1 Dec")
    visitor.press("Move it")
    assert "1 person holds a place" in visitor.text()
    page = visitor.page
    for label, typed in (("Day", "1"), ("Month", "11"), ("Year", "2026"), ("New start time", "6pm")):
        page.get_by_label(label, exact=True).fill(typed)
    visitor.press("Move the session")
    assert "New date must be in the future" in visitor.text()
    assert page.get_by_label("New start time").input_value() == "6pm"
    page.get_by_label("Month", exact=True).fill("12")
    visitor.press("Move the session")
    assert "Tuesday 1 December 2026 at 6pm" in visitor.text()
    assert status_of(site.world, known) == "placed"


def test_somebody_covers_for_who_cannot_run_it(site: Site, visitor: Window, known: Known) -> None:
    at_the_session(site, visitor, "1 Dec")
    visitor.press("Does not run it after all", role="link")
    visitor.press("Change who runs it")
    assert "There is a problem" in visitor.text()
    visitor.page.get_by_label("Who runs it instead").select_option(label="Team Lead Example")
    visitor.page.get_by_label("Why").fill("On leave")
    visitor.press("Change who runs it")
    assert "Team Lead Example" in visitor.text()
    assert "Who stood down" in visitor.text()
    assert "On leave" in visitor.text()


def test_a_session_is_called_off_once_it_is_said_who_is_told(
    site: Site, visitor: Window, known: Known
) -> None:
    at_the_session(site, visitor, "1 Dec")
    visitor.press("Cancel it")
    assert "It counts against nobody" in visitor.text()
    visitor.press("Keep it", role="link")
    assert status_of(site.world, known) == "placed"
    visitor.press("1 Dec", role="link")
    visitor.press("Cancel it")
    visitor.press("Cancel the session")
    assert "is cancelled. Everybody who held a place is told." in visitor.page.locator("body").inner_text()
    assert status_of(site.world, known) == "waiting"


def test_a_course_is_added_and_a_name_that_gives_it_away_is_not_taken(site: Site, visitor: Window) -> None:
    visitor.sign_in(site.world.emails["team_lead"])
    visitor.go("/courses")
    visitor.press("Add a course")
    page = visitor.page
    for label, typed in (
        ("Name", "Evenings"),
        ("Name on the screen", "Cannabis evenings"),
        ("Code", "evenings"),
        ("Length in minutes", "120"),
        ("Minutes somebody must be there", "150"),
        ("Youngest age", "18"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_label("Alcohol").check()
    visitor.press("Add the course")
    assert "gives away what the course is about" in visitor.text()
    assert "Nobody can be there longer than the course takes" in visitor.text()
    assert page.get_by_label("Alcohol").is_checked()
    page.get_by_label("Name on the screen").fill("Looking forward")
    page.get_by_label("Minutes somebody must be there").fill("100")
    visitor.press("Add the course")
    assert "Evenings is added. Put its first session on." in visitor.page.locator("body").inner_text()
    visitor.press("Evenings", role="link")
    assert page.get_by_label("Minutes somebody must be there").input_value() == "100"
