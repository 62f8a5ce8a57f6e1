"""The kinds of text as people call them, by occasion, and what can be put into their words."""

from __future__ import annotations

from collections.abc import Mapping

OCCASIONS: Mapping[str, Mapping[str, str]] = {
    "Before somebody was reached": {
        "first_contact_soon": "Before the first call",
        "first_contact_again": "Before another call",
        "contact_letter_hint": "After calls that were not answered",
        "something_new": "To a phone that others see",
    },
    "The first call": {
        "assessment_booked": "Booked",
        "assessment_moved": "Moved",
        "assessment_cancelled": "Called off",
        "assessment_sorry": "We did not ring",
        "assessment_sorry_moved": "We did not ring, and there is a new time",
        "assessment_reminder_7d": "Reminder, 7 days or more before",
        "assessment_reminder_3d": "Reminder, 3 to 6 days before",
        "assessment_reminder_1d": "Reminder, a day or two before",
        "assessment_reminder_1h": "Reminder, an hour before",
        "missed_assessment": "Missed",
    },
    "A session": {
        "course_booked": "Booked",
        "course_moved": "Moved",
        "course_cancelled": "Called off",
        "course_reminder_7d": "Reminder, 7 days or more before",
        "course_reminder_3d": "Reminder, 3 to 6 days before",
        "course_reminder_1d": "Reminder, a day or two before",
        "course_reminder_1h": "Reminder, an hour before, with the link to join",
        "missed_course": "Missed",
        "course_another": "Could not be kept",
        "waiting_list_joined": "On the waiting list",
        "place_offered": "A place is offered",
        "place_offered_again": "Missed, and the next is offered",
        "place_at_short_notice": "A place within two hours",
    },
    "A session in a room": {
        "room_booked": "Booked",
        "room_moved": "Moved",
        "room_cancelled": "Called off",
        "room_reminder_7d": "Reminder, 7 days or more before",
        "room_reminder_3d": "Reminder, 3 to 6 days before",
        "room_reminder_1d": "Reminder, a day or two before",
        "room_reminder_1h": "Reminder, an hour before",
    },
    "Any other appointment": {
        "one_to_one_booked": "Booked",
        "one_to_one_moved": "Moved",
        "one_to_one_cancelled": "Called off",
        "one_to_one_sorry": "We did not ring",
        "one_to_one_sorry_moved": "We did not ring, and there is a new time",
        "one_to_one_reminder_7d": "Reminder, 7 days or more before",
        "one_to_one_reminder_3d": "Reminder, 3 to 6 days before",
        "one_to_one_reminder_1d": "Reminder, a day or two before",
        "one_to_one_reminder_1h": "Reminder, an hour before",
        "missed_one_to_one": "Missed",
    },
    "Afterwards": {"survey": "How things are now"},
    "Answers to a reply": {
        "reply_link": "They want another time",
        "reply_which": "Two times are booked: which one is meant",
        "reply_will_ring": "They want to be rung",
        "reply_place_gone": "The place has gone meanwhile",
        "reply_danger": "What they wrote suggests danger",
        "reply_out_of_hours": "Out of hours",
        "reply_from_desk": "A drug worker answers",
    },
    "Said on the telephone": {
        "voicemail": "On a voicemail",
        "call_screened": "To a phone that asks who is calling",
        "somebody_else": "To somebody else who picks up",
    },
}
"""Every kind once, in the order of the journey."""

PUT_IN: Mapping[str, str] = {
    "greeting": "a greeting, with the first name where it may be said",
    "service": "the neutral name of the service",
    "who": "who rings, with the name of the service",
    "day": "the day of the week",
    "date": "the day and the month",
    "time": "the time",
    "length": "how long it takes",
    "where": "the address of the room",
    "by_day": "the day until which a place is kept",
    "by_date": "its date",
    "by_time": "its time",
    "words": "what the drug worker writes in answer",
    "link": "their own link",
    "phone": "the number to ring",
}
"""Every placeholder, and what stands in its place."""


def named(kind: str) -> tuple[str, str]:
    """The occasion of a kind and what it is called there."""
    return next((occasion, kinds[kind]) for occasion, kinds in OCCASIONS.items() if kind in kinds)
