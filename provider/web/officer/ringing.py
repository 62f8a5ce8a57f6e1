"""The number checked by ringing it there and then: what came of it, what is sent, and what is said before sending."""

from __future__ import annotations

from typing import Any

IT_RANG = "yes"
WRONG = "wrong"
CAME_OF_IT = {IT_RANG: "It rang", "no_answer": "No answer", WRONG: "Wrong number"}

NOT_RUNG = "You have not rung their number. Most people who are lost are lost to a wrong one."
NO_ANSWER = "Their phone did not ring: it may be off, or the number may be wrong."
NOT_SENT = "You marked the number as wrong: it is not sent. Ask for the right one, if you can."
SENT_ALL_THE_SAME = (
    "You marked the number as wrong, and there is no other way to reach them: it is sent as it is. "
    "Ask for the right one, or for an address."
)


def number_sent(form: Any) -> str | None:
    """The number of the contact screen; not one that is known to be somebody else's, where there is another way."""
    return None if _is_left_out(form) else form.mobile.data


def said_of_number(form: Any) -> str:
    return CAME_OF_IT.get(form.number_checked.data, "Not rung").lower()


def doubt_of_number(form: Any) -> str | None:
    """What the officer reads before sending, where their own phone has not been heard to ring."""
    if not form.mobile.data or form.number_checked.data == IT_RANG:
        return None
    if form.number_checked.data == WRONG:
        return NOT_SENT if _is_left_out(form) else SENT_ALL_THE_SAME
    return NO_ANSWER if form.number_checked.data else NOT_RUNG


def _is_left_out(form: Any) -> bool:
    another_way = (form.email, form.line_1, form.town, form.postcode)
    return form.number_checked.data == WRONG and any(field.data for field in another_way)
