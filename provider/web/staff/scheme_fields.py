"""The fields of a scheme's terms on a form, named as the terms name them; least and most come from the terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotated_types import Ge, Le, MaxLen

from provider.caseload.scheme_words import BASES, DISPOSALS, EVENTS, LEVELS, STOPS, begun
from provider.domain.schemes.terms import CallsRule, PlacesBought, Terms
from provider.web.forms import (
    BooleanField,
    CheckboxesField,
    DateParts,
    FieldList,
    FormField,
    Length,
    Needed,
    PageForm,
    PartForm,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
    WholeNumberField,
    options,
)

KINDS = {"working": "Working days", "calendar": "Calendar days"}
COMPLETED_BY = {"took_part": "Attending and taking part", "attended": "Coming, for however long"}
REPEATS = {
    "unlimited": "Without limit",
    "while_engaging": "To those who engaged before",
    "up_to": "Up to so many times",
}
SPARE_ROWS = 2


def _limits(field: Any) -> dict[str, int]:
    """Least and most of a field of a model, as a number field takes them."""
    found = {}
    for limit in field.metadata:
        if isinstance(limit, Ge):
            found["least"] = int(str(limit.ge))
        elif isinstance(limit, Le):
            found["most"] = int(str(limit.le))
    return found


def _number(name: str, label: str, *, needed: bool = True, **more: Any) -> WholeNumberField:
    validators = [Needed(f"Enter {label[:1].lower()}{label[1:]}")] if needed else []
    return WholeNumberField(label, validators, **_limits(Terms.model_fields[name]), **more)


def _longest(name: str) -> Length:
    longest = (limit.max_length for limit in Terms.model_fields[name].metadata if isinstance(limit, MaxLen))
    return Length(max=next(longest))


def _appointments() -> WholeNumberField:
    limits = _limits(CallsRule.model_fields["appointments"])
    return WholeNumberField("How many must take place", [Needed("Enter how many must take place")], **limits)


def _answers(words: Mapping[Any, str]) -> list[Any]:
    return options({code: begun(said) for code, said in words.items()})


def _kind(what: str) -> RadioField:
    return RadioField(f"{what}: counted in", [Needed("Choose how days are counted")], choices=options(KINDS))


def _completed_by() -> RadioField:
    return RadioField("Done by", [Needed("Choose what completes it")], choices=options(COMPLETED_BY))


class PlacesForm(PartForm):
    """Places bought for a time; a row that is left empty is none."""

    from_ = DateParts("From")
    until = DateParts("Until")
    places = WholeNumberField("Places", [], **_limits(PlacesBought.model_fields["places"]))

    @property
    def empty(self) -> bool:
        return not any((self.from_.data, self.until.data, self.places.data))

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.empty:
            for field in (self.from_, self.until, self.places):
                if not field.data:
                    field.errors = [
                        *field.errors,
                        f"Enter {field.label.text.lower()}, or leave the row empty",
                    ]
                    good = False
        return good


class TermsFields(PageForm):
    age_from = _number("age_from", "Youngest age")
    age_to = _number("age_to", "Oldest age", needed=False, description="Leave it empty for no limit")
    areas = TextAreaField("Areas", description="One on a line. Leave it empty for everywhere")
    disposals = CheckboxesField("Disposals taken", choices=_answers(DISPOSALS))
    basis = RadioField("Why they come", [Needed("Choose why they come")], choices=options(BASES))
    lawful_basis = TextAreaField(
        "Lawful basis on which the record is kept",
        [_longest("lawful_basis")],
        description="Their agreement to be referred is not it",
    )
    first_contact_days = _number("first_contact_days", "Days to first contact")
    first_contact_day_kind = _kind("First contact")
    assessment_days = _number("assessment_days", "Days to the assessment")
    assessment_day_kind = _kind("Assessment")
    course_days = _number("course_days", "Days from the assessment to what follows it")
    course_day_kind = _kind("What follows it")
    clock_stops = CheckboxesField("The clock stands still while", choices=_answers(STOPS))
    contact_attempts = _number("contact_attempts", "Calls at least")
    contact_days = _number("contact_days", "On how many different days")
    contact_parts_of_day = _number("contact_parts_of_day", "In how many parts of the day")
    contact_within_working_days = _number("contact_within_working_days", "Working days to make them in")
    ring_back_working_days = _number("ring_back_working_days", "Working days to ring back after the last")
    misses_allowed = _number("misses_allowed", "Missed appointments allowed")
    moves_allowed = _number(
        "moves_allowed", "Times they can move an appointment, or give a place back, themselves"
    )
    repeat_rule = RadioField("Offered again", [Needed("Choose how often")], choices=options(REPEATS))
    repeat_limit = _number("repeat_limit", "Times in all", needed=False)
    shares_history = BooleanField("Share history with schemes that share theirs")
    level_that_counts = RadioField(
        "What counts as done", [Needed("Choose what counts")], choices=_answers(LEVELS)
    )
    group_course_completed_by = _completed_by()
    group_course_miss_uses_chance = BooleanField("Missing it uses a chance")
    young_people_course_completed_by = _completed_by()
    young_people_course_miss_uses_chance = BooleanField("Missing it uses a chance")
    one_to_one_appointments = _appointments()
    one_to_one_miss_uses_chance = BooleanField("Missing one uses a chance")
    structured_treatment_appointments = _appointments()
    structured_treatment_miss_uses_chance = BooleanField("Missing one uses a chance")
    back_within_days = _number("back_within_days", "Days in which they can come back after the end")
    told = CheckboxesField("Also told when", choices=_answers(EVENTS))
    intelligence_log = BooleanField("Send a sentence for the intelligence log where they did not engage")
    intelligence_sentence = TextAreaField(
        "The sentence for the intelligence log",
        [Needed("Enter the sentence"), _longest("intelligence_sentence")],
        description="{reference}, {times} or {attempts}, and {dates} are filled in",
    )
    may_prosecute = BooleanField("The force may prosecute who does not take part")
    bar_months = _number(
        "bar_months", "Months of a bar", needed=False, description="Leave it empty for no bar"
    )
    bar_review = BooleanField("They can ask for a review of a bar")
    bar_review_after_days = _number("bar_review_after_days", "Days before they can ask again")
    bar_review_working_days = _number("bar_review_working_days", "Working days to answer in")
    service_name = StringField(
        "Neutral name of the service",
        [Needed("Enter the name"), _longest("service_name")],
        description="It stands in texts that anybody may read",
    )
    phone = TelField("Number to ring", [Needed("Enter the number"), _longest("phone")])
    first_contact_texts = StringField(
        "Text before the next call, after so many that were not answered",
        description="For example, 1, 3. One goes before the first call in any case",
    )
    reminder_days = StringField("Reminders, days before", description="For example, 7, 3, 1")
    reminder_hour_before = BooleanField("A reminder an hour before")
    missed_text_hours = _number(
        "missed_text_hours",
        "Hours until the text after a missed appointment",
        needed=False,
        description="0 is at once. Leave it empty for none",
    )
    texts_on_bank_holidays = BooleanField("Reminders go out on bank holidays")
    survey_weeks = _number(
        "survey_weeks",
        "Weeks until they are asked how it went",
        needed=False,
        description="From when they completed it. Leave it empty for never",
    )
    assessment_minutes = _number("assessment_minutes", "Minutes of an assessment")
    course_minutes = _number("course_minutes", "Minutes of a course")
    offer_hours = _number("offer_hours", "Hours an offered place is held")
    offers_first_call_at_roadside = BooleanField("The first call can be booked at the roadside")
    places_bought = FieldList(FormField(PlacesForm))
