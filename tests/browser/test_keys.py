"""The force administrator's keys in a browser: made for what one may do, replaced, ended; at a desk and on a phone."""

from __future__ import annotations

import http.client

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, Site, visiting


def status_of(site: Site, key: str, path: str) -> int:
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_key_is_made_replaced_and_ended(site: Site, browser: Browser, window: ViewportSize) -> None:
    with visiting(browser, site.url, window) as visitor:
        visitor.sign_in(site.world.emails["force_administrator"])
        page = visitor.go("/force/keys")
        page.get_by_label("What the key is for").fill("Outcomes into records")
        for scope in ("Send, correct and withdraw referrals", "Read referrals, schemes", "Say where events"):
            page.get_by_label(scope).uncheck()
        page = visitor.press("Make a key")
        first = page.locator("#secret").inner_text()
        assert status_of(site, first, "/compliance-events") == 200
        assert status_of(site, first, "/schemes") == 403

        page = visitor.press("I have copied it")
        assert first not in page.content()
        visitor.press(f"End the key {site.world.keys['midshire'][:8]}", role="link")
        visitor.press("End the key")
        assert status_of(site, site.world.keys["midshire"], "/schemes") == 401

        visitor.press(f"Replace the key {first[:8]}", role="link")
        page.get_by_label("1 day", exact=True).check()
        page = visitor.press("Make the new key")
        second = page.locator("#secret").inner_text()
        assert "works until Wednesday 25 November 2026 at 9:30am" in page.inner_text("main")
        assert [status_of(site, key, "/compliance-events") for key in (first, second)] == [200, 200]
        page = visitor.press("I have copied it")
        assert "until Wed 25 Nov, 9:30am" in page.inner_text("main")
        site.clock.advance(days=1)
        assert [status_of(site, key, "/compliance-events") for key in (first, second)] == [401, 200]
