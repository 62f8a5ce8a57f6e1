"""A text was refused, or did not arrive: another try, what it says about the number, and work for a person."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from provider.domain.contact.tasks import raise_task
from provider.domain.messaging import dispatch
from provider.domain.messaging.kinds import SAFE_BEFORE_CONFIRMED
from provider.domain.messaging.models import Text
from provider.domain.messaging.receipts import Action, what_to_do
from provider.domain.people.models import PhoneNumber
from provider.domain.people.number_states import NumberEvent, NumberState
from provider.domain.people.records import learn
from provider.domain.referrals.models import Case
from provider.kernel.calendar import next_polite
from provider.kernel.database import db
from provider.pathway.stopping import stop_texts

log = logging.getLogger("provider.texts")

LATER = {Action.RETRY_ONCE_THEN_CALL: timedelta(hours=2), Action.RETRY_ONCE: timedelta(minutes=15)}
A_SECOND = timedelta(seconds=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=2)
"""For one text: what keeps a sender from being asked again and again is its own rest, so that afterwards the text that
expires first is the first to go.
"""

ALARMS = frozenset({Action.CONFIGURATION_ALARM, Action.ALERT_ON_TEMPLATE, Action.LOOK})
SAYS: Mapping[Action, NumberEvent] = {
    Action.RETRY_ONCE_THEN_CALL: NumberEvent.UNREACHABLE,
    Action.NO_MORE_TEXTS_CALL: NumberEvent.BLOCKED,
    Action.NUMBER_SUSPECT: NumberEvent.UNKNOWN_HANDSET,
    Action.NEVER_TEXT: NumberEvent.TAKES_NO_TEXTS,
    Action.OPTED_OUT: NumberEvent.STOPPED,
    Action.FIX_NUMBER: NumberEvent.INVALID,
}
"""What a failure says about the number; the others say something about us, or nothing."""


def did_not_arrive(text: Text, *, code: int | None, temporary: bool, now: datetime) -> None:
    """What follows from Twilio's ``code`` for a text (domain.md §9). ``temporary``: the same may go better later."""
    action = what_to_do(code)
    if action == Action.LOOK and temporary:
        action = Action.BACK_OFF
    if action in ALARMS:
        log.error("a text did not go out", extra={"code": code, "kind": text.kind, "action": action.value})
    again = _again(text, action, now=now)
    if again is not None and again < text.expires_at:
        dispatch.plan_again(text, due_at=again, because=f"error_{code or 'none'}")
        text.error_code = code
        return
    dispatch.record_failed(text, code=code, because=action.value, now=now)
    _learn(text, action, now=now)
    if action != Action.EXPECTED:
        ring_instead(text, now=now)


def _again(text: Text, action: Action, *, now: datetime) -> datetime | None:
    """When the text is tried again, or None. A network that is busy is asked again, each time after longer."""
    if action == Action.BACK_OFF:
        wait: timedelta = min(FIRST_WAIT * 2 ** min(text.tries, 10), LONGEST_WAIT)
        # Anything up to that: those that failed together do not come back together.
        return now + max(wait * secrets.randbelow(1000) / 1000, A_SECOND)
    if action in LATER and text.tries <= 1:
        return next_polite(now + LATER[action])
    return None


def arrived(text: Text) -> None:
    """It reached a phone: the number is in doubt no more."""
    number = db.session.get(PhoneNumber, text.to_number_id or 0, populate_existing=True)
    if number is not None:
        learn(number, NumberEvent.DELIVERED)


def _learn(text: Text, action: Action, *, now: datetime) -> None:
    """What the failure says about the number."""
    number = db.session.get(PhoneNumber, text.to_number_id or 0, populate_existing=True)
    if number is None or action not in SAYS:
        return
    learn(number, SAYS[action])
    if action == Action.OPTED_OUT and number.ended_at is None:
        # They said STOP to the network, and nobody told us.
        stop_texts(number, db.session.get_one(Case, text.case_id), now=now)
    if number.state == NumberState.BAD and number.ended_at is None:
        _task("number_suspect" if number.relation is None else "adult_number", text, now=now)


def ring_instead(text: Text, *, now: datetime) -> None:
    """Ask for a call in place of a text that did not go out. One that only announces a call needs no other."""
    if text.kind not in SAFE_BEFORE_CONFIRMED or text.kind == "reply_from_desk":
        _task("text_failed", text, now=now)


def ask_a_person(text: Text, *, now: datetime) -> None:
    """Nobody can find out whether the text went out: a person may."""
    _task("text_unknown", text, now=now)


def _task(kind: str, text: Text, *, now: datetime) -> None:
    if db.session.get_one(Case, text.case_id).closed_at is None:
        raise_task(kind, case_id=text.case_id, text_id=text.id, due_at=now, now=now)
