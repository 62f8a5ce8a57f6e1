"""Withdrawn by the force after a place was given: slot, place and coming texts are released."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session
from tests.desk import somebody
from tests.journeys.conftest import Story


def test_the_place_goes_to_who_waits_and_nothing_more_is_sent(story: Story) -> None:
    force = story.force()
    session_at = story.clock.now() + timedelta(days=9)
    add_session(story.world, course="cannabis", starts_at=session_at, capacity=1)
    first = force.refer(person=somebody(1))["reference"]
    second = force.refer(person=somebody(2))["reference"]
    worker = story.staff()
    for reference in (first, second):
        worker.rings(reference, "spoke_call_back_later", own_voice=True)
        worker.assesses(reference)
    worker.gives_place(first)
    worker.open(f"/referrals/{second}/course")
    worker.press("Put on the waiting list")
    story.works()
    told = len(story.mobile("+447700900001").texts)

    assert force.withdraws(first)["status"] == "withdrawn"
    assert force.withdraws(first)["status"] == "withdrawn"
    assert force.types(first) == ["referral.accepted", "assessment.attended", "referral.withdrawn"]
    link = story.mobile("+447700900001").texts[-1].link
    assert link is not None
    assert story.app.test_client().get(link).status_code == 404

    story.works()
    offered = story.mobile("+447700900002").texts[-1]
    assert "place" in offered.body
    person = story.mobile("+447700900002").opens_link(**_birthday(2))
    person.press("Take the place")
    assert "Has a place" in story.staff().open(f"/referrals/{second}")
    story.until(session_at)
    assert len(story.mobile("+447700900001").texts) == told


def test_an_appointment_that_was_booked_is_free_again(story: Story) -> None:
    force = story.force()
    reference = force.refer(person=somebody(1))["reference"]
    worker = story.staff()
    worker.rings(reference, "spoke_and_booked", own_voice=True)
    worker.books(reference, nth=3)
    taken = story.appointment_at(reference)
    force.withdraws(reference)
    other = force.refer(person=somebody(2))["reference"]
    worker.rings(other, "spoke_and_booked", own_voice=True)
    worker.books(other, nth=3)
    assert story.appointment_at(other) == taken


def _birthday(number: int) -> dict[str, int]:
    born = str(somebody(number)["date_of_birth"])
    return {"day": int(born[8:]), "month": int(born[5:7])}
