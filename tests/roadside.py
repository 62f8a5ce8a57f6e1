"""What an officer types at the roadside, screen by screen, in a browser without JavaScript."""

from __future__ import annotations

import html
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.desk import csrf_of

EVENT = {
    "scheme": "divert-adult",
    "setting": "stop_and_search",
    "on-day": "24",
    "on-month": "11",
    "on-year": "2026",
    "at": "9:10am",
    "area": "Birmingham",
    "area_other": "",
    "force_reference": "20/123456/26",
    "offence": "possession_controlled_drug",
    "drugs-0-substance": "cannabis",
    "drugs-0-drug_class": "B",
    "drugs-0-quantity": "2 g",
}
PERSON = {
    "given_name": "Sam",
    "family_name": "Example",
    "date_of_birth-day": "14",
    "date_of_birth-month": "5",
    "date_of_birth-year": "2003",
    "gender": "male",
    "self_defined_ethnicity": "B1",
    "officer_observed_ethnicity": "3",
    "language": "en",
}
CONTACT = {
    "mobile": "07700 900123",
    "number_checked": "yes",
    "voicemail_ok": "yes",
    "text_ok": "yes",
    "best_times": "evenings",
}
AGREEMENT = {"given": "y", "outcome": "8", "responsibility_accepted": "yes", "markers": ["lone_working"]}

SCREENS: dict[str, dict[str, Any]] = {
    "event": EVENT,
    "person": PERSON,
    "contact": CONTACT,
    "agreement": AGREEMENT,
}


def fill(client: FlaskClient, **changes: dict[str, Any]) -> str:
    """Fill in all four screens, with ``changes`` by screen; the address of the page to check them on."""
    page = "/refer"
    for screen, typed in SCREENS.items():
        answer = post(client, page, **{**typed, **changes.get(screen, {})})
        assert answer.status_code == 302, (screen, errors_in(answer))
        page = answer.location
    assert page.endswith("/check")
    return page


def post(client: FlaskClient, page: str, **typed: Any) -> TestResponse:
    """Open the page and send its form, with what stands hidden in it."""
    return client.post(page, data={**hidden_in(client.get(page).text), **typed})


def hidden_in(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(csrf_token|draft)" value="([^"]+)"', page))


def refer(client: FlaskClient, **changes: dict[str, Any]) -> str:
    """The whole of it, sent; the reference."""
    page = fill(client, **changes)
    answer = client.post(page, data={"csrf_token": csrf_of(client, page)}, follow_redirects=True)
    return reference_in(answer)


def reference_in(answer: TestResponse) -> str:
    found = re.search(r'class="app-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<', answer.text)
    assert found, answer.text
    return found.group(1)


def errors_in(answer: TestResponse) -> dict[str, str]:
    """The error beside each field, by the id of the field."""
    found = re.findall(r'<p id="([^"]+)-error" class="govuk-error-message">(.*?)</p>', answer.text, re.DOTALL)
    return {
        field: " ".join(html.unescape(re.sub("<[^>]+>", " ", words)).replace("Error:", "").split())
        for field, words in found
    }


def values_in(answer: TestResponse) -> dict[str, str]:
    """What the text boxes hold, by name."""
    boxes = re.findall(
        r'<input class="govuk-input[^>]*? name="([^"]+)" type="\w+" (?:inputmode="numeric" )?value="([^"]*)"',
        answer.text,
    )
    return {name: html.unescape(value) for name, value in boxes}
