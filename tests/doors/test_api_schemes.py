"""A force's schemes, when a first call could be, and booking one at the roadside; and what a check answers."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import World, build_world, count, referral_body
from tests.doors.police import Police, code_of, faults
from tests.doors.test_api_feed import person
from tests.doors.test_api_idempotency import both
from tests.fakes import MovableClock
from tests.pathway.walking import set_terms

SLOTS = "/schemes/divert-adult/assessment-slots"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


def slots(police: Police, **asked: str) -> list[dict[str, object]]:
    answer = police.get(SLOTS, query_string=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.get_json()["slots"]
    return found


def test_a_force_lists_its_own_schemes(world: World, midshire: Police, client: FlaskClient) -> None:
    thamesford = Police(client, world.keys["thamesford"])
    assert midshire.get("/schemes").get_json() == {
        "schemes": [
            {
                "code": "divert-adult",
                "name": "Midshire Divert (adults)",
                "ages": {"from": 18, "to": None},
                "course_minutes": 150,
                "repeat_rule": "while_engaging",
            },
            {
                "code": "divert-young-people",
                "name": "Midshire Divert (young people)",
                "ages": {"from": 10, "to": 17},
                "course_minutes": 90,
                "repeat_rule": "while_engaging",
            },
        ]
    }
    codes = [scheme["code"] for scheme in thamesford.get("/schemes").get_json()["schemes"]]
    assert codes == ["custody-referral", "diversion-deferred"]


def test_slots_are_starts_still_to_come_that_somebody_is_free_for(midshire: Police) -> None:
    found = slots(midshire)
    assert found[0] == {
        "id": "divert-adult.20261124T0930Z",
        "starts_at": "2026-11-24T09:30:00+00:00",
        "minutes": 45,
    }
    starts = [datetime.fromisoformat(str(slot["starts_at"])) for slot in found]
    assert starts == sorted(starts)
    assert all(start.weekday() < 5 and 9 <= start.hour < 17 for start in starts)
    assert (starts[-1] - starts[0]).days == 13


def test_slots_of_a_period(midshire: Police) -> None:
    one_day = slots(midshire, **{"from": "2026-11-25", "to": "2026-11-25"})
    assert {str(slot["starts_at"])[:10] for slot in one_day} == {"2026-11-25"}
    two = slots(midshire, **{"from": "2026-11-25T10:00:00+00:00", "to": "2026-11-25T11:00:00+00:00"})
    assert [str(slot["starts_at"])[11:16] for slot in two] == ["10:00", "10:30"]
    assert slots(midshire, to="2026-11-01") == []
    assert slots(midshire, **{"from": "2099-01-01"}) == []
    assert slots(midshire, **{"from": "9999-12-31T23:59:59+00:00"}) == []
    assert slots(midshire, to="9999-12-31T23:59:59-00:00")
    assert slots(midshire, to="9999-12-31")


@pytest.mark.parametrize(
    ("asked", "where", "code"),
    [
        ({"from": "x"}, "from", "invalid"),
        ({"from": ""}, "from", "invalid"),
        ({"from": "2026-11-31"}, "from", "invalid"),
        ({"from": "0001-01-01"}, "from", "invalid"),
        ({"to": "2026-11-25T10:00:00"}, "to", "offset_required"),
        ({"to": "1999-12-31"}, "to", "invalid"),
        ({"from": "2026-11-26", "to": "2026-11-24"}, "to", "invalid"),
        ({"from_": "2026-11-26"}, "from_", "unknown_field"),
    ],
)
def test_a_period_that_is_none_is_refused(
    midshire: Police, asked: dict[str, str], where: str, code: str
) -> None:
    assert faults(midshire.get(SLOTS, query_string=asked)) == [(where, code)]


def test_a_scheme_that_is_not_there_has_no_slots(midshire: Police) -> None:
    assert code_of(midshire.get("/schemes/diversion-deferred/assessment-slots"), 404) == "not_found"


def test_a_first_call_is_booked_at_the_roadside(midshire: Police) -> None:
    slot = slots(midshire)[3]
    told = midshire.refer(referral_body(assessment_slot_id=slot["id"])).get_json()
    assert told["assessment"] == {"starts_at": slot["starts_at"]}
    assert told["status"] == "accepted"
    assert midshire.get(f"/referrals/{told['reference']}").get_json() == told
    events = midshire.get("/compliance-events").get_json()["events"]
    assert [event["type"] for event in events] == ["referral.accepted", "assessment.booked"]
    assert {event["compliance"]["level"] for event in events} == {"none"}


@pytest.mark.parametrize(
    "slot", ["x", "divert-adult.", "divert-adult.2026", "divert-young-people.20261124T0930Z"]
)
def test_a_slot_that_is_none_is_refused_at_its_field(world: World, midshire: Police, slot: str) -> None:
    assert faults(midshire.refer(referral_body(assessment_slot_id=slot))) == [
        ("/assessment_slot_id", "unknown_slot")
    ]
    with world.app.app_context():
        assert count("referrals") == count("people") == 0


def test_a_scheme_that_does_not_offer_it_shows_and_takes_no_slot(world: World, midshire: Police) -> None:
    slot = slots(midshire)[3]["id"]
    with world.app.app_context():
        set_terms(world, "divert-adult", offers_first_call_at_roadside=False)
    assert slots(midshire) == []
    assert faults(midshire.refer(referral_body(assessment_slot_id=slot))) == [
        ("/assessment_slot_id", "unknown_slot")
    ]
    assert midshire.refer(referral_body()).status_code == 201


def test_a_slot_is_taken_when_nobody_is_free_and_then_nothing_is_created(
    world: World, midshire: Police
) -> None:
    slot = slots(midshire)[3]["id"]
    statuses = [
        midshire.refer(referral_body(person=person(number), assessment_slot_id=slot)).status_code
        for number in range(3)
    ]
    assert statuses == [201] * 3, "three people work then"
    assert slot not in [one["id"] for one in slots(midshire)]
    late = midshire.refer(referral_body(person=person(4), assessment_slot_id=slot))
    assert code_of(late, 409) == "slot_taken"
    with world.app.app_context():
        assert count("referrals") == count("people") == count("appointments") == 3


@pytest.mark.parametrize("stamp", ["00010101T0000Z", "20250106T1000Z", "20280104T1000Z", "99991231T2359Z"])
def test_a_slot_that_is_never_shown_is_not_to_be_had(world: World, midshire: Police, stamp: str) -> None:
    refused = midshire.refer(referral_body(assessment_slot_id=f"divert-adult.{stamp}"))
    assert code_of(refused, 409) == "slot_taken"
    with world.app.app_context():
        assert count("referrals") == count("people") == 0


def test_the_last_slot_that_is_shown_is_to_be_had(midshire: Police) -> None:
    last = slots(midshire, to="2099-01-01")[-1]["id"]
    assert midshire.refer(referral_body(assessment_slot_id=last)).status_code == 201


def test_a_slot_that_is_past_is_taken(midshire: Police, clock: MovableClock) -> None:
    slot = slots(midshire)[0]["id"]
    clock.advance(minutes=1)
    assert code_of(midshire.refer(referral_body(assessment_slot_id=slot)), 409) == "slot_taken"


def test_more_people_than_workers_race_for_one_slot(world: World, midshire: Police) -> None:
    slot = slots(midshire)[3]["id"]
    sends = [
        lambda police, number=number: police.refer(
            referral_body(person=person(number), assessment_slot_id=slot)
        )
        for number in range(6)
    ]
    answers = both(world, *sends)
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    with world.app.app_context():
        assert count("referrals") == count("appointments") == 3


def asked(**changes: object) -> dict[str, object]:
    who = {"given_name": "Sam", "family_name": "Example", "date_of_birth": "2003-05-14", **changes}
    return {"scheme": "divert-adult", "person": who}


def test_nobody_known_may_be_offered(world: World, midshire: Police) -> None:
    answer = midshire.post("/eligibility-checks", asked())
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"answer": "offer", "reason": "no_previous", "previous": 0, "bar_until": None},
    )
    with world.app.app_context():
        assert count("eligibility_checks") == count("audit_entries", action="eligibility.asked") == 1


def test_a_check_needs_no_idempotency_key_and_says_every_fault(midshire: Police) -> None:
    wrong = {**asked(date_of_birth="2030-01-01"), "scheme": "custody-referral"}
    answer = midshire.post("/eligibility-checks", wrong, headers={"Idempotency-Key": ""})
    assert faults(answer) == [("/scheme", "unknown_scheme"), ("/person/date_of_birth", "in_future")]
    unknown = midshire.post("/eligibility-checks", asked(nhs_number="1"))
    assert faults(unknown) == [("/person/nhs_number", "unknown_field")]
