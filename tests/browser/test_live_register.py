"""A register that lives: two facilitators at once, a line that breaks, a thumb on the narrowest phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from provider.domain.courses.models import AttendanceMark
from provider.kernel.database import db, transaction
from provider.pathway import joining
from tests.browser.conftest import DESKTOP, Site, Visitor, visiting
from tests.browser.test_call_and_register import IN_HALF_AN_HOUR, full_session
from tests.zoom_tells import event

NARROWEST: ViewportSize = {"width": 320, "height": 640}
A_THUMB = 44


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    with visiting(browser, site.url, NARROWEST, has_touch=True, is_mobile=True) as visitor:
        yield visitor


@pytest.fixture
def session_id(site: Site) -> int:
    session_id = full_session(site.world, "Sam", "Alex", "Jo")
    site.clock.set(IN_HALF_AN_HOUR + timedelta(minutes=12))
    return session_id


def at_the_register(site: Site, window: Visitor, session_id: int, who: str) -> Page:
    # The list of sessions that somebody comes to first is walked elsewhere, at the widths it is made for.
    looks, window.looks = window.looks, False
    window.sign_in(site.world.emails[who])
    window.looks = looks
    return window.go(f"/sessions/{session_id}/register")


def state(page: Page, name: str) -> Locator:
    """What is said of somebody, without what could be chosen."""
    return page.locator(f'[data-name="{name}"] .app-mark__state')


def tap(page: Page, words: str, name: str) -> None:
    page.locator(f'[data-name="{name}"]').get_by_role("button", name=re.compile(f"^{words}")).click()


def marks(site: Site) -> list[str]:
    with site.app.app_context():
        return list(db.session.scalars(sa.select(AttendanceMark.code).order_by(AttendanceMark.id)))


def test_on_the_narrowest_phone_one_press_marks_and_the_page_stays_where_it_is(
    site: Site, phone: Visitor, session_id: int
) -> None:
    page = at_the_register(site, phone, session_id, "facilitator")
    address = page.url
    for button in page.locator(".app-mark__taps button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= A_THUMB
    tap(page, "Came late", "Sam E")
    expect(state(page, "Sam E")).to_contain_text("came 12 minutes late")
    expect(page.locator("[data-summary]")).to_contain_text("2 people are not marked yet")
    assert page.url == address
    phone.look()
    assert marks(site) == ["ATTC"]


def test_what_a_colleague_marks_appears_and_nothing_typed_is_lost(
    site: Site, phone: Visitor, browser: Browser, session_id: int
) -> None:
    mine = at_the_register(site, phone, session_id, "facilitator")
    mine.get_by_text("Another mark, or minutes, for Alex E").click()
    minutes = mine.get_by_label("Minutes Alex E")
    minutes.fill("9")
    with visiting(browser, site.url, DESKTOP) as other:
        theirs = at_the_register(site, other, session_id, "team_lead")
        tap(theirs, "Here", "Sam E")
        tap(theirs, "Not here", "Alex E")
        expect(theirs.locator("[data-summary]")).to_contain_text("1 person is not marked yet")
    expect(state(mine, "Sam E")).to_contain_text("Team Lead Example", timeout=12_000)
    expect(state(mine, "Alex E")).to_contain_text("Absent, no acceptable reason")
    expect(minutes).to_have_value("9")
    expect(minutes).to_be_focused()
    mine.get_by_label("Attendance of Alex E").select_option("ATTC")
    phone.press("Save marks")
    assert "Team Lead Example marked “Absent, no acceptable reason”" in phone.text()
    assert mine.get_by_label("Minutes Alex E").input_value() == "9"
    assert marks(site) == ["ATTC", "UAAB"]


def test_two_who_press_at_once_are_both_shown_and_the_second_decides(
    site: Site, phone: Visitor, browser: Browser, session_id: int
) -> None:
    mine = at_the_register(site, phone, session_id, "facilitator")
    # Nothing is fetched meanwhile, as between two looks.
    mine.route("**/register/live", lambda route: route.abort())
    with visiting(browser, site.url, DESKTOP) as other:
        theirs = at_the_register(site, other, session_id, "team_lead")
        tap(theirs, "Not here", "Sam E")
        expect(state(theirs, "Sam E")).to_contain_text("Absent")
    tap(mine, "Here", "Sam E")
    sam = state(mine, "Sam E")
    expect(sam).to_contain_text("Team Lead Example marked “Absent, no acceptable reason”")
    expect(sam).to_contain_text("You pressed “Here”")
    assert marks(site) == ["UAAB"]
    phone.look()
    tap(mine, "Here", "Sam E")
    expect(sam).to_contain_text("Attended, took part")
    assert marks(site) == ["UAAB", "ATTC"]


def test_where_the_line_breaks_a_press_is_shown_as_not_saved_and_sent_again(
    site: Site, phone: Visitor, session_id: int
) -> None:
    page = at_the_register(site, phone, session_id, "facilitator")
    page.context.set_offline(True)
    tap(page, "Came late", "Sam E")
    tap(page, "Here", "Jo E")
    sam = state(page, "Sam E")
    expect(sam).to_contain_text("is not saved yet. It is sent again by itself")
    expect(page.locator("[data-said]")).to_contain_text("Not saved yet")
    assert marks(site) == []
    page.context.set_offline(False)
    expect(sam).to_contain_text("came 12 minutes late")
    expect(state(page, "Jo E")).to_contain_text("Attended, took part")
    expect(page.locator("[data-said]")).to_contain_text("Everything is saved")
    assert marks(site) == ["ATTC", "ATTC"]


def test_an_answer_that_is_lost_marks_once(site: Site, phone: Visitor, session_id: int) -> None:
    """It got through, and nobody heard: what is sent again is known by its token."""
    page = at_the_register(site, phone, session_id, "facilitator")
    lost: list[object] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/register/tap", lose_the_first)
    tap(page, "Here", "Sam E")
    expect(state(page, "Sam E")).to_contain_text("Attended, took part")
    assert len(lost) == 1
    assert marks(site) == ["ATTC"]


def test_who_joined_by_another_link_appears_by_itself_unless_somebody_is_just_being_settled(
    site: Site, phone: Visitor, session_id: int
) -> None:
    page = at_the_register(site, phone, session_id, "facilitator")
    zoom = page.locator("[data-zoom]")
    assert zoom.inner_text().strip() == ""
    joined(site, "Somebody", connection="1")
    expect(zoom).to_contain_text("Somebody", timeout=12_000)
    phone.look()
    whose = page.get_by_label("Whose was Somebody")
    whose.select_option(label="Sam E, place 1")
    joined(site, "Another", connection="2")
    expect(page.locator("[data-summary]")).to_contain_text("Another", timeout=12_000)
    expect(whose.locator("option:checked")).to_have_text(re.compile("Sam E"))
    expect(zoom).not_to_contain_text("Another")
    page.get_by_role("button", name="Settle Somebody").click()
    expect(page.locator("[data-zoom]")).to_contain_text("Another")
    expect(page.locator("[data-zoom]")).to_contain_text("Settled already (1)")


def joined(site: Site, name: str, *, connection: str) -> None:
    """Zoom tells of somebody who came in by no link of ours."""
    now = site.clock.now()
    at = now - timedelta(minutes=5)
    told = event("participant_joined", at=at, user_name=name, user_id=connection)
    with site.app.app_context(), transaction():
        joining.heard(json.dumps(told), now=now)


def test_without_a_script_the_same_buttons_send_the_page(
    site: Site, browser: Browser, session_id: int
) -> None:
    with visiting(browser, site.url, NARROWEST, looks=False, java_script_enabled=False) as window:
        page = at_the_register(site, window, session_id, "facilitator")
        tap(page, "Came late", "Sam E")
        expect(state(page, "Sam E")).to_contain_text("came 12 minutes late")
        page.get_by_role("link", name="Show what others marked since").click()
        assert marks(site) == ["ATTC"]
