"""What Twilio says became of a text, and what is to be done when it did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

FORWARD = (
    "accepted",
    "scheduled",
    "queued",
    "sending",
    "sent",
    "canceled",
    "failed",
    "undelivered",
    "delivered",
    "read",
)
"""Twilio's statuses in one line: a later one replaces an earlier one, whatever order they arrive in.

Among ends, having arrived outweighs not having arrived: a network that says both has seen it arrive.
"""

FINAL = frozenset({"canceled", "failed", "undelivered", "delivered", "read"})
ARRIVED = frozenset({"delivered", "read"})


def advance(current: str | None, incoming: str) -> str | None:
    """The status after a callback: only ever forward, and the same for every order of the same callbacks.

    An ``incoming`` that Twilio does not document changes nothing; a ``current`` that is not Twilio's comes first.
    """
    if incoming not in FORWARD:
        return current
    if current not in FORWARD:
        return incoming
    return max(current, incoming, key=FORWARD.index)


class Action(StrEnum):
    """What to do about an error."""

    RETRY_ONCE_THEN_CALL = "retry_once_then_call"
    RETRY_ONCE = "retry_once"
    NO_MORE_TEXTS_CALL = "no_more_texts_call"
    NUMBER_SUSPECT = "number_suspect"
    NEVER_TEXT = "never_text"
    ALERT_ON_TEMPLATE = "alert_on_template"
    EXPECTED = "expected"
    OPTED_OUT = "opted_out"
    FIX_NUMBER = "fix_number"
    CONFIGURATION_ALARM = "configuration_alarm"
    BACK_OFF = "back_off"
    LOOK = "look"


SENTENCES: Mapping[Action, str] = {
    Action.RETRY_ONCE_THEN_CALL: "The phone was off or out of reach: try once more later, then ring.",
    Action.RETRY_ONCE: "The network does not say why: try once more.",
    Action.NO_MORE_TEXTS_CALL: "The phone or its network blocks our texts: send no more, ring instead.",
    Action.NUMBER_SUSPECT: "The number may not exist: a second time, ask the force for another.",
    Action.NEVER_TEXT: "This is a landline or cannot take texts: never text it.",
    Action.ALERT_ON_TEMPLATE: "The network filtered the words: change the template, do not send the same again.",
    Action.EXPECTED: "It was too late to be useful and was not sent: nothing to do.",
    Action.OPTED_OUT: "They asked for no more texts: record it, ring or write instead.",
    Action.FIX_NUMBER: "The number is not valid: put it right.",
    Action.CONFIGURATION_ALARM: "Our sender is not set up for this: tell the administrator; it is not the person.",
    Action.BACK_OFF: "Too many at once: wait and send again.",
    Action.LOOK: "An error we do not know: a person should look.",
}

_WHAT_TO_DO: Mapping[str, Action] = {
    "30001": Action.BACK_OFF,
    "30003": Action.RETRY_ONCE_THEN_CALL,
    "30004": Action.NO_MORE_TEXTS_CALL,
    "30005": Action.NUMBER_SUSPECT,
    "30006": Action.NEVER_TEXT,
    "30007": Action.ALERT_ON_TEMPLATE,
    "30008": Action.RETRY_ONCE,
    "30036": Action.EXPECTED,
    "20429": Action.BACK_OFF,
    "21211": Action.FIX_NUMBER,
    "21212": Action.CONFIGURATION_ALARM,
    "21610": Action.OPTED_OUT,
    "21612": Action.CONFIGURATION_ALARM,
    "21614": Action.NEVER_TEXT,
    "21635": Action.NEVER_TEXT,
}

FILTERED = 30007
SENDER_REFUSED = (21212, 21612)
NOT_LET_IN = (20003, 20404, 30002)
"""Twilio does not know us, has no such account, or has suspended it: nothing goes out by anybody."""

SENDS_AGAIN = frozenset({Action.RETRY_ONCE_THEN_CALL, Action.RETRY_ONCE, Action.BACK_OFF})
"""After these the same text may be sent again; after every other it must not."""


def what_to_do(code: int | str | None) -> Action:
    """The action for Twilio's error code, a number or its digits; ``look`` for one that is missing or unknown."""
    return _WHAT_TO_DO.get(str(code).strip(), Action.LOOK)
