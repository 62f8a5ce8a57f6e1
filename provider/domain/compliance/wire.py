"""A compliance event as a force reads it, in the feed and in a notice: the same object, a closed list of fields."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from provider.kernel.answers import Answer, SentMoment

EventType = Literal[
    "referral.accepted",
    "referral.declined",
    "referral.withdrawn",
    "assessment.booked",
    "assessment.attended",
    "referral.completed",
    "referral.not_engaged",
    "referral.not_reached",
    "referral.reopened",
    "outcome.corrected",
]


class Compliance(Answer):
    """How far somebody came and how it ended. The pathway they took is nowhere in it."""

    level: Literal["none", "assessment", "intervention"]
    outcome: Literal["open", "completed", "not_engaged", "not_reached", "withdrawn", "declined"]
    may_reoffer: bool
    bar_until: date | None
    rule: str


class IntelligenceLog(Answer):
    """The one fixed sentence that a force may put on its intelligence system."""

    text: str
    reason: Literal["no_response", "declined", "missed_assessment", "missed_intervention"]


class Event(Answer):
    """One thing a force is told."""

    id: str = Field(validation_alias="public_id")
    sequence: int
    type: EventType
    occurred_at: SentMoment
    recorded_at: SentMoment
    reference: str
    force_reference: str | None
    scheme: str
    compliance: Compliance
    intelligence_log: IntelligenceLog | None
    corrects: str | None
