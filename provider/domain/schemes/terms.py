"""A scheme's terms: everything that differs between schemes, as settings. One version is never changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["assessment", "intervention"]


class PlacesBought(BaseModel):
    """Places that the commissioner has bought for a time: London days, the first and the last of them included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: date
    until: date
    places: int = Field(ge=1, le=100_000)


class Terms(BaseModel):
    """One version of what a scheme promises and asks. Days are London days; working days leave out bank holidays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age_from: int = Field(18, ge=10, le=120)
    age_to: int | None = Field(None, ge=10, le=120)
    basis: Literal["agreement", "required_by_law"] = "agreement"
    disposals: tuple[Literal["8", "22", "none"], ...] = ("8", "22", "none")
    areas: tuple[str, ...] | None = None
    repeat_rule: Literal["unlimited", "while_engaging", "up_to"] = "while_engaging"
    repeat_limit: int | None = Field(None, ge=1)
    level_that_counts: Level = "intervention"
    may_prosecute: bool = False
    shares_history: bool = False
    service_name: Annotated[str, Field(max_length=40)]
    phone: Annotated[str, Field(max_length=20)]
    intelligence_sentence: Annotated[str, Field(max_length=600)]
    first_contact_working_days: int = Field(2, ge=0, le=60)
    assessment_working_days: int = Field(10, ge=0, le=120)
    course_working_days: int = Field(30, ge=0, le=250)
    contact_attempts: int = Field(6, ge=1, le=30)
    contact_days: int = Field(3, ge=1, le=30)
    bar_months: int | None = Field(12, ge=1, le=120)
    bar_review_after_days: int = Field(0, ge=0, le=1000)
    bar_review_working_days: int = Field(10, ge=1, le=120)
    back_within_days: int = Field(28, ge=0, le=365)
    misses_allowed: int = Field(1, ge=0, le=10)
    moves_allowed: int = Field(3, ge=0, le=20)
    offers_first_call_at_roadside: bool = True
    assessment_minutes: int = Field(45, ge=15, le=180)
    course_minutes: int = Field(150, ge=30, le=480)
    reminder_days: tuple[int, ...] = (7, 3, 1)
    offer_hours: int = Field(24, ge=1, le=168)
    places_bought: tuple[PlacesBought, ...] = ()

    def bars(self) -> bool:
        """Whether not engaging keeps the person from being offered this scheme again for a while."""
        return self.repeat_rule == "while_engaging" and self.bar_months is not None
