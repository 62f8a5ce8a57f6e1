"""A text was refused, or did not arrive: another try, what it says about the number, and work for a person."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from provider.domain.contact.tasks import raise_task
from provider.domain.messaging import dispatch
from provider.domain.messaging.kinds import SAFE_BEFORE_CONFIRMED
from provider.domain.messaging.models import Text
from provider.domain.messaging.receipts import Action, what_to_do
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.kernel.calendar import next_polite
from provider.kernel.database import db

log = logging.getLogger("provider.texts")

LATER = {Action.RETRY_ONCE_THEN_CALL: timedelta(hours=2), Action.RETRY_ONCE: timedelta(minutes=15)}
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
ALARMS = frozenset({Action.CONFIGURATION_ALARM, Action.ALERT_ON_TEMPLATE, Action.LOOK})
STATES = {
    Action.NEVER_TEXT: "not_a_mobile",
    Action.OPTED_OUT: "opted_out",
    Action.FIX_NUMBER: "bad",
}


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
        # Spread by the text's id: those that failed together do not come back together.
        return now + wait + wait * (text.id % 16) / 32
    if action in LATER and text.tries <= 1:
        return next_polite(now + LATER[action])
    return None


def _learn(text: Text, action: Action, *, now: datetime) -> None:
    """What the failure says about the number."""
    number = db.session.get(PhoneNumber, text.to_number_id or 0, populate_existing=True)
    if number is None:
        return
    if action == Action.NUMBER_SUSPECT:
        number.state = "bad" if number.state == "suspect" else "suspect"
    elif action == Action.NO_MORE_TEXTS_CALL:
        number.texts_wanted = False
    else:
        number.state = STATES.get(action, number.state)
    if number.state == "bad":
        _task("number_suspect", text, now=now)


def ring_instead(text: Text, *, now: datetime) -> None:
    """Ask for a call in place of a text that did not go out. One that only announces a call needs no other."""
    if text.kind not in SAFE_BEFORE_CONFIRMED:
        _task("text_failed", text, now=now)


def ask_a_person(text: Text, *, now: datetime) -> None:
    """Nobody can find out whether the text went out: a person may."""
    _task("text_unknown", text, now=now)


def _task(kind: str, text: Text, *, now: datetime) -> None:
    if db.session.get_one(Case, text.case_id).closed_at is None:
        raise_task(kind, case_id=text.case_id, text_id=text.id, due_at=now, now=now)
