"""A bare 1 or 2: which booking it is about, what it says of it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.participant_page import coming_call
from provider.domain.courses.places import coming_place
from provider.domain.courses.waiting import waiting_of
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging.answers import answer_by_text
from provider.domain.messaging.kinds import Meaning, means
from provider.domain.messaging.models import Reply, Text
from provider.domain.messaging.replies import Said, read_reply
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import opening, short_notice
from provider.pathway.offering import NoOffer, accept_offer, refuse_offer

ASKED_BACK_FOR = timedelta(days=1)
"""How long an answer to "which one?" is taken for one."""

_CHOSEN = tuple(
    str(one) for one in (Meaning.SUITS, Meaning.ANOTHER_TIME, Meaning.TAKE_PLACE, Meaning.NO_THANKS)
)


@dataclass(frozen=True)
class Choice:
    """What was meant; ``of_call`` whether it is about the call in the diary, rather than a session."""

    meaning: Meaning
    of_call: bool


def what_is_meant(digit: str, case: Case, number: PhoneNumber, *, now: datetime) -> Choice | None:
    """What ``digit`` says in answer to the last text that went to this number; None where that asked nothing.

    While a call and a session are both open it is asked back, unless it answers just that.
    """
    last = _last_text(case, number)
    meaning = means(last.kind, digit) if last is not None else None
    if last is None or meaning is None:
        return None
    if meaning in (Meaning.THE_CALL, Meaning.THE_OTHER) and not _answered(last, case):
        return _of_the_one(last, of_call=meaning == Meaning.THE_CALL, case=case, now=now)
    if booked_appointment(case.id) is not None and coming_place(case.id) is not None:
        return Choice(Meaning.ASK_WHICH, of_call=False)
    return None if last.kind == "reply_which" else Choice(meaning, of_call=last.place_id is None)


def _answered(asked: Text, case: Case) -> bool:
    """Whether "which one?" has had its answer: a number that comes later says something else."""
    since = sa.select(Reply.id).where(
        Reply.case_id == case.id, Reply.received_at >= asked.sent_at, Reply.meaning.in_(_CHOSEN)
    )
    return db.session.execute(since.limit(1)).first() is not None


def _last_text(case: Case, number: PhoneNumber) -> Text | None:
    """The last that asked something: what only answered a reply stands between a question and its answer."""
    return db.session.scalars(
        sa.select(Text)
        .where(
            Text.to_number_id == number.id,
            Text.case_id == case.id,
            Text.sent_at.is_not(None),
            sa.or_(~Text.kind.startswith("reply_", autoescape=True), Text.kind == "reply_which"),
        )
        .order_by(Text.sent_at.desc(), Text.id.desc())
        .limit(1)
    ).first()


def _of_the_one(asked: Text, *, of_call: bool, case: Case, now: datetime) -> Choice | None:
    """What was answered before, now that it is known of which."""
    first = db.session.get(Reply, asked.answers_id or 0)
    if first is None or asked.sent_at is None or now - asked.sent_at > ASKED_BACK_FOR:
        return None
    agreed = read_reply(first.body) == Said.ONE
    if not of_call and _is_offered(case.id):
        return Choice(Meaning.TAKE_PLACE if agreed else Meaning.NO_THANKS, of_call=False)
    return Choice(Meaning.SUITS if agreed else Meaning.ANOTHER_TIME, of_call=of_call)


def _is_offered(case_id: int) -> bool:
    waiting = waiting_of(case_id)
    return waiting is not None and waiting.offered_place_id is not None


def carry_out(choice: Choice, reply: Reply, case: Case, number: PhoneNumber, *, now: datetime) -> bool:
    """Do what was chosen. False where that is for a person to see to."""
    person = Actor("participant", case.person_id)
    if choice.meaning == Meaning.ASK_WHICH:
        return answer_by_text("reply_which", reply, case_id=case.id, number_id=number.id, now=now)
    if choice.meaning == Meaning.ANOTHER_TIME:
        return _another_time(choice, reply, case, number, now=now)
    if choice.meaning == Meaning.COME:
        _come(reply, case, number, now=now)
    elif choice.meaning == Meaning.CALL_ME:
        opening.call_me(case.id, by=person, now=now)
    elif choice.meaning in (Meaning.TAKE_PLACE, Meaning.NO_THANKS):
        act = accept_offer if choice.meaning == Meaning.TAKE_PLACE else refuse_offer
        try:
            act(case.id, by=person, now=now)
        except NoOffer:
            return False
    return True


def _come(reply: Reply, case: Case, number: PhoneNumber, *, now: datetime) -> None:
    """The place goes to the first; whoever says yes after them is told that it has gone."""
    try:
        short_notice.come(case.id, by=Actor("participant", case.person_id), now=now)
    except short_notice.PlaceGone:
        answer_by_text("reply_place_gone", reply, case_id=case.id, number_id=number.id, now=now)


def _another_time(choice: Choice, reply: Reply, case: Case, number: PhoneNumber, *, now: datetime) -> bool:
    """A link to where the call is moved; where it cannot be moved there any more, or it is a session, a call."""
    call = coming_call(case.id, now=now) if choice.of_call else None
    if call is not None and call.can_move:
        return answer_by_text("reply_link", reply, case_id=case.id, number_id=number.id, now=now)
    opening.call_me(case.id, by=Actor("participant", case.person_id), now=now)
    answer_by_text("reply_will_ring", reply, case_id=case.id, number_id=number.id, now=now)
    return True
