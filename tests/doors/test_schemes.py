"""Schemes at the desk: who may read and change them, a change seen before it is saved, and nothing typed lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import db
from tests.builders import World, build_world
from tests.desk import refer, referral_of, send, sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import audited


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


def page_of(world: World, scheme: str = "divert-adult", *, at: str = "") -> str:
    return f"/schemes/{world.schemes[scheme]}{at}"


def as_shown(page: str) -> dict[str, Any]:
    """Everything the form on a page would send as it stands."""
    form = page[page.index('name="seen"') - 300 :]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" not in found or (found.get("type") in ("radio", "checkbox") and " checked" not in tag):
            continue
        sent.setdefault(found["name"], []).append(unescape(found.get("value", "")))
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = unescape(value.lstrip("\n"))
    return sent


def change(client: FlaskClient, world: World, *, scheme: str = "divert-adult", **typed: Any) -> str:
    """Open the form, type, and see what changes: the page that answers."""
    path = page_of(world, scheme, at="/change")
    return client.post(path, data={**as_shown(client.get(path).text), **typed}).text


def save(client: FlaskClient, world: World, page: str, *, scheme: str = "divert-adult", **typed: Any) -> Any:
    """Press the button of the page that showed what changes."""
    return client.post(page_of(world, scheme, at="/change"), data={**as_shown(page), **typed})


def versions(world: World, scheme: str = "divert-adult") -> list[SchemeTerms]:
    with world.app.app_context():
        found = sa.select(SchemeTerms).where(SchemeTerms.scheme_id == world.schemes[scheme])
        return list(db.session.scalars(found.order_by(SchemeTerms.version)))


@pytest.mark.parametrize(
    ("who", "reads", "changes"),
    [
        ("team_lead", 200, 200),
        ("administrator", 200, 200),
        ("drug_worker", 200, 403),
        ("clinical_lead", 200, 403),
        ("facilitator", 403, 403),
        ("commissioner", 403, 403),
        ("officer", 403, 403),
        ("force_administrator", 403, 403),
    ],
)
def test_who_may(client: FlaskClient, world: World, who: str, reads: int, changes: int) -> None:
    sign_in(client, world, who)
    assert client.get("/schemes").status_code == reads
    assert client.get(page_of(world)).status_code == reads
    for path in (page_of(world, at="/change"), "/schemes/add"):
        assert client.get(path).status_code == changes
    assert ("Change the terms" in client.get(page_of(world)).text) == (changes == 200)


def test_the_list_and_the_page_say_what_is_in_force(lead: FlaskClient, world: World) -> None:
    listed = lead.get("/schemes").text
    for words in ("Midshire Police", "Thamesford Police", "Midshire Divert (adults)", "Version 1"):
        assert words in listed
    page = unescape(lead.get(page_of(world, "diversion-deferred")).text)
    for words in (
        "Within 56 calendar days.",
        "It may be offered again without limit.",
        "The force may prosecute after all.",
        "it is a bank holiday",
    ):
        assert words in page
    assert lead.get("/schemes/999999").status_code == 404


def test_a_change_is_shown_before_it_is_saved_and_is_a_new_version(lead: FlaskClient, world: World) -> None:
    shown = change(lead, world, bar_months="6")
    assert "for 12 months" in shown
    assert "for 6 months" in shown
    assert "Save this version" in shown
    assert len(versions(world)) == 1
    assert save(lead, world, shown).status_code == 302
    first, second = versions(world)
    assert (first.terms["bar_months"], second.terms["bar_months"]) == (12, 6)
    assert second.set_by == f"account:{world.accounts['team_lead']}"
    page = lead.get(page_of(world)).text
    assert "Version 2 in force" in page
    assert "Set by Team Lead Example" in page
    with world.app.app_context():
        assert audited(subject="scheme", subject_id=world.schemes["divert-adult"])[-1] == "scheme.terms_set"


def test_what_is_changed_after_it_was_shown_is_shown_again(lead: FlaskClient, world: World) -> None:
    shown = change(lead, world, bar_months="6")
    again = save(lead, world, shown, bar_months="9")
    assert again.status_code == 200
    assert "for 9 months" in again.text
    assert len(versions(world)) == 1


def test_everything_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    lead: FlaskClient, world: World
) -> None:
    page = unescape(
        change(
            lead,
            world,
            age_from="17",
            service_name="Police drugs line",
            intelligence_sentence="{name} was prosecuted",
            areas="Here\nhere",
            lawful_basis="",
            contact_days="9",
        )
    )
    for field, words in {
        "age_to": "it ends at 17",
        "service_name": "may not stand in a text",
        "intelligence_sentence": "this scheme never prosecutes",
        "areas": "An area is named twice",
        "lawful_basis": "Name the lawful basis",
        "contact_days": "fewer calls than days",
    }.items():
        error = re.search(rf'<p[^>]*id="{field}-error"[^>]*>.*?</p>', page, re.DOTALL)
        assert error, field
        assert words in error.group(0)
        assert f'href="#{field}"' in page
    assert "Police drugs line" in page
    assert len(versions(world)) == 1


def test_times_of_places_that_overlap_or_are_half_there(lead: FlaskClient, world: World) -> None:
    row = "places_bought-2"
    begins = {f"{row}-from_-day": "1", f"{row}-from_-month": "5", f"{row}-from_-year": "2027"}
    half = unescape(change(lead, world, **begins))
    assert "Enter until, or leave the row empty" in half
    overlapping = {
        f"{row}-{part}-{box}": value
        for part, date in (("from_", ("1", "3", "2027")), ("until", ("1", "4", "2028")))
        for box, value in zip(("day", "month", "year"), date, strict=True)
    }
    page = unescape(change(lead, world, **overlapping, **{f"{row}-places": "10"}))
    assert "It begins before the one before it has ended." in page
    assert f'href="#{row}-from_' in page


def test_a_version_is_planned_for_a_midnight_and_can_be_withdrawn_before_it(
    lead: FlaskClient, world: World, clock: MovableClock
) -> None:
    day = {"from_day-day": "1", "from_day-month": "12", "from_day-year": "2026"}
    save(lead, world, change(lead, world, bar_months="6", **day))
    page = lead.get(page_of(world)).text
    assert "Version 2 begins on Tuesday 1 December 2026" in page
    assert "Version 1 in force" in page
    assert "from 1 December 2026" in lead.get("/schemes").text
    another = save(lead, world, change(lead, world, bar_months="3"))
    assert "A version waits for its day already" in another.text
    send(lead, page_of(world), page_of(world, at="/versions/2/withdraw"))
    assert "Withdrawn by Team Lead Example" in lead.get(page_of(world)).text
    clock.set(A_TUESDAY + timedelta(days=30))
    with world.app.app_context():
        now = schemes_of(world.forces["midshire"], at=clock.now())["divert-adult"]
        assert now.version == 1


def test_one_in_force_cannot_be_withdrawn(lead: FlaskClient, world: World) -> None:
    save(lead, world, change(lead, world, bar_months="6"))
    send(lead, page_of(world, at="/change"), page_of(world, at="/versions/2/withdraw"))
    assert "cannot be withdrawn" in lead.get(page_of(world)).text
    assert versions(world)[1].withdrawn_at is None


def test_a_day_that_has_passed_is_refused_at_its_field(lead: FlaskClient, world: World) -> None:
    day = {"from_day-day": "1", "from_day-month": "1", "from_day-year": "2026"}
    page = save(lead, world, change(lead, world, bar_months="6", **day)).text
    assert "Terms never begin in the past" in page
    assert 'href="#from_day-day"' in page


def test_who_saves_second_sees_what_the_first_changed_and_keeps_what_was_typed(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    mine = change(lead, world, bar_months="6")
    other = app.test_client()
    sign_in(other, world, "administrator")
    save(other, world, change(other, world, misses_allowed="3"))
    refused = unescape(save(lead, world, mine).text)
    assert "Version 2 was set by Administrator Example since you began" in refused
    assert "3 missed appointments allowed." in refused
    assert as_shown(refused)["bar_months"] == ["6"]
    assert len(versions(world)) == 2
    shown = save(lead, world, refused).text
    assert save(lead, world, shown).status_code == 302
    assert [one.terms["misses_allowed"] for one in versions(world)] == [1, 3, 1]


def test_saving_what_is_there_already_says_so(lead: FlaskClient, world: World) -> None:
    shown = change(lead, world)
    assert "It says the same in every point." in shown
    assert "These are the terms as they are already." in save(lead, world, shown).text


def test_a_referral_keeps_its_version(lead: FlaskClient, world: World, app: Flask) -> None:
    before = refer(app, world)
    save(lead, world, change(lead, world, bar_months="6"))
    after = refer(app, world, person={"given_name": "Alex", "mobile": "07700 900777"})
    first, second = versions(world)
    assert referral_of(app, before).terms_id == first.id
    assert referral_of(app, after).terms_id == second.id
    assert "1 referral came under it." in lead.get(page_of(world)).text


def test_a_scheme_is_added(lead: FlaskClient, world: World, app: Flask) -> None:
    path = "/schemes/add"
    page = lead.get(path).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    blank = as_shown(page.replace('name="csrf_token"', 'name="seen"', 1))
    form = {
        **{name: value for name, value in blank.items() if name != "seen"},
        "csrf_token": token.group(1),
        "force": str(world.forces["thamesford"]),
        "code": "evening-scheme",
        "name": "Evening scheme",
        "service_name": "Waymark Evenings",
        "phone": "0118 496 0199",
        "lawful_basis": "Article 6(1)(e)",
        "intelligence_sentence": "No part was taken under {reference}: tried {times} ({dates}). This is not evidence.",
    }
    refused = lead.post(path, data={**form, "code": "Not A Code"})
    assert "small letters, numbers and hyphens" in refused.text
    assert lead.post(path, data=form).status_code == 302
    with app.app_context():
        assert schemes_of(world.forces["thamesford"], at=A_TUESDAY)["evening-scheme"].version == 1
    assert "has a scheme with this code already" in lead.post(path, data=form).text
