"""What machines and phones sent back: what became of a text, and what somebody answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.tasks import raise_task
from provider.domain.courses.places import coming_place
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.kinds import Meaning, means
from provider.domain.messaging.models import Reply, Text
from provider.domain.messaging.outbox import cancel_texts
from provider.domain.messaging.receipts import ARRIVED, FINAL, advance
from provider.domain.messaging.replies import Said, read_reply
from provider.domain.people.models import PhoneNumber
from provider.domain.people.records import confirm_number
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import failing, opening, settling
from provider.pathway.offering import NoOffer, accept_offer, refuse_offer
from provider.pathway.steps import lock_case

ENDED_UP = {"sent": "sent", "delivered": "delivered", "failed": "undelivered"}
"""Our states of a text that went out, in Twilio's words."""

OPT_OUTS = {"STOP": Said.STOP, "START": Said.START, "HELP": Said.NOTHING_TO_DO}
"""What Twilio says it did by itself about a word of its own."""


def text_status(
    public_id: str, *, attempt: int | None, provider_id: str, status: str, code: int | None, now: datetime
) -> None:
    """Twilio says what became of the text with this id of ours. Only ever forward; said twice, done once.

    ``attempt`` is the try that it was told of, where the address says so. It may say so before it has answered our own
    call, which settles a text that nobody knew about, also where a person was asked already.
    """
    text = _named(public_id)
    if text is None or text.tries == 0:
        return
    asked = text.known_by == "person"
    if asked or text.state not in ENDED_UP:
        # Of an earlier try, or against what a person said, only that it arrived after all is news.
        earlier = text.provider_id == provider_id or (attempt or text.tries) < text.tries
        if (earlier or asked) and status not in ARRIVED:
            return
        settling.went_out(text, Sent(provider_id, "sent"), known_by="callback", now=now)
    if text.provider_id == provider_id:
        _follow(text, status, code, now=now)


def _named(public_id: str) -> Text | None:
    """The text with this id, locked, and its case before it: everybody takes the locks in that order."""
    text = db.session.scalars(sa.select(Text).where(Text.public_id == public_id)).one_or_none()
    if text is not None:
        lock_case(text.case_id)
        db.session.refresh(text, with_for_update=True)
    return text


def _follow(text: Text, status: str, code: int | None, *, now: datetime) -> None:
    before = ENDED_UP[text.state]
    after = advance(before, status)
    if after == before or after not in FINAL:
        return
    if after in ARRIVED:
        dispatch.record_arrived(text, now=now)
    else:
        failing.did_not_arrive(text, code=code, temporary=False, now=now)


def reply(provider_id: str, *, from_e164: str, body: str, opt_out: str | None, now: datetime) -> None:
    """Somebody texted us. A number that is unknown, or that several people have, is nobody's: nothing is changed."""
    said = OPT_OUTS.get(opt_out or "") or read_reply(body)
    number, case = _whose(from_e164)
    meaning = _meaning(said, number, case)
    db.session.add(
        Reply(
            provider_id=provider_id[:64],
            case_id=case.id if case is not None else None,
            from_e164=from_e164[:16],
            body=body,
            meaning=str(meaning),
            received_at=now,
        )
    )
    if number is not None:
        _act(meaning, number, case, now=now)


def _whose(e164: str) -> tuple[PhoneNumber | None, Case | None]:
    numbers = db.session.scalars(
        sa.select(PhoneNumber).where(PhoneNumber.e164 == e164, PhoneNumber.ended_at.is_(None)).limit(2)
    ).all()
    if len(numbers) != 1:
        return None, None
    found = sa.select(Case.id).where(Case.person_id == numbers[0].person_id, Case.closed_at.is_(None))
    case_id = db.session.scalars(found).one_or_none()
    return numbers[0], None if case_id is None else lock_case(case_id)


def _meaning(said: Said, number: PhoneNumber | None, case: Case | None) -> Said | Meaning:
    """A bare number means what the last text asked; with two bookings open, or nothing asked, a person reads it."""
    if said not in (Said.ONE, Said.TWO) or number is None or case is None:
        return said
    if booked_appointment(case.id) is not None and coming_place(case.id) is not None:
        return Said.WORDS
    last = db.session.scalars(
        sa.select(Text.kind)
        .where(Text.to_number_id == number.id, Text.case_id == case.id, Text.sent_at.is_not(None))
        .order_by(Text.sent_at.desc(), Text.id.desc())
        .limit(1)
    ).first()
    return (means(last, "1" if said == Said.ONE else "2") if last is not None else None) or Said.WORDS


def _act(meaning: Said | Meaning, number: PhoneNumber, case: Case | None, *, now: datetime) -> None:
    if meaning == Said.STOP:
        _stop(number, case, now=now)
    elif meaning == Said.START:
        number.state = "good" if number.state == "opted_out" else number.state
    elif case is None or meaning == Said.NOTHING_TO_DO:
        return
    elif isinstance(meaning, Meaning):
        confirm_number(number, by="reply", now=now)
        _answer(meaning, case, now=now)
    else:
        _to_be_read(case, now=now)


def _stop(number: PhoneNumber, case: Case | None, *, now: datetime) -> None:
    """No more texts: calls and letters instead. It is never a miss, and nothing else changes."""
    number.state = "opted_out"
    if case is not None:
        cancel_texts(case_id=case.id, because="opted_out", now=now)
        raise_task("text_failed", case_id=case.id, due_at=now, now=now)


def _answer(meaning: Meaning, case: Case, *, now: datetime) -> None:
    person = Actor("participant", case.person_id)
    if meaning in (Meaning.CALL_ME, Meaning.ANOTHER_TIME):
        opening.call_me(case.id, by=person, now=now)
    elif meaning in (Meaning.TAKE_PLACE, Meaning.NO_THANKS):
        act = accept_offer if meaning == Meaning.TAKE_PLACE else refuse_offer
        try:
            act(case.id, by=person, now=now)
        except NoOffer:
            _to_be_read(case, now=now)


def _to_be_read(case: Case, *, now: datetime) -> None:
    raise_task("reply", case_id=case.id, due_at=now, now=now)
