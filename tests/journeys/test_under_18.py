"""Somebody under 18: their own scheme, their own course, and never in a room with adults."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session, referral_body
from tests.doors.police import faults
from tests.journeys.conftest import Story

YOUNG = {
    "given_name": "Ash",
    "family_name": "Young",
    "date_of_birth": "2010-06-01",
    "mobile": "07700 900555",
    "responsible_adult": {"name": "Pat Young", "relationship": "parent", "mobile": "07700 900556"},
}


def test_the_adult_scheme_refuses_and_names_the_right_one(story: Story) -> None:
    answer = story.force().police.refer(referral_body(person=YOUNG))
    assert faults(answer) == [("/person/date_of_birth", "age_not_in_scheme")]
    assert "divert-young-people" in answer.get_json()["errors"][0]["detail"]


def test_a_young_person_s_course_from_referral_to_completed(story: Story) -> None:
    force = story.force()
    session_at = story.clock.now() + timedelta(days=9)
    adults_id = add_session(story.world, course="cannabis", starts_at=session_at)
    young_id = add_session(story.world, course="young-people", starts_at=session_at, minutes=90)
    reference = force.refer(scheme="divert-young-people", person=YOUNG)["reference"]
    worker = story.staff()
    assert "Under 18" in worker.open(f"/referrals/{reference}")
    worker.rings(reference, "spoke_call_back_later", own_voice=True)
    worker.assesses(reference)
    page = worker.open(f"/referrals/{reference}/course")
    assert "Straight talking" in page
    assert "everyday use" not in page
    worker.press("Give a place")
    story.until(session_at + timedelta(hours=2))
    story.staff("facilitator").runs_register(young_id)
    assert force.types(reference)[-1] == "referral.completed"
    assert "Ash" not in story.staff("facilitator").open(f"/sessions/{adults_id}/register")


def test_no_responsible_adult_warns_and_makes_work_for_the_same_day(story: Story) -> None:
    person = {**YOUNG, "responsible_adult": None}
    answer = story.force().refer(scheme="divert-young-people", person=person)
    assert answer["status"] == "accepted"
    assert "no_responsible_adult" in {warning["code"] for warning in answer["warnings"]}
    worker = story.staff()
    worker.open("/my-day")
    worker.press("Take")
    assert "responsible adult" in worker.open("/my-day")
