"""Somebody whose number is dead: nobody's fault, and nothing is held against them."""

from __future__ import annotations

from tests.journeys.conftest import Story

WHO = {"given_name": "Jo", "family_name": "Nowhere", "date_of_birth": "1990-02-01", "postcode": "B2 2BB"}


def test_a_dead_number_ends_not_reached_with_neither_log_nor_bar(story: Story) -> None:
    force = story.force()
    names = {name: WHO[name] for name in ("given_name", "family_name", "date_of_birth")}
    person = {**names, "mobile": "07700 900321", "address": {"postcode": WHO["postcode"]}}
    reference = force.refer(person=person)["reference"]
    worker = story.staff()
    worker.rings(reference, "number_not_in_use")
    worker.open(f"/referrals/{reference}/close")
    worker.press("End the referral", ending="after_calls")

    ended = force.told_of(reference)[-1]
    assert ended["type"] == "referral.not_reached"
    assert ended["intelligence_log"] is None
    assert ended["compliance"]["outcome"] == "not_reached"
    assert ended["compliance"]["may_reoffer"] is True
    assert ended["compliance"]["bar_until"] is None
    assert "reason" not in ended

    assert force.asks_about("divert-adult", **WHO)["answer"] == "offer"
    assert force.refer(person=person, force_reference="20/9/26")["status"] == "accepted"


def test_another_number_from_the_force_starts_the_calls_again(story: Story) -> None:
    force = story.force()
    reference = force.refer(person={"mobile": "07700 900321"})["reference"]
    worker = story.staff()
    worker.rings(reference, "wrong_number")
    answer = force.police.patch(f"/referrals/{reference}", {"person": {"mobile": "07700 900322"}})
    assert answer.status_code == 200
    page = worker.open(f"/referrals/{reference}")
    assert "07700 900322" in page
    assert worker.can_press("Record the call")
