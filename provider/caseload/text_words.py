"""What became of a text, in words: where it stands, why, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provider.domain.messaging.receipts import SENTENCES, Action, what_to_do

WHY: Mapping[str, str] = {
    "accepted": "the offer was taken",
    "another_given": "another place was given",
    "another_offered": "a place in another session was offered",
    "another_text": "another text had just gone out",
    "answered": "they have answered",
    "booked_again": "a new time was booked",
    "booking_changed": "the booking was changed",
    "call_moved": "the call was put off",
    "called_off": "it was called off",
    "cannot_be_worded": "its words ask for what is not known: tell whoever sets the wording",
    "case_closed": "the referral has ended",
    "closed": "the referral has ended",
    "contacted": "they had been spoken to",
    "missed": "it was missed",
    "moved": "it was moved",
    "no_longer_waiting": "they no longer wait for a place",
    "no_mobile": "there is no mobile number",
    "number_bad": "the number does not work",
    "number_dead": "the number does not work",
    "number_not_a_mobile": "the number cannot take texts",
    "number_not_confirmed": "nobody has confirmed the number",
    "number_not_theirs": "the number is not theirs",
    "number_opted_out": "they asked for no more texts",
    "number_suspect": "the number may not be right",
    "offer_over": "the offer was over",
    "offer_passed": "the offer was over",
    "open_again": "they are with us again",
    "opted_out": "they asked for no more texts",
    "person_said": "a colleague found out that it did not go out",
    "refused": "they did not want the place",
    "released": "the place was given back",
    "said_otherwise": "it was corrected how the call went",
    "same_person": "it is somebody we knew already",
    "session_cancelled": "the session was called off",
    "session_changed": "the session was changed",
    "session_moved": "the session was moved",
    "settled": "it is over",
    "started": "it had begun",
    "texts_not_wanted": "texts do not reach this phone, or are not wanted",
    "too_late": "it was too late to be of use",
    "took_place": "it took place",
    "words_filtered": "the networks filter these words until they are changed",
}
"""Why a text was not sent. Each completes *Not sent:* as a sentence."""

WAITS: Mapping[str, str] = {
    "another_text": "Not so soon after another text",
    "cannot_be_prepared": "A fault of ours: it is tried again",
    "given_back": "It waits for its turn",
    "polite_hours": "Not at night",
    "was_not_sent": "It did not go out, and is sent again",
}
"""Why a text that was to go out waits."""

ASKED = "shown"


@dataclass(frozen=True)
class Became:
    """``tag`` in a word or two; ``why`` and what comes next as a sentence; ``sent_at`` and ``arrived_at`` where it
    went out and arrived; ``again_at`` when it is tried again. ``alarm``: it did not reach them, or nobody knows."""

    tag: str
    why: str | None = None
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    again_at: datetime | None = None
    alarm: bool = False


def became(
    state: str,
    because: str | None,
    *,
    due_at: datetime,
    sent_at: datetime | None,
    settled_at: datetime | None,
) -> Became:
    """Where a text stands, by what is kept of it."""
    if state == "planned":
        return _planned(because, due_at, sent_at)
    if state == "claimed":
        return Became("Being sent")
    if state == "sent":
        return Became("Sent", sent_at=sent_at)
    if state == "delivered":
        return Became("Delivered", sent_at=sent_at, arrived_at=settled_at)
    if state == "unknown":
        return Became("Not known", _unknown(because), alarm=True)
    if state == "failed":
        return Became("Not delivered", _failed(because), sent_at=sent_at, alarm=True)
    return Became("Not sent", _sentence(WHY.get(because or "", _plainly(because))), alarm=state == "dropped")


def _planned(because: str | None, due_at: datetime, sent_at: datetime | None) -> Became:
    if because is None:
        return Became("Planned", again_at=due_at)
    if because.startswith("error_"):
        why = SENTENCES[what_to_do(because.removeprefix("error_"))].partition(":")[0] + "."
        return Became("Not delivered yet", why, sent_at=sent_at, again_at=due_at, alarm=True)
    return Became("Planned", _sentence(WAITS.get(because, _plainly(because))), again_at=due_at)


def _failed(because: str | None) -> str:
    """By what Twilio's code asks for; or somebody said so."""
    if because in set(Action):
        return SENTENCES[Action(because)]
    return _sentence(WHY.get(because or "", _plainly(because)))


def _unknown(because: str | None) -> str:
    if because == ASKED:
        return "The sending broke off, and the network does not say whether it went out. Look at the task."
    return "The sending broke off. Whether it went out is being found out; it is not sent twice."


def _plainly(because: str | None) -> str:
    return (because or "nothing is known of why").replace("_", " ")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
