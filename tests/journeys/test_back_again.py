"""The person who is referred a second time: who engaged before is accepted, who did not is declined under Divert."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import add_session
from tests.desk import somebody
from tests.journeys.conftest import Story

WHO = {**somebody(1), "address": {"postcode": "B1 1AA"}}
ASKED = {name: WHO[name] for name in ("given_name", "family_name", "date_of_birth", "mobile")}


def test_who_engaged_before_is_accepted_again(story: Story) -> None:
    force = story.force()
    session_at = story.clock.now() + timedelta(days=9)
    session_id = add_session(story.world, course="cannabis", starts_at=session_at)
    reference = force.refer(person=WHO, force_reference="20/1/26")["reference"]
    worker = story.staff()
    worker.rings(reference, "spoke_call_back_later", own_voice=True)
    worker.assesses(reference)
    worker.gives_place(reference)
    story.until(session_at + timedelta(hours=3))
    story.staff("facilitator").runs_register(session_id)

    asked = force.asks_about("divert-adult", **ASKED)
    assert (asked["answer"], asked["reason"], asked["previous"]) == ("offer", "engaged_before", 1)
    again = force.refer(person=WHO, force_reference="20/2/26")
    assert again["status"] == "accepted"
    assert again["reference"] != reference


def test_who_declined_on_the_telephone_is_declined_at_the_door_until_the_bar_ends(story: Story) -> None:
    force = story.force()
    reference = force.refer(person=WHO, force_reference="20/1/26")["reference"]
    story.staff().rings(reference, "declined")
    ended = force.told_of(reference)[-1]
    assert ended["type"] == "referral.not_engaged"
    assert ended["intelligence_log"]["reason"] == "declined"

    again = force.refer(person=WHO, force_reference="20/2/26")
    assert (again["status"], again["decline_reason"]) == ("declined", "did_not_engage")
    assert force.types(again["reference"]) == ["referral.declined"]

    story.clock.advance(days=370)
    assert force.refer(person=WHO, force_reference="20/3/26")["status"] == "accepted"


def test_the_unlimited_scheme_takes_who_did_not_engage(story: Story) -> None:
    force = story.force("thamesford")
    reference = force.refer(person=WHO, scheme="diversion-deferred", force_reference="20/1/26")["reference"]
    story.staff().rings(reference, "declined")
    assert force.told_of(reference)[-1]["compliance"]["may_reoffer"] is True
    assert force.asks_about("diversion-deferred", **ASKED)["answer"] == "offer"
    again = force.refer(person=WHO, scheme="diversion-deferred", force_reference="20/2/26")
    assert again["status"] == "accepted"
