"""A referral sent, read, corrected and taken back over HTTP; and the 300 bodies, in their order."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral, ReferralChange
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.kernel.references import normal_reference
from provider.pathway.closing import end_not_engaged
from tests.builders import World, build_world, count, referral_body
from tests.doors.police import Police, code_of, faults
from tests.fakes import MovableClock

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "contracts" / "referrals.jsonl").read_text().splitlines()
]


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


def test_a_referral_is_taken_and_can_be_read_where_location_says(midshire: Police) -> None:
    body = referral_body()
    sent = midshire.refer(body)
    assert sent.status_code == 201
    answer = sent.get_json()
    assert answer == {
        "reference": normal_reference(answer["reference"]),
        "status": "accepted",
        "force_reference": body["force_reference"],
        "scheme": "divert-adult",
        "received_at": "2026-11-24T09:30:00+00:00",
        "compliance": {
            "level": "none",
            "outcome": "open",
            "may_reoffer": True,
            "bar_until": None,
            "rule": "divert-adult v1",
        },
        "first_contact_due": "2026-11-26T17:00:00+00:00",
        "warnings": [],
        "assessment": None,
    }
    assert sent.headers["Location"] == f"/api/v1/referrals/{answer['reference']}"
    assert midshire.get(f"/referrals/{answer['reference']}").get_json() == answer


def test_what_is_read_carries_an_etag_and_is_not_sent_twice(midshire: Police) -> None:
    path = f"/referrals/{midshire.refer(referral_body()).get_json()['reference']}"
    first = midshire.get(path)
    again = midshire.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    midshire.patch(path, {"force_reference": "20/999/26"})
    changed = midshire.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/schemes", "/compliance-events", "/webhook-endpoints", "/compliance-report.csv"]
)
def test_every_get_has_an_etag(midshire: Police, path: str) -> None:
    tag = midshire.get(path).headers["ETag"]
    assert midshire.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_every_fault_is_told_at_once_at_its_field(midshire: Police) -> None:
    body = referral_body(person={"gender": "x", "nhs_number": "1"}, setting=None, scheme="none-such")
    assert faults(midshire.refer(body)) == [
        ("/scheme", "unknown_scheme"),
        ("/setting", "required"),
        ("/person/gender", "not_in_list"),
        ("/person/nhs_number", "unknown_field"),
    ]


def test_an_under_18_on_an_adult_scheme_is_told_the_right_one(midshire: Police) -> None:
    answer = midshire.refer(referral_body(person={"date_of_birth": "2010-01-01"}))
    assert faults(answer) == [("/person/date_of_birth", "age_not_in_scheme")]
    assert "divert-young-people" in answer.get_json()["errors"][0]["detail"]


def test_a_phone_that_cannot_be_a_mobile_warns_and_never_refuses(midshire: Police) -> None:
    answer = midshire.refer(referral_body(person={"mobile": "0121 496 0000"}))
    assert answer.status_code == 201
    assert [warning["code"] for warning in answer.get_json()["warnings"]] == ["not_a_mobile"]


def test_out_of_area_is_declined_with_a_201_and_its_reason(midshire: Police) -> None:
    answer = midshire.refer(referral_body(area="Penzance"))
    told = answer.get_json()
    assert answer.status_code == 201
    assert (told["status"], told["decline_reason"]) == ("declined", "out_of_area")
    assert told["compliance"]["outcome"] == "declined"
    assert told["first_contact_due"] is None
    assert midshire.get(f"/referrals/{told['reference']}").get_json() == told


def test_who_may_be_somebody_known_is_held_with_a_201(midshire: Police) -> None:
    midshire.refer(referral_body())
    unsure = referral_body(person={"mobile": "07700 900999", "address": None, "date_of_birth": "2003-05-15"})
    told = midshire.refer(unsure).get_json()
    assert told["status"] == "held"
    assert told["compliance"]["outcome"] == "open"
    assert len(midshire.get("/compliance-events").get_json()["events"]) == 1


def test_who_did_not_engage_is_declined_and_a_check_says_so_before(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    with world.app.app_context(), transaction():
        case = db.session.scalars(sa.select(Case)).one()
        end_not_engaged(case, reason="declined", by=SYSTEM, now=clock.now())
    known = midshire.get(f"/referrals/{reference}").get_json()
    assert (known["status"], known["compliance"]["may_reoffer"]) == ("not_engaged", False)
    asked = {
        "scheme": "divert-adult",
        "person": {
            "given_name": "SAM",
            "family_name": "example",
            "date_of_birth": "2003-05-14",
            "postcode": "b11aa",
        },
    }
    answer = midshire.post("/eligibility-checks", asked)
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"answer": "do_not_offer", "reason": "did_not_engage", "previous": 1, "bar_until": "2027-11-24"},
    )
    declined = midshire.refer(referral_body()).get_json()
    assert (declined["status"], declined["decline_reason"]) == ("declined", "did_not_engage")


def test_the_steps_after_the_assessment_are_nothing_a_force_sees(world: World, midshire: Police) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    seen = set()
    for status in (Status.ASSESSED, Status.WAITING, Status.PLACED):
        with world.app.app_context(), transaction():
            db.session.execute(sa.update(Referral).values(status=status))
        seen.add(midshire.get(f"/referrals/{reference}").text)
    assert len(seen) == 1


def test_the_same_person_with_the_same_reference_is_not_sent_twice(midshire: Police) -> None:
    body = referral_body()
    first = midshire.refer(body).get_json()
    again = midshire.refer({**body, "person": {**body["person"], "given_name": " SAM "}})
    assert code_of(again, 409) == "duplicate_referral"
    assert again.get_json()["reference"] == first["reference"]


def test_two_people_in_one_car_may_share_a_crime_number(midshire: Police) -> None:
    body = referral_body()
    other = {**body["person"], "given_name": "Robin", "mobile": "07700 900124", "date_of_birth": "1999-01-02"}
    assert midshire.refer(body).status_code == 201
    assert midshire.refer({**body, "person": other}).status_code == 201


def test_the_same_person_again_is_linked_and_the_force_warned(midshire: Police) -> None:
    midshire.refer(referral_body())
    again = midshire.refer(referral_body()).get_json()
    assert again["status"] == "accepted"
    assert [warning["code"] for warning in again["warnings"]] == ["possible_duplicate"]


def test_a_correction_changes_what_may_be_corrected_and_is_kept(world: World, midshire: Police) -> None:
    reference = midshire.refer(referral_body(force_reference=None)).get_json()["reference"]
    correction = {
        "force_reference": "20/777/26",
        "officer": {"name": "PC Other"},
        "person": {"mobile": "07700 900555", "email": "sam@mail.example"},
    }
    answer = midshire.patch(f"/referrals/{reference}", correction)
    assert (answer.status_code, answer.get_json()["force_reference"]) == (200, "20/777/26")
    with world.app.app_context():
        changes = {
            change.field: (change.before, change.after)
            for change in db.session.scalars(sa.select(ReferralChange))
        }
        assert changes["force_reference"] == (None, "20/777/26")
        assert changes["officer_name"] == ("PC Example", "PC Other")
        assert changes["mobile"] == ("07700 900123", "07700 900555")
        assert db.session.scalars(sa.select(Person.email)).one() == "sam@mail.example"
        current = sa.select(PhoneNumber.e164).where(PhoneNumber.ended_at.is_(None))
        assert db.session.scalars(current).one() == "+447700900555"


def test_what_was_doubtful_is_so_until_it_is_corrected(midshire: Police) -> None:
    body = referral_body(force_reference=None)
    body["person"] |= {"given_name": "Mr Sam", "mobile": "07777 777777"}
    answer = midshire.refer(body).get_json()
    codes = ["no_force_reference", "title_in_name", "doubtful_mobile"]
    assert [one["code"] for one in answer["warnings"]] == codes
    path = f"/referrals/{answer['reference']}"

    def after(correction: dict[str, Any]) -> list[tuple[str, str]]:
        answer = midshire.patch(path, correction).get_json()
        assert answer == midshire.get(path).get_json()
        return sorted((one["pointer"], one["code"]) for one in answer["warnings"])

    title = ("/person/given_name", "title_in_name")
    assert after({"force_reference": "20/1/26", "person": {"mobile": "07700 900456"}}) == [title]
    assert after({"officer": {"name": "PC Other"}}) == [title]
    assert after({"person": {"mobile": "0121 496 0000"}}) == [title, ("/person/mobile", "not_a_mobile")]
    assert after({"force_reference": None}) == [
        ("/force_reference", "no_force_reference"),
        title,
        ("/person/mobile", "not_a_mobile"),
    ]


def test_a_correction_of_anything_else_is_refused(midshire: Police) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    answer = midshire.patch(f"/referrals/{reference}", {"scheme": "x", "person": {"given_name": "Other"}})
    assert set(faults(answer)) == {("/scheme", "unknown_field"), ("/person/given_name", "unknown_field")}


def test_a_correction_may_not_make_a_duplicate(midshire: Police) -> None:
    first, second = (midshire.refer(body).get_json() for body in (referral_body(), referral_body()))
    answer = midshire.patch(
        f"/referrals/{second['reference']}", {"force_reference": first["force_reference"]}
    )
    assert code_of(answer, 409) == "duplicate_referral"
    assert answer.get_json()["reference"] == first["reference"]


def test_a_withdrawal_is_done_once_and_said_twice(midshire: Police, clock: MovableClock) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    first = midshire.post(f"/referrals/{reference}/withdrawal", {"reason": "recorded_in_error"})
    clock.advance(hours=1)
    second = midshire.post(f"/referrals/{reference}/withdrawal", {"reason": "charged"})
    assert first.status_code == second.status_code == 200
    assert first.get_json() == second.get_json()
    assert first.get_json()["status"] == first.get_json()["compliance"]["outcome"] == "withdrawn"
    events = midshire.get("/compliance-events").get_json()["events"]
    assert [event["type"] for event in events] == ["referral.accepted", "referral.withdrawn"]


def test_what_has_ended_otherwise_cannot_be_withdrawn(midshire: Police) -> None:
    reference = midshire.refer(referral_body(area="Penzance")).get_json()["reference"]
    answer = midshire.post(f"/referrals/{reference}/withdrawal", {"reason": "other"})
    assert code_of(answer, 409) == "already_ended"


def test_a_withdrawal_says_why(midshire: Police) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    path = f"/referrals/{reference}/withdrawal"
    assert faults(midshire.post(path, {})) == [("/reason", "required")]
    assert faults(midshire.post(path, {"reason": "bored"})) == [("/reason", "not_in_list")]


def test_each_of_the_300_bodies_is_answered_as_its_line_expects(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))
    people: dict[str | None, int] = {}
    for number, case in enumerate(CASES):
        answer = midshire.refer(case["body"])
        assert answer.status_code == case["status"], (number, case["case"], answer.text)
        if case["status"] == 422:
            assert faults(answer) == [(case["pointer"], case["code"])], (number, case["case"])
            continue
        told = answer.get_json()
        codes = {warning["code"] for warning in told["warnings"]}
        assert case.get("warning") in codes | {None}, (number, case["case"])
        people[case["body"].get("force_reference")] = person_of(world, told["reference"])
        if "same_person_as" in case:
            assert told["status"] in {"accepted", "held"}, (number, told)
            if told["status"] == "accepted":
                assert people[case["same_person_as"]] == person_of(world, told["reference"]), number
            assert codes >= {"possible_duplicate"} or told["status"] == "held", (number, told)
        clock.advance(seconds=1)
    with world.app.app_context():
        assert count("referrals") == sum(case["status"] == 201 for case in CASES)


def person_of(world: World, reference: str) -> int:
    with world.app.app_context():
        return db.session.scalars(sa.select(Referral.person_id).where(Referral.reference == reference)).one()


def test_an_age_is_that_of_the_london_date_it_occurred_on(midshire: Police, clock: MovableClock) -> None:
    clock.set(datetime(2026, 7, 10, tzinfo=UTC))
    turned = date(2008, 7, 2)
    body: dict[str, Any] = referral_body(person={"date_of_birth": turned.isoformat()})
    body["agreement"]["at"] = None
    for occurred, status in (("2026-07-01T22:59:59+00:00", 422), ("2026-07-01T23:00:00+00:00", 201)):
        assert midshire.refer({**body, "occurred_at": occurred}).status_code == status
    assert clock.now() - datetime(2026, 7, 1, 23, tzinfo=UTC) > timedelta(0)
