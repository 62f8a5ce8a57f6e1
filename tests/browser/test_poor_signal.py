"""What is typed where there is no signal outlives the line, the tab and the session, and nobody else reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from provider.domain.accounts.roles import Role
from provider.kernel.database import transaction
from tests.browser.conftest import FLAGS, PATIENCE, PHONE, Site, Visitor, chromium, visiting
from tests.builders import PASSWORD, add_account, count
from tests.roadside import AGREEMENT, CONTACT, EVENT, PERSON

SECRETS = ("Marigold", "Featherstone", "07700 900321", "07700", "900321", "Wharf Street")
WHO = {"given_name": "Marigold", "family_name": "Featherstone"}


HALF = {
    **WHO,
    "gender": "male",
    "interpreter_needed": "y",
    "accessibility_needs": "Wharf Street, 07700 900321",
}
"""A screen that is half filled in, with something in a part of it that is folded away."""

KEPT_AT = "Kept on this phone at"
KEPT = re.compile(KEPT_AT + r" \d\d:\d\d, and not sent yet\.")

EVERYTHING_KEPT = """async () => {
  const databases = indexedDB.databases ? await indexedDB.databases() : [];
  return JSON.stringify([{...localStorage}, {...sessionStorage}, databases, document.cookie]);
}"""


BROKEN = ("", "nonsense", "{}", '{"until": 9e15}', '{"until": 9e15, "iv": "AAAA", "sealed": "AAAA"}')


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Not read by axe on every page: that is done elsewhere, and here where something is said."""
    with visiting(browser, site.url, PHONE, looks=False, has_touch=True, is_mobile=True) as visitor:
        yield visitor


def type_on(page: Page, typed: dict[str, Any]) -> None:
    """Fill in controls by their names, as a thumb would: key by key where there are keys."""
    for name, value in typed.items():
        control = page.locator(f"[name='{name}']").first
        control.evaluate("at => at.closest('details')?.setAttribute('open', '')")
        if control.evaluate("at => ['radio', 'checkbox'].includes(at.type)"):
            for one in value if isinstance(value, list) else [value]:
                page.locator(f"[name='{name}'][value='{one}']").check()
        elif control.evaluate("at => at.localName === 'select'"):
            control.select_option(value)
        else:
            control.fill("")
            control.press_sequentially(value)


def go_on(phone: Visitor) -> Page:
    return phone.press("Continue")


def at_the_person(site: Site, phone: Visitor) -> Page:
    """Signed in, with the first screen sent."""
    phone.sign_in(site.world.emails["officer"])
    type_on(phone.page, EVENT)
    return go_on(phone)


def at_the_end(site: Site, phone: Visitor) -> Page:
    """Everything is filled in and waits to be sent."""
    at_the_person(site, phone)
    for typed in (PERSON, CONTACT, AGREEMENT):
        type_on(phone.page, typed)
        go_on(phone)
    return phone.page


def kept(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("({...localStorage})")
    return {name: value for name, value in found.items() if name.startswith("refer/")}


def settled(page: Page) -> dict[str, str]:
    """What the phone keeps, once it has caught up with what was typed last."""
    page.get_by_text("Kept on this phone at").first.wait_for()
    before: dict[str, str] = {}
    while before != (before := kept(page)):
        page.wait_for_timeout(100)
    assert before
    return before


def another_tab(phone: Visitor, path: str) -> Page:
    """The tab is closed; later another one is opened on the same phone."""
    context = phone.page.context
    phone.page.close()
    phone.page = context.new_page()
    phone.page.goto(phone.url + path)
    return phone.page


def is_back(page: Page) -> None:
    """The person's screen holds what was typed, and says that it was kept."""
    expect(page.locator("[data-found]")).to_have_text(KEPT)
    for name, value in WHO.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    expect(page.locator("[name=gender]")).to_have_value("male")
    expect(page.locator("[name=interpreter_needed]")).to_be_checked()
    expect(page.locator("[name=accessibility_needs]")).to_be_visible()


def test_a_closed_tab_loses_nothing(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    settled(page)
    page = another_tab(phone, "/refer")
    phone.press("Go on with it", role="link")
    is_back(page)
    assert phone.faults() == []
    phone.press("Continue")
    assert "Enter their date of birth" in phone.text()
    assert KEPT_AT not in phone.text()
    type_on(page, {name: value for name, value in PERSON.items() if name.startswith("date")})
    phone.press("Continue")
    assert kept(page) == {}


def test_the_first_screen_is_kept_before_there_is_a_draft(site: Site, phone: Visitor) -> None:
    phone.sign_in(site.world.emails["officer"])
    typed = {"setting": "vehicle_stop", "force_reference": "20/777/26", "drugs-1-substance": "heroin"}
    type_on(phone.page, typed)
    settled(phone.page)
    page = another_tab(phone, "/refer")
    expect(page.locator("[data-found]")).to_have_text(KEPT)
    expect(page.locator("[name=force_reference]")).to_have_value("20/777/26")
    expect(page.locator("[name=setting][value=vehicle_stop]")).to_be_checked()
    expect(page.locator("[name=drugs-1-substance]")).to_be_visible()
    expect(page.locator("[name=drugs-1-substance]")).to_have_value("heroin")


def test_another_incident_is_not_filled_in_with_what_was_kept_of_this_one(site: Site, phone: Visitor) -> None:
    page = at_the_end(site, phone)
    phone.press("Send the referral")
    page.goto(phone.url + "/refer")
    type_on(page, {"force_reference": "20/777/26"})
    settled(page)
    page.goto(phone.url + "/refer/mine")
    phone.press("Sam Example", role="link")
    phone.press("Refer another person", role="link")
    expect(page.locator("[name=force_reference]")).to_have_value("20/123456/26")
    assert KEPT_AT not in phone.text()
    page.goto(phone.url + "/refer")
    expect(page.locator("[name=force_reference]")).to_have_value("20/777/26")


def test_what_was_kept_can_be_thrown_away(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    settled(page)
    page.reload()
    with page.expect_navigation():
        page.get_by_role("button", name="Throw away what was kept").click()
    assert kept(page) == {}
    expect(page.locator("[name=given_name]")).to_have_value("")
    assert KEPT_AT not in phone.text()


def test_nothing_that_was_typed_can_be_read_on_the_phone(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    records = settled(page)
    everything = page.evaluate(EVERYTHING_KEPT) + json.dumps(page.context.cookies()) + " ".join(phone.seen)
    key = str(page.evaluate(f"fetch('{page.url}').then(answer => answer.text())")).split('data-key="')[1]
    for secret in (*SECRETS, key.split('"')[0]):
        assert secret not in everything
    first = next(iter(records.values()))
    page.locator("[name=given_name]").press_sequentially("e")
    assert json.loads(first)["iv"] != json.loads(next(iter(settled(page).values())))["iv"]


def test_a_lost_line_is_said_calmly_and_it_goes_on_by_itself(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, {**PERSON, **WHO})
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    says = page.locator("[data-says]")
    expect(says).to_contain_text("No signal. This goes on by itself when it is back. Kept on this phone at")
    assert phone.faults() == []
    expect(page.locator("[name=given_name]")).to_have_value("Marigold")
    type_on(page, {"family_name": "Featherstone-Haugh"})
    with page.expect_navigation():
        page.context.set_offline(False)
    assert "How to reach them" in phone.text()
    assert kept(page) == {}
    page.goto(page.url.replace("contact", "person"))
    expect(page.locator("[name=family_name]")).to_have_value("Featherstone-Haugh")


def test_a_tab_closed_without_signal_opens_with_everything(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    path = page.url.removeprefix(phone.url)
    page.context.set_offline(True)
    type_on(page, HALF)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-says]")).to_contain_text("No signal")
    page.context.set_offline(False)
    is_back(another_tab(phone, path))


def test_an_answer_that_was_lost_is_asked_for_again_and_makes_one_referral(
    site: Site, phone: Visitor
) -> None:
    page = at_the_end(site, phone)
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The referral arrives; what came of it does not."""
        if route.request.method == "POST" and not lost:
            lost.append(str(route.fetch(max_redirects=0).status))
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/check", lose)
    page.get_by_role("button", name="Send the referral").click()
    expect(page.locator("[data-says]")).to_contain_text("the referral is sent by itself, once")
    page.wait_for_url("**/sent")
    assert lost == ["204"]
    assert "Referral accepted" in phone.text()
    with site.app.app_context():
        assert count("referrals") == 1


def test_a_server_that_is_away_is_waited_for(site: Site, phone: Visitor) -> None:
    page = at_the_end(site, phone)
    page.route("**/check", lambda route: route.fulfill(status=503, body="away"), times=1)
    page.get_by_role("button", name="Send the referral").click()
    page.wait_for_url("**/sent")
    with site.app.app_context():
        assert count("referrals") == 1


def test_pressing_again_does_not_wait(site: Site, phone: Visitor) -> None:
    page = at_the_end(site, phone)
    page.clock.install()
    page.route("**/check", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Send the referral").click()
    expect(page.locator("[data-says]")).to_contain_text("No signal")
    page.clock.run_for(1_100)
    page.get_by_role("button", name="Send the referral").click()
    page.wait_for_url("**/sent")


def test_a_session_that_ended_loses_nothing(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    path = page.url
    type_on(page, HALF)
    settled(page)
    site.clock.advance(hours=3)
    with page.expect_navigation(url="**/sign-in?next=**"):
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("E-mail").fill(site.world.emails["officer"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Sign in")
    assert page.url == path
    is_back(page)


def test_who_signed_in_again_in_another_tab_loses_nothing(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    settled(page)
    site.clock.advance(hours=3)
    phone.page = page.context.new_page()
    phone.sign_in(site.world.emails["officer"])
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    is_back(page)


def test_another_officer_on_the_same_phone_reads_nothing(site: Site, phone: Visitor) -> None:
    with site.app.app_context(), transaction():
        add_account(site.world, "officer_2", Role.OFFICER, force_id=site.world.forces["midshire"])
    page = at_the_person(site, phone)
    path = page.url
    type_on(page, HALF)
    mine = settled(page)
    site.clock.advance(hours=3)
    phone.sign_in(site.world.emails["officer_2"])
    type_on(page, EVENT)
    go_on(phone)
    (name,) = mine
    theirs = page.evaluate("document.querySelector('[data-roadside]').dataset.roadside")
    page.evaluate("([to, value]) => localStorage.setItem(to, value)", [theirs, mine[name]])
    page.reload()
    page.wait_for_function("name => localStorage.getItem(name) === null", arg=theirs)
    assert KEPT_AT not in phone.text()
    expect(page.locator("[name=given_name]")).to_have_value("")
    assert kept(page) == mine
    site.clock.advance(hours=3)
    phone.sign_in(site.world.emails["officer"])
    page.goto(path)
    is_back(page)


def test_after_signing_out_nothing_is_left_and_nothing_opens_it(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    was = settled(page)
    phone.press("Sign out")
    assert kept(page) == {}
    page.evaluate("kept => Object.assign(localStorage, kept)", was)
    phone.sign_in(site.world.emails["officer"])
    assert KEPT_AT not in phone.text()
    page.wait_for_function("Object.keys(localStorage).length === 0")


@pytest.mark.parametrize("value", BROKEN)
def test_a_record_that_is_broken_is_dropped_without_a_fuss(site: Site, phone: Visitor, value: str) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    (name,) = settled(page)
    page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, value])
    page.reload()
    page.wait_for_function("name => localStorage.getItem(name) === null", arg=name)
    assert KEPT_AT not in phone.text()
    assert phone.broken == []
    type_on(page, PERSON)
    go_on(phone)
    assert "How to reach them" in phone.text()


def test_after_a_day_it_is_gone(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    was = settled(page)
    site.clock.advance(hours=24)
    site.work()
    phone.sign_in(site.world.emails["officer"])
    assert KEPT_AT not in phone.text()
    page.wait_for_function("name => localStorage.getItem(name) === null", arg=next(iter(was)))


def test_putting_back_does_not_make_it_younger(site: Site, phone: Visitor) -> None:
    page = at_the_person(site, phone)
    type_on(page, HALF)
    was = settled(page)
    page.reload()
    is_back(page)
    page.wait_for_timeout(200)
    assert kept(page) == was


def test_the_phone_counts_the_day_too(site: Site, phone: Visitor) -> None:
    """Also while the server still has the key: and whoever is signed in."""
    page = at_the_person(site, phone)
    type_on(page, HALF)
    settled(page)
    page.clock.install()
    page.clock.fast_forward("24:00:01")
    page.goto(phone.url + "/refer/mine")
    page.wait_for_function("Object.keys(localStorage).length === 0")


def test_a_phone_that_keeps_nothing_asks_before_something_is_lost(site: Site, phone: Visitor) -> None:
    """A browser may forbid it, as in a private window: everything works, and leaving is asked about."""
    phone.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('forbidden') }")
    page = at_the_person(site, phone)
    type_on(page, HALF)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto(phone.url + "/refer/mine")
    assert asked == ["beforeunload"]
    assert phone.broken == []


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def test_nothing_can_be_read_in_the_files_of_the_browser(site: Site, browser: Browser, profile: Path) -> None:
    """Not in its storage, its cache, its list of suggestions, or what it would restore a tab with."""
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium(), args=list(FLAGS), viewport=PHONE
    )
    context.set_default_timeout(PATIENCE)
    phone = Visitor(context.pages[0], site.url)
    at_the_person(site, phone)
    type_on(phone.page, {**PERSON, **WHO})
    go_on(phone)
    type_on(phone.page, {"mobile": "07700 900321", "line_1": "Wharf Street"})
    settled(phone.page)
    phone.page.wait_for_timeout(1_000)
    context.close()
    files = [path for path in profile.rglob("*") if path.is_file()]
    assert any("Local Storage" in str(path) for path in files)
    for path in files:
        held = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in held, path
            assert secret.encode("utf-16-le") not in held, path
