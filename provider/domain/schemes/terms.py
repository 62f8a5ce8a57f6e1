"""A scheme's terms: everything that differs between schemes, as settings. One version is never changed.

Each field has a value of its own where a version was stored before the field was known.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

Level = Literal["assessment", "intervention"]
DayKind = Literal["working", "calendar"]
Disposal = Literal["8", "22", "none"]
RepeatRule = Literal["unlimited", "while_engaging", "up_to"]
Told = Literal["assessment.booked", "assessment.attended"]
ClockStop = Literal["number_in_doubt", "our_fault", "identity_in_question", "agreed_absence", "bank_holidays"]

OPTIONAL_EVENTS: tuple[Told, ...] = ("assessment.booked", "assessment.attended")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlacesBought(Frozen):
    """Places that the commissioner has bought for a time: London days, the first and the last of them included."""

    from_: date
    until: date
    places: int = Field(ge=1, le=100_000)


class CourseRule(Frozen):
    """What completes a course: taking part, or merely having come; and whether missing it uses a chance."""

    completed_by: Literal["took_part", "attended"] = "took_part"
    miss_uses_chance: bool = True


class CallsRule(Frozen):
    """How many appointments must take place, and whether missing one uses a chance."""

    appointments: int = Field(1, ge=1, le=12)
    miss_uses_chance: bool = True


class PathwayRules(Frozen):
    """What counts as done on each pathway. No force ever reads which one it was."""

    group_course: CourseRule = CourseRule()
    young_people_course: CourseRule = CourseRule()
    one_to_one: CallsRule = CallsRule()
    structured_treatment: CallsRule = CallsRule()


def _days(name: str, default: int, most: int) -> int:
    """A deadline's days; earlier versions knew working days only, and said so in the name."""
    names = AliasChoices(f"{name}_days", f"{name}_working_days")
    days: int = Field(default, ge=0, le=most, validation_alias=names)
    return days


class Terms(Frozen):
    """One version of what a scheme promises and asks. Days are London days; working days leave out bank holidays.

    First contact and the assessment are due so long after the referral was accepted, what follows it so long after
    the assessment.
    """

    age_from: int = Field(18, ge=10, le=120)
    age_to: int | None = Field(None, ge=10, le=120)
    basis: Literal["agreement", "required_by_law"] = "agreement"
    lawful_basis: Annotated[str, Field(max_length=300)] = ""
    disposals: tuple[Disposal, ...] = ("8", "22", "none")
    areas: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] | None = None
    repeat_rule: RepeatRule = "while_engaging"
    repeat_limit: int | None = Field(None, ge=1, le=100)
    level_that_counts: Level = "intervention"
    pathways: PathwayRules = PathwayRules()
    may_prosecute: bool = False
    shares_history: bool = False
    told: tuple[Told, ...] = OPTIONAL_EVENTS
    intelligence_log: bool = True
    intelligence_sentence: Annotated[str, Field(max_length=600)]
    service_name: Annotated[str, Field(max_length=40)]
    phone: Annotated[str, Field(max_length=20)]
    first_contact_days: int = _days("first_contact", 2, 60)
    first_contact_day_kind: DayKind = "working"
    assessment_days: int = _days("assessment", 10, 120)
    assessment_day_kind: DayKind = "working"
    course_days: int = _days("course", 30, 250)
    course_day_kind: DayKind = "working"
    clock_stops: tuple[ClockStop, ...] = ("number_in_doubt", "our_fault", "identity_in_question")
    contact_attempts: int = Field(6, ge=1, le=30)
    contact_days: int = Field(3, ge=1, le=30)
    contact_parts_of_day: int = Field(3, ge=1, le=3)
    contact_within_working_days: int = Field(10, ge=1, le=60)
    ring_back_working_days: int = Field(1, ge=0, le=20)
    bar_months: int | None = Field(12, ge=1, le=120)
    bar_review: bool = True
    bar_review_after_days: int = Field(0, ge=0, le=1000)
    bar_review_working_days: int = Field(10, ge=1, le=120)
    back_within_days: int = Field(28, ge=0, le=365)
    misses_allowed: int = Field(1, ge=0, le=10)
    moves_allowed: int = Field(3, ge=0, le=20)
    offers_first_call_at_roadside: bool = True
    assessment_minutes: int = Field(45, ge=15, le=180)
    course_minutes: int = Field(150, ge=30, le=480)
    first_contact_texts: tuple[Annotated[int, Field(ge=1, le=30)], ...] = (1, 3)
    reminder_days: tuple[Annotated[int, Field(ge=1, le=30)], ...] = (7, 3, 1)
    reminder_hour_before: bool = True
    missed_text_hours: int | None = Field(0, ge=0, le=72)
    texts_on_bank_holidays: bool = True
    survey_weeks: int | None = Field(6, ge=1, le=52)
    offer_hours: int = Field(24, ge=1, le=168)
    places_bought: tuple[PlacesBought, ...] = ()

    def bars(self) -> bool:
        """Whether not engaging keeps the person from being offered this scheme again for a while."""
        return self.repeat_rule == "while_engaging" and self.bar_months is not None

    def tells(self, event_type: str) -> bool:
        """Whether the force is told of an event. Only what lies between yes and the end may be left untold."""
        return event_type not in OPTIONAL_EVENTS or event_type in self.told
