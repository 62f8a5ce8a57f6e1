"""Somebody whose number works but who never answers; and who rings back six days after the referral was closed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from tests.journeys.conftest import Story

SAM = {"given_name": "Sam", "family_name": "Example", "date_of_birth": "2003-05-14"}
CHECKED = {"contact": {"voicemail_ok": True, "text_ok": True, "number_checked": True}}


def rings_until_nothing_is_left(story: Story, reference: str) -> list[str]:
    """Ring when the ladder says to; the parts of the day that were tried."""
    parts = []
    while (due := story.next_call_at(reference)) is not None:
        story.until(due)
        hour = story.clock.now().hour
        parts.append("morning" if hour < 12 else "afternoon" if hour < 17 else "evening")
        story.staff().rings(reference, "no_answer")
    return parts


def test_a_number_that_works_and_is_never_answered_ends_not_engaged(story: Story) -> None:
    force = story.force()
    person = {**SAM, "mobile": "07700 900123", "address": {"postcode": "B1 1AA"}, **CHECKED}
    reference = force.refer(person=person, force_reference="20/1/26")["reference"]
    worker = story.staff()
    worker.open(f"/referrals/{reference}")
    worker.press("Take")

    parts = rings_until_nothing_is_left(story, reference)
    assert len(parts) == 6
    assert set(parts) == {"morning", "afternoon", "evening"}
    assert all(before != after for before, after in pairwise(parts))

    story.until(story.clock.now() + timedelta(days=4))
    worker = story.staff()
    worker.open(f"/referrals/{reference}/close")
    worker.press("End the referral", ending="after_calls")

    ended = force.told_of(reference)[-1]
    assert ended["type"] == "referral.not_engaged"
    assert ended["compliance"]["may_reoffer"] is False
    assert ended["compliance"]["bar_until"] is not None
    log = ended["intelligence_log"]
    assert log["reason"] == "no_response"
    assert reference in log["text"]
    assert "6 times" in log["text"]

    asked = {**SAM, "postcode": "B1 1AA"}
    assert force.asks_about("divert-adult", **asked)["answer"] == "do_not_offer"
    assert story.force("thamesford").asks_about("diversion-deferred", **asked)["answer"] == "offer"

    again = force.refer(person=person, force_reference="20/2/26")
    assert (again["status"], again["decline_reason"]) == ("declined", "did_not_engage")


def test_who_rings_back_six_days_after_closing_is_reopened_and_the_log_is_withdrawn(story: Story) -> None:
    force = story.force()
    person = {**SAM, "mobile": "07700 900123", "address": {"postcode": "B1 1AA"}, **CHECKED}
    reference = force.refer(person=person)["reference"]
    rings_until_nothing_is_left(story, reference)
    story.until(story.clock.now() + timedelta(days=4))
    worker = story.staff()
    worker.open(f"/referrals/{reference}/close")
    worker.press("End the referral", ending="after_calls")
    ended = force.told_of(reference)[-1]

    story.until(story.clock.now() + timedelta(days=6))
    worker = story.staff()
    worker.open(f"/referrals/{reference}")
    worker.press("Reopen")

    reopened, corrected = force.told_of(reference)[-2:]
    assert reopened["type"] == "referral.reopened"
    assert corrected["type"] == "outcome.corrected"
    assert corrected["corrects"] == ended["id"]
    for event in (reopened, corrected):
        assert event["intelligence_log"] is None
        assert event["compliance"]["outcome"] == "open"
        assert event["compliance"]["may_reoffer"] is True
        assert event["compliance"]["bar_until"] is None
    assert force.asks_about("divert-adult", **SAM, postcode="B1 1AA")["answer"] == "offer"
    assert "Sam Example" in worker.open("/my-day")
