"""The journey in numbers: what is counted, what is hidden, and that the sheet is inert."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db, transaction
from provider.reporting.funnel import DEFINITIONS, funnel
from provider.reporting.months import Month
from provider.reporting.small_numbers import hidden_in
from provider.reporting.waits import share_within, waits
from tests.builders import World, build_world
from tests.desk import sign_in
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, person
from tests.queries import queries_of

NOVEMBER = Month(2026, 11)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def somebody(number: int) -> dict[str, Any]:
    given = ("Abel", "Bridget", "Cormac", "Delphine", "Ezra", "Fatima")[number]
    born = f"19{80 + number}-0{number + 1}-1{number}"
    postcode = {"line_1": None, "town": None, "postcode": f"B{number + 2} 3CD"}
    return {
        "person": person(
            given_name=given,
            family_name=f"{given}son",
            date_of_birth=born,
            mobile=f"07700 90010{number}",
            address=postcode,
        )
    }


def counted(*, small_hidden: bool = False, month: Month = NOVEMBER) -> dict[str, str]:
    found = next(one for one in funnel(month, small_hidden=small_hidden) if "adults" in one.scheme)
    return {shown.name: shown.words for shown in found.counts}


def three_on_their_way(app: Flask, walk: Walk) -> None:
    """One who is new, one who spoke with us, one who has a place."""
    with app.app_context():
        walk.referred(**somebody(0))
        spoken = walk.referred(**somebody(1))
        walk.rung(spoken, AttemptOutcome.SPOKE_CALL_BACK_LATER)
        placed = walk.referred(**somebody(2))
        walk.booked(placed)
        walk.clock.advance(days=1)
        walk.assessed(placed)
        walk.placed(placed, walk.session())


def test_each_is_counted_as_far_as_they_came(app: Flask, walk: Walk) -> None:
    three_on_their_way(app, walk)
    with app.app_context():
        found = counted()
    assert found == {
        **dict.fromkeys(DEFINITIONS, "0"),
        "referred": "3",
        "reached": "2",
        "assessed": "1",
        "placed": "1",
        "open": "3",
    }


def test_a_month_holds_those_who_were_referred_in_it(app: Flask, walk: Walk, clock: MovableClock) -> None:
    three_on_their_way(app, walk)
    with app.app_context():
        assert counted(month=Month(2026, 10))["referred"] == "0"
        clock.set(Month(2026, 12).starts_at - timedelta(seconds=1))
        walk.referred(**somebody(3))
        clock.advance(seconds=1)
        walk.referred(**somebody(4))
        assert counted()["referred"] == "4"
        assert counted(month=Month(2026, 12))["referred"] == "1"


def test_endings_and_completed_add_up(app: Flask, walk: Walk) -> None:
    three_on_their_way(app, walk)
    with app.app_context():
        gone = walk.referred(**somebody(5))
        walk.rung(gone, AttemptOutcome.DECLINED)
        found = {name: int(words) for name, words in counted().items()}
    parts = ("completed", "not_engaged", "not_reached", "withdrawn", "declined", "open")
    assert sum(found[name] for name in parts) == found["referred"] == 4


def test_the_picture_has_its_table_and_the_words_of_each_count(
    app: Flask, walk: Walk, client: FlaskClient, world: World
) -> None:
    three_on_their_way(app, walk)
    sign_in(client, world, "team_lead")
    text = client.get("/numbers?month=2026-11").text
    assert text.count('<svg role="img" aria-label="Bar chart: Midshire Divert (adults), referred in') == 1
    assert "Midshire Divert (adults), referred in November 2026: the numbers" in text
    for words in DEFINITIONS.values():
        assert words in text
    assert "month=2026-10" in text
    assert "month=2026-12" not in text


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "2031-01", "0000-01", "2026-11-01", ""])
def test_a_month_that_is_none_is_the_present_one(world: World, client: FlaskClient, month: str) -> None:
    sign_in(client, world, "team_lead")
    assert (
        "The journey in numbers: November 2026" in client.get("/numbers", query_string={"month": month}).text
    )


def test_a_commissioner_sees_no_small_counts(
    app: Flask, walk: Walk, client: FlaskClient, world: World
) -> None:
    three_on_their_way(app, walk)
    with app.app_context():
        assert counted(small_hidden=True)["referred"] == "Fewer than 5"
    sign_in(client, world, "commissioner")
    text = client.get("/numbers").text
    assert "Fewer than 5" in text
    rows = {row["scheme"]: row for row in csv.DictReader(io.StringIO(client.get("/numbers.csv").text))}
    assert rows["Midshire Divert (adults)"]["open"] == "Fewer than 5"
    assert rows["Midshire Divert (adults)"]["withdrawn"] == "0"


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({"a": 12, "b": 0, "c": 30}, set()),
        ({"a": 12, "b": 3, "c": 30}, {"a", "b"}),
        ({"a": 12, "b": 3, "c": 2}, {"b", "c"}),
        ({"a": 3, "b": 0}, {"a"}),
        ({"a": 5, "b": 5}, set()),
    ],
)
def test_what_could_be_worked_out_is_hidden_too(parts: dict[str, int], hidden: set[str]) -> None:
    assert hidden_in(parts) == hidden


def test_the_sheet_carries_nothing_out(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Scheme, world.schemes["divert-adult"]).name = "=HYPERLINK(1)"
    sign_in(client, world, "team_lead")
    answer = client.get("/numbers.csv?month=2026-10")
    assert answer.headers["Content-Disposition"] == "attachment; filename=numbers-2026-10.csv"
    assert '"\'=HYPERLINK(1)"' in answer.text


@pytest.mark.parametrize(("who", "status"), [("clinical_lead", 200), ("drug_worker", 403), ("officer", 403)])
def test_only_who_may_reads_numbers(world: World, client: FlaskClient, who: str, status: int) -> None:
    sign_in(client, world, who)
    assert client.get("/numbers").status_code == status
    assert client.get("/numbers.csv").status_code == status


def test_waits_are_counted_in_london_days(app: Flask, walk: Walk, clock: MovableClock) -> None:
    with app.app_context():
        referral = walk.referred(**somebody(0))
        clock.advance(days=2)
        walk.rung(referral)
        clock.advance(days=3)
        walk.booked(referral)
        clock.advance(days=4)
        walk.assessed(referral)
        (found,) = waits(NOVEMBER, small_hidden=False)
    assert [(wait.people, wait.median, wait.nine_in_ten) for wait in found.waits] == [
        (1, 2, 2),
        (1, 9, 9),
        (0, None, None),
    ]


def test_half_and_nine_in_ten() -> None:
    days = list(range(1, 11))
    assert (share_within(days, 0.5), share_within(days, 0.9), share_within([7], 0.9)) == (5, 9, 7)


def test_it_asks_two_things_of_the_database(app: Flask, walk: Walk) -> None:
    three_on_their_way(app, walk)
    with queries_of(app) as sent, app.app_context():
        funnel(NOVEMBER, small_hidden=True)
        waits(NOVEMBER, small_hidden=True)
    assert len(sent) == 2
