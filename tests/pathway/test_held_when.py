"""When a call took place after all: never before the assessment it follows; at another time, with why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provider.kernel.database import transaction
from provider.pathway import keeping
from provider.pathway.keeping import BeforeAssessment
from tests.pathway.walking import Walk, appointments, checked


def test_a_one_to_one_is_not_held_before_the_assessment(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.clock.advance(days=3)
    walk.assessed(referral, pathway="one_to_one")
    case_id, at = walk.case(referral).id, walk.now - timedelta(days=2)
    with pytest.raises(BeforeAssessment), transaction():
        keeping.record_without_booking(case_id, "one_to_one", at=at, by=walk.worker, now=walk.now)
    booked = walk.booked(referral, kind="one_to_one")
    walk.clock.set(booked.starts_at + timedelta(hours=1))
    with pytest.raises(BeforeAssessment), transaction():
        keeping.record_took_place(booked.id, at=at, by=walk.worker, now=walk.now)
    assert walk.status(referral) == "placed"
    assert [one.state for one in appointments(walk.case(referral))] == ["booked"]


def test_one_held_at_another_time_says_who_said_so_and_why(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.assessed(referral, pathway="one_to_one")
    booked = walk.booked(referral, kind="one_to_one")
    walk.clock.set(booked.starts_at + timedelta(days=1))
    with transaction():
        keeping.record_took_place(
            booked.id, at=booked.starts_at + timedelta(hours=6), by=walk.worker, now=walk.now
        )
    first = appointments(walk.case(referral))[0]
    assert (first.state, first.moved_asked_by, first.moved_because) == ("moved", "staff", "other")
