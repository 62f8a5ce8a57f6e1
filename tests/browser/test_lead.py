"""The pages of those who lead: team, numbers, audit and accounts, at a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site, Visitor, visiting
from tests.browser.test_live_register import NARROWEST
from tests.pathway.walking import Walk


@pytest.fixture(params=["desk", "phone"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    found: Visitor = request.getfixturevalue(request.param)
    return found


def test_a_case_is_given_to_somebody_and_counted(site: Site, visitor: Visitor) -> None:
    with site.app.app_context():
        reference = Walk(site.world, site.clock).referred().reference
    visitor.sign_in(site.world.emails["team_lead"])
    visitor.go("/team")
    visitor.page.get_by_label("Sam Example").check()
    visitor.page.get_by_label("Give to").select_option(label="Drug Worker 2 Example")
    visitor.press("Give", exact=True)
    assert "1 case given to Drug Worker 2 Example" in visitor.text()
    visitor.press("Give away cases of Drug Worker 2 Example", role="link")
    assert reference in visitor.text()
    visitor.go("/numbers")
    assert "Midshire Divert (adults), referred in November 2026" in visitor.text()
    visitor.press("Previous", role="link")
    assert "October 2026" in visitor.text()


def test_an_account_is_made_and_the_trail_says_so(site: Site, visitor: Visitor) -> None:
    visitor.sign_in(site.world.emails["administrator"])
    visitor.go("/accounts")
    visitor.press("Add an account")
    visitor.page.get_by_label("Name", exact=True).fill("New Worker")
    visitor.page.get_by_label("E-mail address").fill("new@provider.example")
    visitor.page.get_by_label("Role").select_option(label="Drug worker")
    visitor.press("Add", exact=True)
    assert "This is shown once" in visitor.text()
    visitor.press("Done")
    visitor.press("New Worker", role="link")
    visitor.go("/audit?action=account.added")
    assert "account.added" in visitor.text()


def test_what_leads_look_at_fits_the_narrowest_phone(browser: Browser, site: Site) -> None:
    with visiting(browser, site.url, NARROWEST, has_touch=True, is_mobile=True) as phone:
        phone.sign_in(site.world.emails["team_lead"])
        worker_id = site.world.accounts["drug_worker"]
        for path in ("/sessions", "/demand", "/team", "/courses", f"/diary/{worker_id}/spread"):
            phone.go(path)
            width = phone.page.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROWEST["width"], path
