"""A worker's calendar link in a browser: made, replaced and ended; at a desk and on a phone."""

from __future__ import annotations

import http.client

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, Site, visiting


def status_of(site: Site, link: str) -> int:
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=10)
    connection.request("GET", link.removeprefix(site.url))
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_link_is_made_replaced_and_ended(site: Site, browser: Browser, window: ViewportSize) -> None:
    with visiting(browser, site.url, window) as visitor:
        visitor.sign_in(site.world.emails["drug_worker"])
        page = visitor.go(f"/diary/{site.world.accounts['drug_worker']}/hours")
        visitor.press("Make a link")
        first = page.locator("#secret").inner_text()
        assert status_of(site, first) == 200
        visitor.press("I have copied it")
        assert first not in page.content()

        visitor.press("Replace the link")
        second = page.locator("#secret").inner_text()
        assert [status_of(site, link) for link in (first, second)] == [404, 200]
        visitor.press("I have copied it")

        visitor.press("End the link")
        assert "No calendar reads the diary" in page.inner_text("main")
        assert status_of(site, second) == 404
