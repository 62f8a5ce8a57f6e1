"""Somebody texted us: whose it is, what it says, and what follows. What no machine can tell waits for a person.

A number that is unknown, or that several people have, is nobody's: nothing is changed by it until a person says whose
it is, see ``sorting``.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.caseload.whose_number import Whose, whose_number
from provider.domain.contact.service_hours import are_open
from provider.domain.contact.tasks import raise_task
from provider.domain.diary.closures import closed_days
from provider.domain.messaging import redactions
from provider.domain.messaging.answers import (
    answer_by_text,
    answered_lately,
    can_be_answered,
    words_for_nobody,
)
from provider.domain.messaging.danger import language_of_danger
from provider.domain.messaging.kinds import Meaning
from provider.domain.messaging.languages import FALLBACK
from provider.domain.messaging.models import Reply
from provider.domain.messaging.replies import Said, read_reply
from provider.domain.people.models import PhoneNumber
from provider.domain.people.records import confirm_number
from provider.domain.referrals.models import Case
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db, insert_or
from provider.pathway import alerting, choosing, opening
from provider.pathway.disowning import disown
from provider.pathway.steps import lock_case
from provider.pathway.stopping import stop_texts, take_texts_again

OPT_OUTS = {"STOP": Said.STOP, "START": Said.START, "HELP": Said.NOTHING_TO_DO}
"""What Twilio says it did by itself about a word of its own, in whatever language that is set up there."""

MAKES_NO_WORK = frozenset({Said.NOTHING_TO_DO, Said.START})
NUMBERS = {Said.ONE: "1", Said.TWO: "2", Said.YES: "1", Said.AGREES: "1"}


def answer_at_once(sender: str, body: str, *, opt_out: str | None, now: datetime) -> tuple[str, str] | None:
    """What a number that is no one person's is answered in the same breath, as (kind, words); None for nothing.

    A text goes out about a case, and here is none. Whom to ring where a life is in danger is said at any hour, that we
    are not here once in a conversation; nothing is said about anybody. Reads only.
    """
    if opt_out or not can_be_answered(sender) or whose_number(sender).waits_because is None:
        return None
    said = read_reply(body)
    if said == Said.DANGER:
        kind, language = "reply_danger", language_of_danger(body) or FALLBACK
    elif said in (Said.WORDS, Said.CALL_ME) and not _are_open(now):
        kind, language = "reply_out_of_hours", FALLBACK
    else:
        return None
    if answered_lately(kind, sender, now=now):
        return None
    return kind, words_for_nobody(kind, language=language)


def reply(provider_id: str, *, from_e164: str, body: str, opt_out: str | None, now: datetime) -> None:
    """Somebody texted us. Told of again, however much later, it changes nothing."""
    redactions.note(provider_id[:64], text_id=None, now=now)
    whose = whose_number(from_e164)
    case, number = _lock(whose)
    said = OPT_OUTS.get(opt_out or "") or read_reply(body)
    if said == Said.YES and number is not None and number.state == "opted_out":
        said = Said.START
    written = _keep(provider_id, from_e164, body, said, whose, now=now)
    if written is None:
        return
    if case is not None and number is not None:
        act(written, said, case, number, now=now)
    elif number is not None and said in (Said.STOP, Said.START):
        _stop_or_start(said, number, None, now=now)
        written.waits_because = None


def _lock(whose: Whose) -> tuple[Case | None, PhoneNumber | None]:
    """The case and the number, locked; the number may have gone to somebody else while we waited."""
    case = lock_case(whose.case_id) if whose.case_id is not None else None
    if whose.number_id is None:
        return case, None
    found = sa.select(PhoneNumber).where(PhoneNumber.id == whose.number_id, PhoneNumber.ended_at.is_(None))
    number = db.session.scalars(
        found.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    return case, number


def _keep(
    provider_id: str, from_e164: str, body: str, said: Said, whose: Whose, *, now: datetime
) -> Reply | None:
    """The reply as it came; None where it was kept before."""
    waits = whose.waits_because if _needs_a_person(said, whose) else None
    row = {
        "provider_id": provider_id[:64],
        "case_id": whose.case_id if whose.waits_because is None else None,
        "from_e164": from_e164[:16],
        "body": body,
        "meaning": str(said),
        "received_at": now,
        "waits_because": waits,
        "read_at": now if said in MAKES_NO_WORK else None,
        "read_by": str(SYSTEM) if said in MAKES_NO_WORK else None,
    }
    kept = (
        insert_or(Reply)
        .values(row)
        .on_conflict_do_nothing(index_elements=["provider_id"])
        .returning(Reply.id)
    )
    made = db.session.execute(kept).first()
    return None if made is None else db.session.get_one(Reply, made.id)


def _needs_a_person(said: Said, whose: Whose) -> bool:
    """Thanks need nobody; STOP from a number that nobody has neither, but one that two share stops both."""
    return said not in MAKES_NO_WORK and not (said == Said.STOP and whose.waits_because == "unknown")


def act(reply: Reply, said: Said, case: Case, number: PhoneNumber, *, now: datetime) -> None:
    """What follows from a reply of this person, whose case and number are locked."""
    if said in (Said.STOP, Said.START):
        _stop_or_start(said, number, case, now=now)
        _read(reply, now=now)
    elif said == Said.DANGER:
        alerting.raise_alarm(case, reply, number_id=number.id, now=now)
        to_be_read(reply, case, now=now)
    elif said == Said.NOT_THEIRS:
        disown(case, number, by=Actor("participant", case.person_id), now=now)
        _read(reply, now=now)
    elif said in NUMBERS:
        _choose(reply, said, case, number, now=now)
    elif said == Said.CALL_ME:
        _ring(reply, case, now=now)
        _read(reply, now=now)
    elif said == Said.WORDS:
        to_be_read(reply, case, now=now)
        if not _are_open(now):
            answer_by_text("reply_out_of_hours", reply, case_id=case.id, number_id=number.id, now=now)


def _are_open(now: datetime) -> bool:
    return are_open(now, closures=closed_days(since=london_date(now)))


def _stop_or_start(said: Said, number: PhoneNumber, case: Case | None, *, now: datetime) -> None:
    (stop_texts if said == Said.STOP else take_texts_again)(number, case, now=now)


def _choose(reply: Reply, said: Said, case: Case, number: PhoneNumber, *, now: datetime) -> None:
    """A number, or a yes, means what was asked last; where nothing was, or "yes" could mean more, a person reads it."""
    choice = choosing.what_is_meant(NUMBERS[said], case, number, now=now)
    certain = said in (Said.ONE, Said.TWO) or (choice is not None and choice.meaning == Meaning.SUITS)
    if choice is None or not certain:
        to_be_read(reply, case, now=now)
        return
    reply.meaning = str(choice.meaning)
    confirm_number(number, by="reply", now=now)
    if choosing.carry_out(choice, reply, case, number, now=now):
        _read(reply, now=now)
    else:
        to_be_read(reply, case, now=now)


def _ring(reply: Reply, case: Case, *, now: datetime) -> None:
    person = Actor("participant", case.person_id)
    opening.call_me(case.id, asked=reply.body, by=person, now=now)


def to_be_read(reply: Reply, case: Case, *, now: datetime) -> None:
    """It waits in the drug worker's thread."""
    reply.read_at = reply.read_by = None
    raise_task("reply", case_id=case.id, due_at=now, now=now)


def _read(reply: Reply, *, now: datetime) -> None:
    reply.read_at, reply.read_by = now, str(SYSTEM)
