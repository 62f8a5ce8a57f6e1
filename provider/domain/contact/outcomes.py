"""How a call can go, and what each outcome shows."""

from __future__ import annotations

from provider.kernel.codes import Coded


class AttemptOutcome(Coded):
    """The outcome of one contact attempt."""

    SPOKE_AND_BOOKED = "spoke_and_booked", "Spoke and booked"
    SPOKE_CALL_BACK_LATER = "spoke_call_back_later", "Spoke, call back later"
    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL_LEFT = "voicemail_left", "Voicemail left"
    NO_VOICEMAIL = "no_voicemail", "No voicemail"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    NUMBER_NOT_IN_USE = "number_not_in_use", "Number not in use"
    DECLINED = "declined", "Declined"
    SOMEONE_ELSE_ANSWERED = "someone_else_answered", "Someone else answered (nothing disclosed)"
    CALL_SCREENED = "call_screened", "Call screened (neutral script given)"


SPOKE = frozenset(
    {AttemptOutcome.SPOKE_AND_BOOKED, AttemptOutcome.SPOKE_CALL_BACK_LATER, AttemptOutcome.DECLINED}
)
"""The person's own voice: the number is theirs."""

SHOWS_NUMBER_WORKS = SPOKE | {AttemptOutcome.SOMEONE_ELSE_ANSWERED}
"""A ringing tone, a voicemail or a screening phone shows nothing: it may be anybody's."""

NUMBER_DEAD = frozenset({AttemptOutcome.WRONG_NUMBER, AttemptOutcome.NUMBER_NOT_IN_USE})
"""The person was not rung at all, so this never counts against them."""
