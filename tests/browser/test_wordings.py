"""A text is worded at the desk: seen as it arrives while it is typed, put together with keys alone, and saved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Site, visiting


def path_of(site: Site, kind: str = "assessment_booked", language: str = "en") -> str:
    return f"/wordings/{site.world.schemes['divert-adult']}/{language}/{kind}"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_while_it_is_typed_it_is_seen_as_it_arrives_with_its_faults_and_its_cost(
    site, browser: Browser, size
):
    with visiting(browser, site.url, size) as visitor:
        visitor.sign_in(site.world.emails["team_lead"])
        visitor.go("/wordings")
        visitor.press(re.compile("English texts of Midshire Divert .adults"), role="link")
        visitor.press(re.compile("Booked The first call"), role="link")
        preview = visitor.page.locator("#preview")
        expect(preview).to_contain_text(
            "Hi Christopher-Emmanuel, Waymark Midshire will ring you on Wednesday"
        )
        expect(preview.get_by_role("row", name="Sam")).to_contain_text("8p")
        words = visitor.page.get_by_label("Words")
        words.fill(words.input_value().replace("will ring you", "arrests you"))
        expect(preview).to_contain_text("“arrests” must not stand in a text.")
        expect(preview).to_contain_text("Waymark Midshire arrests you on")
        visitor.look()
        words.fill("{greeting}, {service} rings on {day} {date} at {time}. {link} ")
        expect(preview).to_contain_text("There is no number to ring.")
        words.press("End")
        button = visitor.page.get_by_role("button", name="Put in the number to ring")
        button.focus()
        button.press("Enter")
        expect(words).to_have_value("{greeting}, {service} rings on {day} {date} at {time}. {link} {phone}")
        expect(words).to_be_focused()
        expect(preview).not_to_contain_text("There is no number to ring.")
        expect(preview.get_by_role("row", name="Sam")).to_contain_text("4p")
        visitor.look()
        visitor.press("Save these words")
        assert "Version 1 is saved." in visitor.text()
        assert "Used now" in visitor.text()


def test_without_script_a_button_shows_it(site: Site, browser: Browser) -> None:
    with visiting(browser, site.url, DESKTOP, looks=False, java_script_enabled=False) as visitor:
        visitor.sign_in(site.world.emails["team_lead"])
        page = visitor.go(path_of(site))
        assert page.get_by_role("button", name="Put in").count() == 0
        page.get_by_label("Words").fill("{greeting}, {service}: {day} {date} {time}, {link} or {phone}.")
        visitor.press("Preview")
        assert "Hi Christopher-Emmanuel, Waymark Midshire: Wednesday" in visitor.text()
        assert "Every version" in visitor.text()
        assert page.get_by_label("Words").input_value().startswith("{greeting}, {service}: {day}")


def test_the_later_of_two_sees_what_changed_and_has_lost_nothing(site: Site, browser: Browser) -> None:
    mine = "{greeting}, {service}: {day} {date} {time}, {link} or {phone}."
    with visiting(browser, site.url, DESKTOP) as first, visiting(browser, site.url, DESKTOP) as second:
        for visitor in (first, second):
            visitor.sign_in(site.world.emails["team_lead"])
            visitor.go(path_of(site))
        first.page.get_by_label("Words").fill(mine.replace("{service}:", "{service} rings on"))
        first.press("Save these words")
        second.page.get_by_label("Words").fill(mine)
        second.press("Save these words")
        assert "Version 1 was saved by Team Lead Example since you began" in second.text()
        assert second.page.get_by_label("Words").input_value() == mine
        second.press("Save these words")
        assert "Version 2 is saved." in second.text()


def test_whoever_may_only_read_is_offered_nothing_to_change(site: Site, browser: Browser) -> None:
    with visiting(browser, site.url, PHONE) as visitor:
        visitor.sign_in(site.world.emails["clinical_lead"])
        visitor.go(path_of(site, language="cy"))
        assert "Helo Christopher-Emmanuel, bydd Waymark Midshire yn eich ffonio" in visitor.text()
        assert visitor.page.locator("main form").count() == 0
