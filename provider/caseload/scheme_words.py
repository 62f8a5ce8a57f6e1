"""A scheme's terms as people read them: one table of every field, for the page, the changes and the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from provider.domain.schemes.terms import CallsRule, ClockStop, CourseRule, DayKind, Terms


@dataclass(frozen=True)
class Line:
    """One thing the terms say: what it is about, and what they say of it."""

    name: str
    about: str
    says: str


@dataclass(frozen=True)
class Group:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Changed:
    """What a version says otherwise than the one before."""

    about: str
    before: str
    after: str


STOPS: Mapping[ClockStop, str] = {
    "number_in_doubt": "the number is wrong, dead or in doubt",
    "our_fault": "we called off what was booked, or the fault was ours",
    "identity_in_question": "it is asked whether they are somebody known",
    "agreed_absence": "they had a good reason not to come",
    "bank_holidays": "it is a bank holiday (for deadlines in calendar days)",
}
EVENTS = {
    "assessment.booked": "the assessment is booked",
    "assessment.attended": "the assessment is attended",
}
DISPOSALS = {"8": "community resolution (8)", "22": "diversion without admission (22)", "none": "no disposal"}
BASES = {
    "agreement": "The person agrees to be referred.",
    "required_by_law": "Attendance is required by law.",
}
LEVELS = {"assessment": "the assessment", "intervention": "what follows the assessment"}
REPEATS = {
    "unlimited": "It may be offered again without limit.",
    "while_engaging": "It may be offered again to those who engaged before.",
    "up_to": "It may be offered {limit} in all.",
}

Says = Callable[[Terms], str]


def many(number: int, noun: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def begun(words: str) -> str:
    """Words as a sentence or an answer begins."""
    return f"{words[:1].upper()}{words[1:]}"


def _yes(said: bool, yes: str, no: str) -> str:
    return yes if said else no


def _days(number: int, kind: DayKind) -> str:
    return f"Within {many(number, f'{kind} day')}." if number else f"On the same {kind} day."


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _course(rule: CourseRule) -> str:
    done = {"took_part": "Done by attending and taking part", "attended": "Done by coming, for however long"}
    miss = _yes(rule.miss_uses_chance, "a miss uses a chance", "a miss uses no chance")
    return f"{done[rule.completed_by]}; {miss}."


def _calls(rule: CallsRule) -> str:
    miss = _yes(rule.miss_uses_chance, "a miss uses a chance", "a miss uses no chance")
    return f"Done when {many(rule.appointments, 'appointment')} took place; {miss}."


def _pathways(terms: Terms) -> str:
    rules = terms.pathways
    return " ".join(
        (
            f"Group course: {_course(rules.group_course).lower()}",
            f"Young people’s course: {_course(rules.young_people_course).lower()}",
            f"One-to-one: {_calls(rules.one_to_one).lower()}",
            f"Treatment: {_calls(rules.structured_treatment).lower()}",
        )
    )


def _repeats(terms: Terms) -> str:
    return REPEATS[terms.repeat_rule].format(limit=many(terms.repeat_limit or 0, "time"))


def _bar(terms: Terms) -> str:
    if not terms.bars():
        return "There is no bar."
    return f"Who did not engage is not offered it again for {many(terms.bar_months or 0, 'month')}."


def _places(terms: Terms) -> str:
    said = [
        f"{bought.places:,} from {_date(bought.from_)} to {_date(bought.until)}"
        for bought in terms.places_bought
    ]
    return f"{_listed(said)}." if said else "None are counted."


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _told(terms: Terms) -> str:
    told = [EVENTS[event] for event in terms.told]
    also = f", and when {_listed(told)}" if told else ""
    return f"That it is accepted or declined, how it ends, and corrections{also}. Never which pathway it was."


def _announced(terms: Terms) -> str:
    after = _listed([str(count) for count in sorted(terms.first_contact_texts)])
    again = f", and again before the next after {after} not answered" if after else ""
    return f"Before the first call{again}."


def _reminders(terms: Terms) -> str:
    days = _listed([str(day) for day in terms.reminder_days])
    parts = [f"{days} days before"] if days else []
    parts += ["an hour before"] if terms.reminder_hour_before else []
    return f"{begun(', and '.join(parts))}." if parts else "None."


def _after_a_miss(terms: Terms) -> str:
    hours = terms.missed_text_hours
    if hours is None:
        return "No text."
    return f"A text {many(hours, 'hour')} later." if hours else "A text at once."


GROUPS: Mapping[str, Mapping[str, tuple[str, Says]]] = {
    "Who": {
        "age_from": ("Youngest", lambda terms: f"{terms.age_from} years."),
        "age_to": ("Oldest", lambda terms: f"{terms.age_to} years." if terms.age_to else "No limit."),
        "areas": ("Areas", lambda terms: f"{_listed(list(terms.areas))}." if terms.areas else "Everywhere."),
        "disposals": (
            "Disposals",
            lambda terms: f"{_listed([DISPOSALS[one] for one in terms.disposals]).capitalize()}.",
        ),
        "basis": ("Why they come", lambda terms: BASES[terms.basis]),
        "lawful_basis": (
            "The record is kept on",
            lambda terms: terms.lawful_basis or "Not named in this version.",
        ),
    },
    "How soon": {
        "first_contact_days": (
            "First contact",
            lambda terms: _days(terms.first_contact_days, terms.first_contact_day_kind),
        ),
        "assessment_days": (
            "Assessment",
            lambda terms: _days(terms.assessment_days, terms.assessment_day_kind),
        ),
        "course_days": (
            "What follows it, from the assessment",
            lambda terms: _days(terms.course_days, terms.course_day_kind),
        ),
        "clock_stops": (
            "The clock stands still while",
            lambda terms: (
                f"{begun(_listed([STOPS[stop] for stop in terms.clock_stops]))}."
                if terms.clock_stops
                else "It never does."
            ),
        ),
    },
    "How often": {
        "contact_attempts": ("Calls", lambda terms: f"At least {many(terms.contact_attempts, 'call')}."),
        "contact_days": ("On", lambda terms: f"At least {many(terms.contact_days, 'different day')}."),
        "contact_parts_of_day": (
            "In",
            lambda terms: f"At least {many(terms.contact_parts_of_day, 'part')} of the day.",
        ),
        "contact_within_working_days": (
            "Made within",
            lambda terms: f"{many(terms.contact_within_working_days, 'working day')} where that can be.",
        ),
        "ring_back_working_days": (
            "Then time to ring back",
            lambda terms: f"{many(terms.ring_back_working_days, 'working day')}.",
        ),
        "misses_allowed": (
            "Chances",
            lambda terms: f"{many(terms.misses_allowed, 'missed appointment')} allowed.",
        ),
        "moves_allowed": (
            "By themselves",
            lambda terms: (
                f"They may move a call, and give a place back, {many(terms.moves_allowed, 'time')} each."
            ),
        ),
        "repeat_rule": ("Offered again", _repeats),
        "shares_history": (
            "What happened under others’ schemes",
            lambda terms: _yes(terms.shares_history, "Shared with schemes that share theirs.", "Not shared."),
        ),
    },
    "What counts": {
        "level_that_counts": (
            "Counts as done",
            lambda terms: f"{LEVELS[terms.level_that_counts].capitalize()}.",
        ),
        "pathways": ("On each pathway", _pathways),
        "back_within_days": (
            "Coming back",
            lambda terms: (
                f"Within {many(terms.back_within_days, 'day')} of the end it is opened again."
                if terms.back_within_days
                else "It is not opened again after it ended."
            ),
        ),
    },
    "What the force is told": {
        "told": ("Told", _told),
        "intelligence_log": (
            "Intelligence log",
            lambda terms: _yes(
                terms.intelligence_log, "One sentence where they did not engage.", "Nothing is logged."
            ),
        ),
        "intelligence_sentence": ("The sentence", lambda terms: terms.intelligence_sentence),
        "may_prosecute": (
            "Prosecution",
            lambda terms: _yes(
                terms.may_prosecute, "The force may prosecute after all.", "Never for not taking part."
            ),
        ),
    },
    "Bars": {
        "bar_months": ("Bar", _bar),
        "bar_review": (
            "Review",
            lambda terms: _yes(terms.bar_review, "They can ask for a review.", "There is no review."),
        ),
        "bar_review_after_days": (
            "Asked for again",
            lambda terms: (
                f"{many(terms.bar_review_after_days, 'day')} after the last was decided."
                if terms.bar_review_after_days
                else "As soon as the last was decided."
            ),
        ),
        "bar_review_working_days": (
            "Answered",
            lambda terms: f"Within {many(terms.bar_review_working_days, 'working day')}.",
        ),
    },
    "What they read and hear": {
        "service_name": ("Name of the service", lambda terms: terms.service_name),
        "phone": ("Number to ring", lambda terms: terms.phone),
        "first_contact_texts": ("Who rings, and when, is told", _announced),
        "reminder_days": ("Reminders", _reminders),
        "texts_on_bank_holidays": (
            "Reminders that fall on a bank holiday",
            lambda terms: _yes(terms.texts_on_bank_holidays, "Go out on it.", "Go out on a day before it."),
        ),
        "missed_text_hours": ("After a missed appointment", _after_a_miss),
        "survey_weeks": (
            "How it went is asked",
            lambda terms: (
                f"{many(terms.survey_weeks, 'week')} after they completed it."
                if terms.survey_weeks
                else "Never."
            ),
        ),
        "assessment_minutes": ("Assessment", lambda terms: f"{many(terms.assessment_minutes, 'minute')}."),
        "course_minutes": ("Course", lambda terms: f"{many(terms.course_minutes, 'minute')}."),
        "offer_hours": ("An offered place is held", lambda terms: f"For {many(terms.offer_hours, 'hour')}."),
        "offers_first_call_at_roadside": (
            "First call booked at the roadside",
            lambda terms: _yes(terms.offers_first_call_at_roadside, "Offered.", "Not offered."),
        ),
    },
    "Places": {"places_bought": ("Places bought", _places)},
}
"""Group → field → what it is about, and what a version says of it."""

SAID_WITH = {
    "first_contact_day_kind": "first_contact_days",
    "assessment_day_kind": "assessment_days",
    "course_day_kind": "course_days",
    "repeat_limit": "repeat_rule",
    "reminder_hour_before": "reminder_days",
}
"""Fields that have no line of their own: what they say stands in another's."""


def grouped(terms: Terms) -> tuple[Group, ...]:
    """Everything the terms say, in the order of the page."""
    return tuple(
        Group(title, tuple(Line(name, about, says(terms)) for name, (about, says) in fields.items()))
        for title, fields in GROUPS.items()
    )


def changes(before: Terms, after: Terms) -> tuple[Changed, ...]:
    """What another version says otherwise, in the order of the page."""
    return tuple(
        Changed(f"{title}: {old.about.lower()}", old.says, new.says)
        for (title, was), now in zip(_by_title(before), grouped(after), strict=True)
        for old, new in zip(was.lines, now.lines, strict=True)
        if old.says != new.says
    )


def _by_title(terms: Terms) -> list[tuple[str, Group]]:
    return [(group.title, group) for group in grouped(terms)]
