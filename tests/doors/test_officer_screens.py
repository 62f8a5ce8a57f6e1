"""Bad input on every screen: the error stands at its field, and nothing that was typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from provider.domain.referrals.models import ReferralDraft
from provider.kernel.database import db
from tests.builders import World, build_world, count
from tests.desk import sign_in
from tests.roadside import AGREEMENT, CONTACT, EVENT, PERSON, errors_in, fill, post, values_in

LONG = "x" * 6_000


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"scheme": ""}, "scheme", "Choose a scheme"),
        ({"scheme": "diversion-deferred"}, "scheme", "Choose one of the answers in the list"),
        ({"setting": "moon"}, "setting", "Choose one of the answers in the list"),
        ({"on-day": "31", "on-month": "2"}, "on", "Date must be a real date"),
        ({"on-day": "", "on-month": "", "on-year": ""}, "on", "Enter the date"),
        ({"on-year": "2027"}, "on", "This is still to come."),
        ({"on-year": "1999"}, "on", "This is too long ago."),
        ({"at": "25:99"}, "at", "Time must be a time, like 9:30am or 14:05"),
        ({"at": ""}, "at", "Enter the time"),
        ({"area": "Atlantis"}, "area", "Choose one of the answers in the list"),
        ({"area_other": "Leeds"}, "area_other", "Choose an area in the list or write one, not both"),
        ({"force_reference": "x" * 51}, "force_reference", "Crime number must be 50 characters or fewer"),
        ({"force_reference": "20\x00/1"}, "force_reference", "has a character that cannot be kept"),
        ({"offence": ""}, "offence", "Choose what it is for"),
        (
            {"drugs-0-substance": "", "drugs-0-drug_class": "", "drugs-0-quantity": ""},
            "drugs-0-substance",
            "Name",
        ),
        ({"drugs-0-substance": "sugar"}, "drugs-0-substance", "Choose one of the answers in the list"),
        ({"drugs-2-quantity": "a bag"}, "drugs-2-substance", "This is needed."),
        ({"drugs-1-quantity": "x" * 101}, "drugs-1-quantity", "must be 100 characters or fewer"),
    ],
)
def test_what_happened(
    app: Flask, officer: FlaskClient, typed: dict[str, str], field: str, words: str
) -> None:
    answer = post(officer, "/refer", **{**EVENT, **typed})
    assert answer.status_code == 200
    assert words in errors_in(answer)[field]
    assert_all_still_there(answer, {**EVENT, **typed})
    with app.app_context():
        assert db.session.scalars(sa.select(ReferralDraft.sealed)).all() == [None]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"given_name": ""}, "given_name", "Enter a first name"),
        ({"given_name": "\u200b"}, "given_name", "This is needed."),
        ({"family_name": "x" * 101}, "family_name", "must be 100 characters or fewer"),
        ({"family_name": "Exa\x00mple"}, "family_name", "has a character that cannot be kept"),
        ({"date_of_birth-day": "31", "date_of_birth-month": "6"}, "date_of_birth", "must be a real date"),
        ({"date_of_birth-year": "03"}, "date_of_birth", "must have a year of 4 numbers"),
        ({"date_of_birth-year": "2027"}, "date_of_birth", "This is still to come."),
        ({"date_of_birth-year": "2020"}, "date_of_birth", "Nobody under 10 can be referred"),
        ({"date_of_birth-year": "1850"}, "date_of_birth", "must have a year from 1900 to 2099"),
        ({"date_of_birth-year": "2010"}, "date_of_birth", "divert-young-people"),
        ({"gender": ""}, "gender", "Choose a gender"),
        ({"gender": "x"}, "gender", "Choose one of the answers in the list"),
        ({"self_defined_ethnicity": "Z9"}, "self_defined_ethnicity", "Choose one of the answers in the list"),
        ({"officer_observed_ethnicity": "9"}, "officer_observed_ethnicity", "Choose one of the answers"),
        ({"language": "klingon"}, "language", "Choose one of the answers in the list"),
        ({"accessibility_needs": "x" * 501}, "accessibility_needs", "must be 500 characters or fewer"),
        ({"pnc_id": "x" * 31}, "pnc_id", "PNC ID must be 30 characters or fewer"),
    ],
)
def test_who_they_are(officer: FlaskClient, typed: dict[str, str], field: str, words: str) -> None:
    page = post(officer, "/refer", **EVENT).location
    answer = post(officer, page, **{**PERSON, **typed})
    assert words in errors_in(answer)[field]
    assert_all_still_there(answer, {**PERSON, **typed})
    assert_all_still_there(officer.get(page), {**PERSON, **typed})


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"mobile": ""}, "mobile", "Give a mobile number, an e-mail address or an address."),
        ({"mobile": "0" * 41}, "mobile", "must be 40 characters or fewer"),
        ({"email": "not-one"}, "email", "This must be an e-mail address"),
        ({"email": "x" * 250 + "@force.example"}, "email", "254 characters or fewer"),
        ({"voicemail_ok": "perhaps"}, "voicemail_ok", "Choose one of the answers in the list"),
        ({"best_times": "x" * 201}, "best_times", "must be 200 characters or fewer"),
        ({"postcode": "x" * 11}, "postcode", "must be 10 characters or fewer"),
        ({"line_1": "1\x07 Street"}, "line_1", "has a character that cannot be kept"),
    ],
)
def test_how_to_reach_them(officer: FlaskClient, typed: dict[str, str], field: str, words: str) -> None:
    page = fill(officer).replace("check", "contact")
    answer = post(officer, page, **{**CONTACT, **typed})
    assert words in errors_in(answer)[field]
    assert_all_still_there(answer, {**CONTACT, **typed})


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"given": ""}, "given", "This scheme is only for people who have agreed to it."),
        ({"outcome": ""}, "outcome", "Choose the police outcome"),
        ({"outcome": "9"}, "outcome", "Choose one of the answers in the list"),
        ({"markers": ["lone_working", "dragons"]}, "markers", "Choose one of the answers in the list"),
        ({"risk_note": "x" * 1001}, "risk_note", "must be 1,000 characters or fewer"),
        ({"risk_note": "a\x00b"}, "risk_note", "has a character that cannot be kept"),
    ],
)
def test_agreement(officer: FlaskClient, typed: dict[str, Any], field: str, words: str) -> None:
    page = fill(officer).replace("check", "agreement")
    answer = post(officer, page, **{**AGREEMENT, **typed})
    assert words in errors_in(answer)[field]
    if isinstance(typed.get("risk_note"), str):
        assert typed["risk_note"].replace("\x00", "") in answer.text


def assert_all_still_there(answer: Any, typed: dict[str, Any]) -> None:
    """Every text box holds what was typed, less the characters that no page may hold."""
    shown = values_in(answer)
    for name in shown.keys() & typed.keys():
        wanted = "".join(char for char in str(typed[name]) if char.isprintable() or char == "\u200b")
        assert shown[name] == wanted, name


def test_everything_wrong_at_once_is_said_at_once(officer: FlaskClient) -> None:
    found = errors_in(post(officer, "/refer", **{"on-day": "", "on-month": "", "on-year": ""}))
    assert {"scheme", "setting", "on", "at", "offence"} <= found.keys()


def test_the_summary_links_to_inputs_that_are_there(officer: FlaskClient) -> None:
    page = post(officer, "/refer", **{"on-day": "99", "drugs-0-substance": "sugar"}).text
    links = re.findall(r'<a href="#([^"]+)">', page.split("govuk-error-summary", 1)[1])
    assert links
    for link in links:
        assert f'id="{link}"' in page


def test_the_wrong_scheme_is_put_right_without_typing_the_person_again(officer: FlaskClient) -> None:
    page = post(officer, "/refer", **EVENT).location
    young = {**PERSON, "date_of_birth-year": "2010"}
    assert "date_of_birth" in errors_in(post(officer, page, **young))
    event = page.replace("person", "event")
    onward = post(officer, event, **{**EVENT, "scheme": "divert-young-people"}).location
    assert onward.endswith("/contact")
    assert values_in(officer.get(page))["given_name"] == "Sam"


def test_a_change_that_makes_another_screen_wrong_is_said_before_sending(
    app: Flask, officer: FlaskClient
) -> None:
    page = fill(officer)
    post(officer, page.replace("check", "event"), **{**EVENT, "scheme": "divert-young-people"})
    shown = officer.get(page).text
    assert "There is a problem" in shown
    assert f"{page.replace('check', 'person')}#date_of_birth" in shown
    assert "Send the referral" not in shown
    post(officer, page)
    with app.app_context():
        assert count("referrals") == 0


def test_a_screen_cannot_be_skipped(officer: FlaskClient) -> None:
    page = post(officer, "/refer", **EVENT).location
    for name in ("contact", "agreement", "check"):
        answer = officer.get(page.replace("person", name), follow_redirects=True)
        assert answer.request.path == page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "O'Brien & Sons"])
def test_markup_and_formulas_in_a_name_are_shown_as_they_were_typed(officer: FlaskClient, name: str) -> None:
    page = fill(officer, person={"family_name": name})
    pages = [officer.get(page), officer.get("/refer"), officer.get(page.replace("check", "person"))]
    sent = post(officer, page)
    pages += [officer.get(sent.location, follow_redirects=True), officer.get("/refer/mine")]
    for answer in pages:
        assert "<script>alert" not in answer.text
        assert str(escape(name)) in answer.text


def test_a_very_long_value_that_was_refused_is_not_kept_whole(app: Flask, officer: FlaskClient) -> None:
    page = post(officer, "/refer", **EVENT).location
    post(officer, page, **{**PERSON, "given_name": LONG, "made_up": LONG})
    kept = values_in(officer.get(page))
    assert kept["given_name"] == LONG[:5_000]
    assert kept["family_name"] == "Example"
