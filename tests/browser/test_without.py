"""Without a mouse, without a script, and without much data: each does the work as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize

from provider.domain.referrals.status import Status
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor, visiting
from tests.browser.inspecting import faults_of_focus
from tests.browser.test_participant import open_newest_text, prove
from tests.builders import PASSWORD
from tests.cases import add_case
from tests.desk import refer
from tests.texting import add_to_ring, book

AT_MOST = 60 * 1024
PRESSES = 120

HAS_FOCUS = """words => {
  const at = document.activeElement;
  const said = at.getAttribute("aria-label") || (at.labels?.length ? at.labels[0].innerText : at.innerText) || "";
  return said.replace(/\\s+/g, " ").trim().startsWith(words);
}"""


class Keyboard:
    """Somebody who has no mouse: Tab, arrows, Space, Enter, and letters."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.page
        self.visitor = visitor

    def tab_to(self, words: str) -> None:
        """Tab until what has the focus says these words first."""
        for _ in range(PRESSES):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(HAS_FOCUS, words):
                return
        raise AssertionError(f"{PRESSES} tabs do not lead to {words!r} on {self.page.url}")

    def type(self, words: str, typed: str) -> None:
        self.tab_to(words)
        self.page.keyboard.type(typed)

    def choose(self, group: str, words: str) -> None:
        """Tab to a group of radios, whose first is ``group``, and arrow down to the one meant."""
        self.tab_to(group)
        self.page.keyboard.press("Space")
        for _ in range(PRESSES):
            if self.page.evaluate(HAS_FOCUS, words):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(words)

    def press(self, words: str, key: str = "Enter") -> None:
        self.tab_to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.visitor.look()


def test_a_call_is_recorded_and_booked_with_the_keyboard_alone(site: Site, desk: Visitor) -> None:
    refer(site.app, site.world)
    keys = Keyboard(desk)
    desk.go("/sign-in")
    keys.type("E-mail", site.world.emails["drug_worker"])
    keys.type("Password", PASSWORD)
    keys.press("Sign in")
    keys.press("Take Sam Example")
    keys.press("Skip to main content")
    keys.choose("Spoke and booked", "Spoke, call back later")
    keys.type("Time to ring back", "4pm")
    keys.page.keyboard.press("Shift+Tab")
    keys.page.keyboard.type("Tomorrow")
    keys.tab_to("Their own voice confirmed")
    keys.page.keyboard.press("Space")
    keys.press("Record the call", "Space")
    assert "Confirmed by their own voice" in desk.text()
    assert "Ring next on Wednesday 25 November 2026 at 4pm" in desk.text()
    keys.choose("Spoke and booked", "Spoke and booked")
    keys.press("Record the call")
    keys.press("2pm on Wednesday 25 November")
    assert "Booked for Wednesday 25 November 2026 at 2pm" in desk.text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_bar_with_save_never_covers_what_has_the_focus(
    size: ViewportSize, site: Site, browser: Browser
) -> None:
    known = add_case(site.world, status=Status.ACCEPTED)
    with visiting(browser, site.url, size) as worker:
        worker.sign_in(site.world.emails["drug_worker"])
        worker.go(f"/referrals/{known.reference}/assessment")
        assert list(faults_of_focus(worker.page, tabs=PRESSES)) == []
        assert worker.page.evaluate("scrollY") > PRESSES


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Somebody whose browser runs no script: nothing is read by axe, which is one."""
    with visiting(browser, site.url, DESKTOP, java_script_enabled=False) as visitor:
        yield visitor


def press(visitor: Visitor, name: str, *, role: str = "button") -> Page:
    with visitor.page.expect_navigation():
        visitor.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
    return visitor.page


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.page.goto(f"{visitor.url}/sign-in")
    visitor.page.get_by_label("E-mail").fill(email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(visitor, "Sign in")


def test_a_worker_needs_no_script(site: Site, plain: Visitor) -> None:
    known = add_case(site.world, status=Status.ACCEPTED)
    page = plain.page
    sign_in(plain, site.world.emails["drug_worker"])
    page.goto(f"{site.url}/referrals/{known.reference}")
    page.get_by_label("Spoke, call back later").check()
    page.get_by_label("Day to ring back").select_option(index=2)
    page.get_by_label("Time to ring back").fill("4pm")
    press(plain, "Record the call")
    assert "Ring next on Wednesday 25 November 2026 at 4pm" in plain.text()
    press(plain, "Assessment", role="link")
    page.get_by_label("Substance", exact=True).select_option("cannabis")
    press(plain, "Add another substance")
    assert page.get_by_label("Substance", exact=True).count() == 2
    assert page.get_by_label("Substance", exact=True).first.input_value() == "cannabis"
    page.get_by_label("Substance", exact=True).last.select_option("cocaine")
    press(plain, "Remove substance 1")
    assert page.get_by_label("Substance", exact=True).input_value() == "cocaine"


def test_a_person_needs_no_script_and_little_data(site: Site, browser: Browser) -> None:
    book(site.world, add_to_ring(site.world))
    site.work()
    with visiting(browser, site.url, DESKTOP) as reader:
        reader.go("/sandbox/texts")
        link = reader.page.locator(".app-phone__text a").first.get_attribute("href") or ""
    with visiting(browser, site.url, PHONE, java_script_enabled=False, is_mobile=True) as person:
        came = arrivals(person.page)
        person.page.goto(link)
        assert weight(came) < AT_MOST
        press(person, "Open")
        person.page.get_by_label("Day").fill("14")
        person.page.get_by_label("Month").fill("5")
        press(person, "Continue")
        assert "Wednesday 2 December 2026" in person.text()
        press(person, "Choose another time", role="link")
        press(person, "Thursday 3 December 2026", role="link")
        person.page.get_by_label("2pm", exact=True).check()
        press(person, "Change to this time")
        assert "Thursday 3 December 2026" in person.text()
        assert "script" not in {one.request.resource_type for one in came}


def test_each_page_of_a_person_s_is_light_from_an_empty_cache(
    site: Site, browser: Browser, phone: Visitor
) -> None:
    book(site.world, add_to_ring(site.world))
    site.work()
    open_newest_text(phone)
    prove(phone)
    pages = dict.fromkeys(re.sub(r"\?.*", "", url) for url in phone.seen if "/p/" in url)
    assert len(pages) >= 2
    for url in [*pages, f"{site.url}/p/move"]:
        cookies = phone.page.context.cookies()
        with visiting(browser, site.url, PHONE) as other:
            other.page.context.add_cookies(cookies)  # type: ignore[arg-type]
            came = arrivals(other.page)
            other.page.goto(url, wait_until="networkidle")
            assert weight(came) < AT_MOST, url
            assert other.page.locator("script").count() == 0, url
            assert not [one.url for one in came if one.request.resource_type == "script"]


def arrivals(page: Page) -> list[Response]:
    """Fills with every answer that comes to the page from now on."""
    came: list[Response] = []
    page.on("response", lambda response: came.append(response))
    return came


def weight(came: list[Response]) -> int:
    """Every byte that came: heads and bodies of the page and of all it asks for."""
    sizes = [one.request.sizes() for one in came]
    return sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
