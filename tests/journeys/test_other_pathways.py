"""Treatment, or a one-to-one, instead of a course: the force reads the same bytes but for identifiers and times."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.builders import add_session
from tests.desk import somebody
from tests.journeys.conftest import Force, Story

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")


def what_the_force_reads(force: Force, reference: str) -> str:
    """Every byte about one referral, with its identifiers and times made alike."""
    events = [{**event, "sequence": 0, "id": "evt"} for event in force.told_of(reference)]
    text = json.dumps([events, force.looks_at(reference)]).replace(reference, "REFERENCE")
    return re.sub(r"20/[^\"]*?/26", "CRIME", MOMENT.sub("MOMENT", text))


def by_course(story: Story, force: Force) -> str:
    session_at = story.clock.now() + timedelta(days=9)
    session_id = add_session(story.world, course="cannabis", starts_at=session_at)
    reference = str(force.refer(person=somebody(1))["reference"])
    booked_and_assessed(story, reference, pathway=None)
    story.staff().gives_place(reference)
    story.until(session_at + timedelta(hours=3))
    story.staff("facilitator").runs_register(session_id)
    return reference


def booked_and_assessed(story: Story, reference: str, *, pathway: str | None) -> None:
    worker = story.staff()
    worker.rings(reference, "spoke_and_booked", own_voice=True)
    worker.books(reference, nth=6)
    story.until(story.appointment_at(reference))
    story.staff().assesses(reference, pathway=pathway)


def by_appointment(story: Story, force: Force, pathway: str) -> str:
    reference = str(force.refer(person=somebody(2))["reference"])
    booked_and_assessed(story, reference, pathway=pathway)
    worker = story.staff()
    worker.books(reference, nth=6)
    story.until(story.appointment_at(reference) + timedelta(hours=1))
    worker = story.staff()
    worker.open(f"/referrals/{reference}")
    worker.press("It took place")
    return reference


@pytest.mark.parametrize("pathway", ["structured_treatment", "one_to_one"])
def test_the_force_cannot_tell_the_pathway(story: Story, pathway: str) -> None:
    force = story.force()
    other = by_appointment(story, force, pathway)
    course = by_course(story, force)
    assert force.types(other)[-1] == "referral.completed"
    assert what_the_force_reads(force, other) == what_the_force_reads(force, course)
