"""What is wrong is said at the top and beside its field, in a page that everybody can use; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import DESKTOP, Visitor, visiting
from tests.browser.full_world import Full
from tests.browser.inspecting import faults_of
from tests.browser.test_every_page import SERVICE

WORDS = "Told me that nights are best."


@dataclass(frozen=True)
class Wrong:
    """A form with a mistake in it: where, which button, what was typed well (by label) and what is picked first."""

    who: str
    path: Callable[[Full], str]
    button: str
    typed: dict[str, str] = field(default_factory=dict)
    ticked: str | None = None
    opened: str | None = None

    def __str__(self) -> str:
        return f"{self.who}: {self.button}"


def at(example: str, page: str = "") -> Callable[[Full], str]:
    return lambda full: f"/referrals/{full.references[example]}{page}"


def draft(screen: str) -> Callable[[Full], str]:
    return lambda full: f"/refer/draft/{full.drafts['officer']}/{screen}"


WRONG = (
    Wrong("drug_worker", at("to ring"), "Record the call", {"Note of the call": WORDS}),
    Wrong("drug_worker", at("to ring"), "Add the note", ticked="Sensitive", opened="Add a note"),
    Wrong("drug_worker", at("to ring", "/number"), "Change the number", {"New number": "07700 900123"}),
    Wrong("drug_worker", at("to ring", "/close"), "End the referral"),
    Wrong("drug_worker", at("call over", "/assessment"), "Save and go to advice", {"How much": "2 g"}),
    Wrong(
        "drug_worker",
        at("draft of an assessment", "/assessment/advice"),
        "Finish the assessment",
        ticked="Structured treatment",
    ),
    Wrong(
        "facilitator",
        lambda full: f"/sessions/{full.sessions['confirmed']}/register/{full.places['missed']}/correct",
        "Correct",
        {"Minutes there": "90"},
    ),
    Wrong(
        "facilitator", lambda full: f"/sessions/{full.sessions['to_confirm']}/register", "Import the report"
    ),
    Wrong("team_lead", lambda _: "/sessions/add", "Add the session", {"Start time": "6pm", "Places": "many"}),
    Wrong("team_lead", lambda _: "/team", "Give"),
    Wrong(
        "team_lead",
        lambda full: f"/schemes/{full.world.schemes['divert-adult']}/change",
        "Check what changes",
        {"Youngest age": "17", "Neutral name of the service": "Police line", "Number to ring": "999 please"},
    ),
    Wrong(
        "team_lead",
        lambda full: f"/wordings/{full.world.schemes['divert-adult']}/en/assessment_booked",
        "Save these words",
        {"Words": "{first_name}, the police ring you. Reply YES."},
    ),
    Wrong("administrator", lambda _: "/schemes/add", "Add the scheme", {"Code": "Not a code", "Name": "New"}),
    Wrong(
        "administrator", lambda _: "/accounts/add", "Add", {"Name": "New Worker", "E-mail address": "nobody"}
    ),
    Wrong("officer", lambda _: "/refer", "Continue", {"Crime number": "20/1/26"}),
    Wrong("officer", draft("person"), "Continue", {"First name": "Sam", "Year": "2090"}),
    Wrong(
        "officer",
        draft("contact"),
        "Continue",
        {"Mobile number": "", "E-mail address": "sam"},
        opened="Another way to reach them",
    ),
    Wrong("force_administrator", lambda _: "/force/keys", "Make a key"),
    Wrong("force_administrator", lambda _: "/force/webhooks", "Add the address", {"Address": "nowhere"}),
    Wrong("force_administrator", lambda _: "/force/officers/add", "Add the officer", {"Name": "PC New"}),
)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_is_said_where_it_is(wrong: Wrong, full: Full, browser: Browser) -> None:
    with visiting(browser, full.site.url, DESKTOP, looks=False) as visitor:
        visitor.sign_in(full.world.emails[wrong.who])
        page = visitor.go(wrong.path(full))
        if wrong.opened:
            page.get_by_text(wrong.opened).click()
        for label, typed in wrong.typed.items():
            box(visitor, label).fill(typed)
        if wrong.ticked:
            page.get_by_label(wrong.ticked).check()
        with page.expect_navigation() as answer:
            page.get_by_role("button", name=wrong.button, exact=True).last.click()
        assert page.title().startswith("Error: ")
        assert list(faults_of(visitor, answer.value.text(), service=SERVICE)) == []
        said = page.locator(".govuk-error-summary a")
        assert said.count() > 0
        for fault in said.all():
            leads_to = (fault.get_attribute("href") or "").removeprefix("#")
            assert page.locator(f'[id="{leads_to}"]').count() == 1, leads_to
        assert page.locator(".govuk-error-message").count() > 0
        for label, typed in wrong.typed.items():
            assert box(visitor, label).input_value() == typed
        if wrong.ticked:
            assert page.get_by_label(wrong.ticked).is_checked()


def box(visitor: Visitor, label: str) -> Locator:
    """The first box with this label, optional or not."""
    return visitor.page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")).first
