"""A whole referral on a phone at a thumb's own pace: under a minute of interaction; and by the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import PHONE, Site, Visitor, visiting
from tests.browser.test_without import Keyboard
from tests.builders import PASSWORD, count

A_KEY = 0.33
"""Seconds a letter takes on a phone: 36 words a minute, as measured of 37,000 people on their own (Palin, 2019)."""
A_TAP = 1.2
"""Seconds to find the next thing with the eye and tap it."""
A_SCROLL = 0.7
"""Seconds a flick takes that brings the next part of a page into sight."""
AT_MOST = 60.0


@dataclass
class Thumb:
    """Counts what an officer does, and adds up how long it takes a person; pages load in their own time."""

    phone: Visitor
    keys: int = 0
    taps: int = 0
    scrolls: int = 0
    screens: int = 0

    @property
    def seconds(self) -> float:
        return self.keys * A_KEY + self.taps * A_TAP + self.scrolls * A_SCROLL

    def _bring(self, control: Locator) -> None:
        """Scroll as far as a thumb must, each flick most of a screen."""
        at, high = control.bounding_box(), PHONE["height"]
        assert at is not None
        beyond = max(at["y"] + at["height"] - high, -at["y"])
        if beyond > 0:
            self.scrolls += int(-(-beyond // (0.7 * high)))
            control.scroll_into_view_if_needed()

    def tap(self, control: Locator) -> None:
        self._bring(control)
        control.tap()
        self.taps += 1

    def choose(self, label: str) -> None:
        self.tap(self.phone.page.locator("label", has_text=label).first)

    def pick(self, label: str, option: str) -> None:
        """A list opens by one tap and closes by another; what is wanted stands near its top."""
        control = self.phone.page.get_by_label(label, exact=True).first
        self._bring(control)
        control.select_option(option)
        self.taps += 2

    def type(self, control: Locator, words: str) -> None:
        self.tap(control)
        self.phone.page.keyboard.type(words, delay=A_KEY * 1000)
        self.keys += len(words)

    def go_on(self, button: str) -> None:
        self._bring(self.phone.page.get_by_role("button", name=button))
        self.taps += 1
        self.screens += 1
        self.phone.press(button)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    with visiting(browser, site.url, PHONE, has_touch=True, is_mobile=True) as visitor:
        visitor.sign_in(site.world.emails["officer"])
        yield visitor


def test_a_referral_takes_under_a_minute_of_interaction(site: Site, phone: Visitor) -> None:
    thumb, page = Thumb(phone), phone.page
    thumb.choose("Midshire Divert (adults)")
    thumb.choose("Stop and search")
    thumb.pick("Area (optional)", "Birmingham")
    thumb.pick("Drug", "cannabis")
    thumb.go_on("Continue")
    thumb.type(page.get_by_label("First name"), "Sam")
    thumb.type(page.get_by_label("Last name"), "Example")
    for part, typed in (("day", "14"), ("month", "5"), ("year", "2003")):
        thumb.type(page.locator(f"[name=date_of_birth-{part}]"), typed)
    thumb.pick("Gender", "male")
    thumb.go_on("Continue")
    thumb.type(page.get_by_label("Mobile number"), "07700900123")
    ring = page.get_by_role("button", name="Ring 07700900123 now")
    assert ring.get_attribute("href") == "tel:07700900123"
    thumb.taps += 2  # Ring it, and hang up: what the phone does meanwhile is no interaction.
    thumb.choose("It rang")
    thumb.go_on("Continue")
    thumb.choose("I read this out")
    thumb.choose("8 – community resolution")
    thumb.tap(page.locator("label[for^=responsibility_accepted]", has_text="Yes"))
    thumb.go_on("Continue")
    thumb.pick(
        "Book the first call now (optional)",
        page.locator("[name=slot] option").nth(2).get_attribute("value") or "",
    )
    thumb.go_on("Send the referral")
    assert "Referral accepted" in phone.text()
    assert thumb.screens <= 5
    assert thumb.keys == len("SamExample145200307700900123")
    assert thumb.seconds < AT_MOST, f"{thumb.seconds:.0f} s: {thumb}"
    with site.app.app_context():
        assert count("referrals") == count("appointments") == 1


def test_a_referral_is_made_with_the_keyboard_alone(site: Site, desk: Visitor) -> None:
    keys = Keyboard(desk)
    desk.go("/sign-in?next=/refer")
    keys.type("E-mail", site.world.emails["officer"])
    keys.type("Password", PASSWORD)
    keys.press("Sign in")
    keys.choose("Midshire Divert (adults)", "Midshire Divert (adults)")
    keys.choose("Stop and search", "Vehicle stop")
    keys.type("Area (optional)", "Birm")
    keys.type("Drug", "Cocaine")
    keys.press("Continue")
    keys.type("First name", "Sam")
    keys.type("Last name", "Example")
    keys.type("Day", "14")
    keys.type("Month", "5")
    keys.type("Year", "2003")
    keys.type("Gender", "Male")
    keys.press("Continue")
    keys.type("Mobile number", "07700 900123")
    keys.choose("It rang", "It rang")
    keys.press("Continue")
    keys.tab_to("I read this out")
    desk.page.keyboard.press("Space")
    keys.choose("8 – community", "22 –")
    keys.press("Continue")
    keys.press("Send the referral")
    assert "Referral accepted" in desk.text()
    keys.press("Show them who will ring")
    keys.press("Back")
    with site.app.app_context():
        assert count("referrals", setting="vehicle_stop", disposal_outcome="22") == 1
