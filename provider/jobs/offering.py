"""Offers end in time, and free places are offered to those who wait."""

from __future__ import annotations

from provider.domain.courses.offers import courses_waited_for, passed_offers
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.pathway.offering import end_offer
from provider.pathway.scheduling import offer_course_places


def offer_places(shift: Shift) -> None:
    """End the offers whose time has passed; then offer what is free, the soonest session first."""
    for waiting_id in passed_offers(now=shift.now()):
        with transaction():
            end_offer(waiting_id, now=shift.now())
    for course_id in courses_waited_for():
        with transaction():
            offer_course_places(course_id, by=SYSTEM, now=shift.now())
