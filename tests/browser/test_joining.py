"""Whatever becomes of pressing Join, the page that says so is whole: at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Route

from provider.domain.courses.models import CourseSession
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, scheduling
from tests.browser.conftest import DESKTOP, Site, Visitor, visiting
from tests.browser.inspecting import faults_of
from tests.browser.test_every_page import SERVICE
from tests.browser.test_participant import open_newest_text, prove
from tests.builders import add_session
from tests.cases import add_case
from tests.fakes import A_TUESDAY

STARTS = A_TUESDAY + timedelta(days=7)
NEAR = timedelta(minutes=-50)
LEAD = Actor("account", 1)


@pytest.fixture
def session_id(site: Site) -> int:
    """A session that somebody has a place in, and has had the text an hour before."""
    session_id = add_session(site.world, course="awareness", starts_at=STARTS)
    known = add_case(site.world)
    with site.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=LEAD, now=A_TUESDAY)
    site.clock.set(STARTS + NEAR)
    run_all_once(site.app)
    return session_id


def stays_there(route: Route) -> None:
    """The page as it was sent, which does not go on to the meeting by itself."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


def pressed(visitor: Visitor, site: Site, *, minutes: int) -> list[str]:
    """Join is pressed so long after the session's start; what is wrong with the page that answers."""
    open_newest_text(visitor)
    prove(visitor)
    site.clock.set(STARTS + timedelta(minutes=minutes))
    visitor.page.route("**/p/join", stays_there)
    with visitor.page.expect_response("**/p/join") as answer:
        visitor.press("Join")
    return list(faults_of(visitor, answer.value.text(), service=SERVICE))


def no_link(site: Site, session_id: int) -> None:
    with site.app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = ""


def called_off(site: Site, session_id: int) -> None:
    with site.app.app_context(), transaction():
        scheduling.cancel_session(session_id, by=LEAD, now=site.clock.now())


def test_too_early(site: Site, browser: Browser, session_id: int) -> None:
    with visiting(browser, site.url, DESKTOP) as visitor:
        assert pressed(visitor, site, minutes=-45) == []
        assert "You are early" in visitor.text()


def test_in_time_with_the_way_on_for_a_browser_that_does_not_go_by_itself(
    site: Site, browser: Browser, session_id: int
) -> None:
    with visiting(browser, site.url, DESKTOP) as visitor:
        site.clock.set(STARTS - timedelta(minutes=30))
        assert pressed(visitor, site, minutes=-10) == []
        assert "Your session opens now" in visitor.text()
        assert visitor.page.get_by_role("button", name="Open the session").is_visible()


def test_before_a_link_is_there(site: Site, browser: Browser, session_id: int) -> None:
    no_link(site, session_id)
    with visiting(browser, site.url, DESKTOP) as visitor:
        site.clock.set(STARTS - timedelta(minutes=30))
        assert pressed(visitor, site, minutes=-5) == []
        assert "We are getting your session ready" in visitor.text()


def test_called_off_meanwhile(site: Site, browser: Browser, session_id: int) -> None:
    with visiting(browser, site.url, DESKTOP) as visitor:
        open_newest_text(visitor)
        prove(visitor)
        called_off(site, session_id)
        with visitor.page.expect_response("**/p/join") as answer:
            visitor.press("Join")
        assert list(faults_of(visitor, answer.value.text(), service=SERVICE)) == []
        assert "There is no session to join now" in visitor.text()


def test_after_the_end(site: Site, browser: Browser, session_id: int) -> None:
    with visiting(browser, site.url, DESKTOP) as visitor:
        site.clock.set(STARTS + timedelta(minutes=140))
        assert pressed(visitor, site, minutes=151) == []
        assert "This session is over" in visitor.text()
