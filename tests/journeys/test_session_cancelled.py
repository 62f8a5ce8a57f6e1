"""The provider calls a session off: everyone is told and offered another, and nobody's compliance suffers."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session
from tests.desk import somebody
from tests.journeys.conftest import Story


def test_everyone_is_told_and_offered_another_and_nobody_s_chances_are_used(story: Story) -> None:
    force = story.force()
    first_at = story.clock.now() + timedelta(days=9)
    first_id = add_session(story.world, course="cannabis", starts_at=first_at)
    references = [force.refer(person=somebody(number))["reference"] for number in (1, 2)]
    worker = story.staff()
    for reference in references:
        worker.rings(reference, "spoke_call_back_later", own_voice=True)
        worker.assesses(reference)
        worker.gives_place(reference)
    story.works()
    before = {reference: force.types(reference) for reference in references}

    second_at = story.clock.now() + timedelta(days=12)
    second_id = add_session(story.world, course="cannabis", starts_at=second_at)
    lead = story.staff("team_lead")
    lead.open(f"/sessions/{first_id}/cancel")
    lead.press("Cancel the session")
    story.until(story.clock.now() + timedelta(hours=1))
    for number in (1, 2):
        bodies = [text.body for text in story.mobile(f"+44770090000{number}").texts]
        assert "will not run" in bodies[-2]
        assert "there is a place" in bodies[-1]

    for number in (1, 2):
        born = str(somebody(number)["date_of_birth"])
        person = story.mobile(f"+44770090000{number}").opens_link(day=int(born[8:]), month=int(born[5:7]))
        person.press("Take the place")
    story.until(second_at + timedelta(hours=3))
    story.staff("facilitator").runs_register(second_id)

    for reference in references:
        assert force.types(reference) == [*before[reference], "referral.completed"]
        assert force.told_of(reference)[-1]["compliance"]["may_reoffer"] is True
