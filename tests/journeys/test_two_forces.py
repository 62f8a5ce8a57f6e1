"""Somebody referred by two forces in a week: one call and one course serve both, each force hears of its own."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session
from tests.journeys.conftest import Force, Story

SAM = {"given_name": "Sam", "family_name": "Example", "date_of_birth": "2003-05-14", "mobile": "07700 900123"}
STEPS = ["referral.accepted", "assessment.booked", "assessment.attended", "referral.completed"]


def linked(story: Story) -> tuple[Force, Force, str, str]:
    """Referred by Midshire, booked, and referred by Thamesford two days later."""
    midshire, thamesford = story.force("midshire"), story.force("thamesford")
    first = midshire.refer(person=SAM)["reference"]
    story.staff().rings(first, "spoke_and_booked", own_voice=True)
    story.staff().books(first, nth=8)
    story.until(story.clock.now() + timedelta(days=1))
    second = thamesford.refer(person=SAM, scheme="diversion-deferred")
    assert second["status"] == "accepted"
    return midshire, thamesford, first, second["reference"]


def test_one_call_and_one_course_serve_both(story: Story) -> None:
    session_at = story.clock.now() + timedelta(days=9)
    session_id = add_session(story.world, course="cannabis", starts_at=session_at)
    midshire, thamesford, first, second = linked(story)
    assert story.appointment_at(first) == story.appointment_at(second)
    assert "Thamesford" in story.staff().open(f"/referrals/{first}")

    story.until(story.appointment_at(first))
    worker = story.staff()
    worker.assesses(second)
    worker.gives_place(first)
    story.until(session_at + timedelta(hours=3))
    story.staff("facilitator").runs_register(session_id)

    assert midshire.types(first) == STEPS
    assert thamesford.types(second) == STEPS
    assert {event["reference"] for event in midshire.feed()} == {first}
    assert {event["reference"] for event in thamesford.feed()} == {second}
    assert midshire.told_of(first)[-1]["compliance"]["rule"] == "divert-adult v1"
    assert thamesford.told_of(second)[-1]["compliance"]["rule"] == "diversion-deferred v1"
    bodies = [text.body for text in story.mobile().texts]
    assert len(bodies) == len(set(bodies))


def test_when_one_force_withdraws_the_other_s_call_still_stands(story: Story) -> None:
    midshire, thamesford, first, second = linked(story)
    booked = story.appointment_at(second)
    midshire.withdraws(first)
    assert story.appointment_at(second) == booked
    assert midshire.types(first)[-1] == "referral.withdrawn"
    assert thamesford.types(second) == ["referral.accepted", "assessment.booked"]


def test_neither_force_learns_of_the_other(story: Story) -> None:
    midshire, thamesford, first, second = linked(story)
    assert midshire.police.get(f"/referrals/{second}").status_code == 404
    assert thamesford.police.get(f"/referrals/{first}").status_code == 404
    seen = (
        thamesford.police.get(f"/referrals/{second}").text + thamesford.police.get("/compliance-events").text
    )
    assert first not in seen
    assert "midshire" not in seen.lower()
    assert "possible_duplicate" not in seen
