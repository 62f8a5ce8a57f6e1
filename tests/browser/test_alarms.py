"""An alarm on a phone and at a desk: on every page until somebody sees to it, by keyboard too, and then in the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, ViewportSize

from provider.domain.alarms import standing
from provider.domain.messaging.languages import shipped
from provider.domain.messaging.worded import WordedAs
from provider.kernel.database import transaction
from tests.browser.conftest import DESKTOP, PHONE, Site, visiting
from tests.fakes import A_TUESDAY

FILTERED = "The networks filtered these words: assessment booked"


@pytest.fixture
def alarmed(site: Site) -> Site:
    """Words were stopped, and a sender is refused; a worker is at work."""
    site.work()
    said = shipped("assessment_booked", "en") or ""
    scheme_id = site.world.schemes["divert-adult"]
    words = WordedAs.of(said, scheme_id=scheme_id, kind="assessment_booked", language="en")
    with site.app.app_context(), transaction():
        filtered = standing.raise_alarm("words_filtered", about=str(words), times=3, now=A_TUESDAY)
        assert filtered is not None
        standing.stop_words(filtered, now=A_TUESDAY)
        standing.raise_alarm("sender_refused", about="21612", times=12, now=A_TUESDAY)
    return site


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["a phone", "a desk"])
def test_an_alarm_is_seen_seen_to_and_ended(alarmed: Site, browser: Browser, size: ViewportSize) -> None:
    with visiting(browser, alarmed.url, size) as lead:
        lead.sign_in(alarmed.world.emails["team_lead"])
        lead.go("/team")
        assert FILTERED in lead.text()
        lead.press("Look at the alarms", role="link")
        assert "Nothing goes out in these words." in lead.text()
        assert "Twilio refuses what our texts are sent by (error 21612)." in lead.text()
        button = lead.page.get_by_role("button", name=f"I see to it : {FILTERED}")
        button.focus()
        with lead.page.expect_navigation():
            lead.page.keyboard.press("Enter")
        lead.look()
        assert "Team Lead Example sees to it" in lead.text()
        assert FILTERED not in lead.go("/team").locator("main").inner_text()
        lead.go("/alarms")
        lead.press("Send these words again")
        assert "The alarm has ended." in lead.text()
        assert "Team Lead Example" in lead.text()


def test_what_to_change_is_a_click_away(alarmed: Site, browser: Browser) -> None:
    with visiting(browser, alarmed.url, DESKTOP, looks=False) as lead:
        lead.sign_in(alarmed.world.emails["team_lead"])
        lead.go("/alarms")
        lead.press("Change the wording", role="link")
        scheme_id = alarmed.world.schemes["divert-adult"]
        assert lead.page.url.endswith(f"/wordings/{scheme_id}/en/assessment_booked")
