"""The feed and the report as a police system reads them: every event once, in one order, and safe to open."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.force_view import report_for_force
from provider.domain.compliance import feed
from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway.closing import end_not_engaged, end_not_reached, reopen
from provider.pathway.steps import lock_case
from tests.builders import World, build_world, referral_body
from tests.doors.police import Police, code_of, faults
from tests.fakes import MovableClock

FIELDS = [
    "id",
    "sequence",
    "type",
    "occurred_at",
    "recorded_at",
    "reference",
    "force_reference",
    "scheme",
    "compliance",
    "intelligence_log",
    "corrects",
]


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


def person(number: int) -> dict[str, object]:
    """Somebody like nobody else."""
    names = ("Ash", "Blair", "Casey", "Drew", "Ellis", "Frankie", "Gray", "Harper", "Indigo", "Jules")
    return {
        "given_name": names[number % 10],
        "family_name": names[number // 10 % 10] + "son",
        "date_of_birth": f"{1960 + number % 40}-{1 + number % 12:02d}-{1 + number // 12 % 28:02d}",
        "mobile": f"07700 900{number:03d}",
    }


def read_all(police: Police, *, limit: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    path = f"/compliance-events?limit={limit}"
    while True:
        page = police.get(path).get_json()
        found += page["events"]
        path = f"/compliance-events?limit={limit}&after={page['next']}"
        if not page["has_more"]:
            return found


def test_an_empty_feed_gives_a_cursor_to_go_on_from(midshire: Police) -> None:
    empty = midshire.get("/compliance-events").get_json()
    assert (empty["events"], empty["has_more"]) == ([], False)
    midshire.refer(referral_body())
    page = midshire.get(f"/compliance-events?after={empty['next']}").get_json()
    assert [event["type"] for event in page["events"]] == ["referral.accepted"]
    after = midshire.get(f"/compliance-events?after={page['next']}").get_json()
    assert (after["events"], after["next"], after["has_more"]) == ([], page["next"], False)


def test_a_cursor_that_was_garbled_on_its_way_is_no_cursor(midshire: Police) -> None:
    """The worst would be one that reads on from somewhere else, and misses what lies between."""
    for _ in range(12):  # a number of two digits: cut and grown ones could both be numbers
        midshire.refer(referral_body())
    cursor = midshire.get("/compliance-events").get_json()["next"]
    garbled = {cursor[:-end] for end in range(1, len(cursor))} | {
        cursor + more for more in ("x", "A", "Mw", "0", "=")
    }
    garbled |= {cursor[:place] + "M" + cursor[place + 1 :] for place in range(len(cursor))} - {cursor}
    for wrong in garbled:
        answer = midshire.get("/compliance-events", query_string={"after": wrong})
        assert faults(answer) == [("after", "invalid")], wrong


def test_a_cursor_ahead_of_the_feed_is_no_cursor(world: World, midshire: Police) -> None:
    """Who reads on from there, after a copy was put back, would miss what comes meanwhile."""
    midshire.refer(referral_body())
    page = midshire.get("/compliance-events").get_json()
    force_id = world.forces["midshire"]
    assert page["next"] == feed.cursor(1, force_id=force_id)
    assert midshire.get(f"/compliance-events?after={page['next']}").get_json()["next"] == page["next"]
    for ahead in (2, 3, 2**62):
        answer = midshire.get(f"/compliance-events?after={feed.cursor(ahead, force_id=force_id)}")
        assert faults(answer) == [("after", "invalid")]


@pytest.mark.parametrize("position", ["-1", "01", "1 ", "1.0", "١", "9223372036854775808", "", "1:2"])
def test_a_cursor_that_somebody_made_is_no_cursor(world: World, midshire: Police, position: str) -> None:
    midshire.refer(referral_body())
    midshire.get("/compliance-events")
    force = world.forces["midshire"]
    check = hashlib.blake2s(f"{force}:{position}".encode(), digest_size=4).hexdigest()
    made = base64.urlsafe_b64encode(f"{force}:{position}:{check}".encode()).decode().rstrip("=")
    answer = midshire.get("/compliance-events", query_string={"after": made})
    assert faults(answer) == [("after", "invalid")]


def test_a_page_that_was_read_is_not_sent_again(midshire: Police) -> None:
    for number in range(3):
        midshire.refer(referral_body(person=person(number)))
    for path in ("/compliance-events?limit=2", "/compliance-events"):
        first = midshire.get(path)
        again = midshire.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    full, last = (
        midshire.get(path).headers["ETag"] for path in ("/compliance-events?limit=2", "/compliance-events")
    )
    midshire.refer(referral_body(person=person(4)))
    assert midshire.get("/compliance-events?limit=2", headers={"If-None-Match": full}).status_code == 304
    assert midshire.get("/compliance-events", headers={"If-None-Match": last}).status_code == 200


def test_an_event_that_was_read_is_not_sent_again_whatever_came_since(midshire: Police) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    event = midshire.get("/compliance-events").get_json()["events"][0]["id"]
    tag = midshire.get(f"/compliance-events/{event}").headers["ETag"]
    midshire.post(f"/referrals/{reference}/withdrawal", {"reason": "other"})
    assert midshire.get(f"/compliance-events/{event}", headers={"If-None-Match": tag}).status_code == 304


def test_an_event_has_these_fields_and_reads_the_same_by_itself(midshire: Police) -> None:
    body = referral_body()
    reference = midshire.refer(body).get_json()["reference"]
    event = midshire.get("/compliance-events").get_json()["events"][0]
    assert list(event) == FIELDS
    assert event["id"].startswith("evt_")
    assert (event["sequence"], event["reference"], event["corrects"]) == (1, reference, None)
    assert event["occurred_at"] == event["recorded_at"] == "2026-11-24T09:30:00+00:00"
    assert event["force_reference"] == body["force_reference"]
    assert midshire.get(f"/compliance-events/{event['id']}").get_json() == event
    assert code_of(midshire.get("/compliance-events/evt_" + "0" * 24), 404) == "not_found"


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_of_any_size_give_every_event_once_in_order(midshire: Police, limit: int) -> None:
    for number in range(5):
        assert midshire.refer(referral_body(person=person(number))).status_code == 201
    events = read_all(midshire, limit=limit)
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]


def test_what_was_read_never_changes(midshire: Police, clock: MovableClock) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    first = midshire.get("/compliance-events?limit=1").get_json()["events"]
    clock.advance(days=1)
    midshire.patch(f"/referrals/{reference}", {"force_reference": "20/2/26"})
    midshire.post(f"/referrals/{reference}/withdrawal", {"reason": "other"})
    assert midshire.get("/compliance-events?limit=1").get_json()["events"] == first


def test_not_engaged_carries_the_log_and_coming_back_takes_it_away(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    midshire.refer(referral_body())
    with world.app.app_context():
        with transaction():
            end_not_engaged(lock_case(1), reason="no_response", by=SYSTEM, now=clock.now())
        clock.advance(days=6)
        with transaction():
            reopen(1, by=SYSTEM, now=clock.now())
    events = midshire.get("/compliance-events").get_json()["events"]
    accepted, ended, reopened, corrected = events
    assert [event["type"] for event in events] == [
        "referral.accepted",
        "referral.not_engaged",
        "referral.reopened",
        "outcome.corrected",
    ]
    assert ended["intelligence_log"]["reason"] == "no_response"
    assert ended["compliance"]["may_reoffer"] is False
    assert ended["compliance"]["bar_until"] == "2027-11-24"
    assert accepted["intelligence_log"] is reopened["intelligence_log"] is None
    assert corrected["corrects"] == ended["id"]
    assert corrected["compliance"]["may_reoffer"] is True
    assert corrected["compliance"]["bar_until"] is None


def test_not_reached_says_nothing_but_that(world: World, midshire: Police, clock: MovableClock) -> None:
    midshire.refer(referral_body())
    with world.app.app_context(), transaction():
        end_not_reached(lock_case(1), reason="wrong_number", by=SYSTEM, now=clock.now())
    answer = midshire.get("/compliance-events")
    event = answer.get_json()["events"][1]
    assert event["type"] == "referral.not_reached"
    assert event["compliance"]["outcome"] == "not_reached"
    assert event["compliance"]["may_reoffer"] is True
    assert event["intelligence_log"] is None
    assert "wrong_number" not in answer.text


def test_an_event_that_is_not_numbered_is_nowhere(world: World, midshire: Police) -> None:
    midshire.refer(referral_body())
    with world.app.app_context():
        event = db.session.scalars(sa.select(ComplianceEvent)).one()
        assert event.sequence is None
    assert midshire.get(f"/compliance-events/{event.public_id}").status_code == 200, (
        "reading numbers it first"
    )


def test_readers_and_writers_at_once_and_every_reader_has_every_event_once(world: World) -> None:
    writers, each, stop = 4, 6, threading.Event()
    read: list[list[object]] = [[], []]

    def write(writer: int) -> None:
        police = Police(world.app.test_client(), world.keys["midshire"])
        for number in range(each):
            answer = police.refer(referral_body(person=person(writer * 10 + number)))
            assert answer.status_code == 201, answer.text

    def follow(seen: list[object]) -> None:
        police = Police(world.app.test_client(), world.keys["midshire"])
        path, last_round = "/compliance-events?limit=3", False
        while True:
            page = police.get(path).get_json()
            seen += [event["sequence"] for event in page["events"]]
            path = f"/compliance-events?limit=3&after={page['next']}"
            if page["events"]:
                continue
            if last_round:
                return
            last_round = stop.is_set()

    writing = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    reading = [threading.Thread(target=follow, args=(seen,)) for seen in read]
    for thread in [*writing, *reading]:
        thread.start()
    for thread in writing:
        thread.join()
    stop.set()
    for thread in reading:
        thread.join()
    assert read == [list(range(1, writers * each + 1))] * 2


def test_the_report_has_a_row_for_each_referral(midshire: Police, clock: MovableClock) -> None:
    first = midshire.refer(referral_body(person=person(1))).get_json()
    clock.advance(days=2)
    second = midshire.refer(referral_body(person=person(2), area="Penzance")).get_json()
    answer = midshire.get("/compliance-report.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["reference"], row["status"], row["level"], row["may_reoffer"]) for row in rows] == [
        (first["reference"], "accepted", "none", "yes"),
        (second["reference"], "declined", "none", "yes"),
    ]
    assert rows[0]["received_at"] == "2026-11-24T09:30:00+00:00"
    assert (rows[0]["ended_at"], rows[1]["ended_at"]) == ("", "2026-11-26T09:30:00+00:00")


def test_who_writes_never_waits_for_a_report(midshire: Police, monkeypatch: pytest.MonkeyPatch) -> None:
    midshire.refer(referral_body())

    def read(*force: Any, **period: Any) -> object:
        with transaction():  # does not nest: this fails where the report is read in one
            return report_for_force(*force, **period)

    monkeypatch.setattr("provider.web.api.report.report_for_force", read)
    assert midshire.get("/compliance-report.csv").status_code == 200


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("", 2),
        ("?from=2026-11-24&to=2026-11-24", 1),
        ("?from=2026-11-25", 1),
        ("?to=2026-11-23", 0),
        ("?from=2026-11-24T09:30:00%2B00:00&to=2026-11-26T09:30:00Z", 1),
        ("?from=2026-11-24T09:30:00+00:00", 2),
    ],
)
def test_a_report_is_of_a_period_whose_days_are_londons_and_whole(
    midshire: Police, clock: MovableClock, period: str, found: int
) -> None:
    midshire.refer(referral_body(person=person(1)))
    clock.advance(days=2)
    midshire.refer(referral_body(person=person(2)))
    assert len(midshire.get(f"/compliance-report.csv{period}").text.splitlines()) == found + 1


def test_a_report_from_after_its_end_is_refused_at_its_end(midshire: Police) -> None:
    backwards = midshire.get("/compliance-report.csv?from=2026-11-10&to=2026-11-05")
    assert faults(backwards) == [("to", "invalid")]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_nothing_in_a_report_is_a_formula(midshire: Police, begin: str) -> None:
    reference = f'{begin}HYPERLINK("x";"y"),1'
    assert midshire.refer(referral_body(force_reference=reference)).status_code == 201
    row = next(csv.DictReader(io.StringIO(midshire.get("/compliance-report.csv").text)))
    assert row["force_reference"] == f"'{reference}"
