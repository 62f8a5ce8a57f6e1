"""The drug worker rings: each call is recorded, and the ladder says when next, or that calling is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.ladder import Ending, NextCall, StopCalling
from provider.domain.contact.models import ContactAttempt, Note, Task
from provider.domain.contact.outcomes import NUMBER_DEAD, SPOKE, AttemptOutcome
from provider.domain.contact.tasks import NUMBER_TASKS, finish_tasks, raise_task
from provider.domain.messaging.outbox import kill_links
from provider.domain.messaging.reading import read_replies
from provider.domain.people.models import PhoneNumber
from provider.domain.people.reach import WhoSees
from provider.domain.people.records import confirm_number, current_number, give_number, number_rung_at
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import closing, disowning, meeting_needs, reminding
from provider.pathway.disowning import stop_number
from provider.pathway.keeping import has_come
from provider.pathway.ringing import ladder_of, plan_next_call
from provider.pathway.steps import lock_case, lock_person, open_referrals

CALL_TASKS = ("call_me", "reply", "link_locked")


class CaseClosed(Refusal):
    code = "case_closed"
    sentence = "This referral has ended. Reopen it first if they have come back."


class AlreadyTaken(Refusal):
    code = "already_taken"
    sentence = "A colleague has just taken this one. Take the next."


class CallsNotDone(Refusal):
    code = "calls_not_done"
    sentence = "There are calls still to make, or time for them to ring back, before this can be closed."


class CallBackPast(Refusal):
    code = "call_back_past"
    sentence = "Choose a time to ring back that is after the call."


def take_on(case_id: int, *, by: Actor, now: datetime) -> None:
    """Put a case that nobody has on the worker's own caseload. Raises AlreadyTaken, CaseClosed."""
    if _open(case_id).assigned_to_id not in {None, by.account_id}:
        raise AlreadyTaken
    assign(case_id, by.account_id, by=by, now=now)


def assign(case_id: int, worker_id: int, *, by: Actor, now: datetime) -> None:
    case = _open(case_id)
    case.assigned_to_id = worker_id
    record("case.assigned", "case", case_id, by=by, now=now, person_id=case.person_id, to=worker_id)


def record_attempt(
    case_id: int,
    *,
    outcome: AttemptOutcome,
    number_confirmed: bool = False,
    call_back_at: datetime | None = None,
    who_sees: WhoSees | None = None,
    at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> NextCall | StopCalling | None:
    """Record a call as it went. Answers what the ladder says next, None where calling is not what is due.

    ``number_confirmed``: their own voice said that the number is theirs. ``who_sees``: what they said about who else
    sees the phone. ``at``: when it was made, where that was before now; what is known since then outweighs it, and it
    counts among the calls all the same. Raises CaseClosed, CallBackPast, NotYet, BeforeTheyCame.
    """
    case = _open(case_id)
    made_at = at or now
    has_come(made_at, case, now=now)
    if call_back_at is not None and call_back_at <= made_at:
        raise CallBackPast
    number = number_rung_at(case.person_id, made_at)
    outweighed = at is not None and _outweighed(case, number, made_at)
    _write_down(case, outcome, number, call_back_at, at=made_at, by=by, now=now)
    if outweighed:
        return plan_next_call(case, now=now)
    if number is not None:
        _learn(number, outcome, confirmed=number_confirmed, who_sees=who_sees, now=now)
    if outcome in SPOKE:
        _spoke(case, made_at, by=by, now=now)
    elif outcome in NUMBER_DEAD:
        reminding.forget_first_call(case, because="number_dead", now=now)
    follows = _follow(case, outcome, made_at, by=by, now=now)
    if follows is None and call_back_at is not None:
        raise_task("call_me", case_id=case_id, due_at=call_back_at, now=now)
    return follows


def _outweighed(case: Case, number: PhoneNumber | None, made_at: datetime) -> bool:
    """Whether more is known by now than a call of then can say: by a later call, of the number, or on another."""
    later = sa.select(ContactAttempt.id).where(ContactAttempt.case_id == case.id, ContactAttempt.at > made_at)
    doubted = sa.select(Task.id).where(
        Task.case_id == case.id, Task.kind.in_(NUMBER_TASKS), Task.created_at > made_at
    )
    replaced = number is not None and number.ended_at is not None
    return replaced or any(db.session.execute(one.limit(1)).first() for one in (later, doubted))


def _write_down(
    case: Case,
    outcome: AttemptOutcome,
    number: PhoneNumber | None,
    call_back_at: datetime | None,
    *,
    at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """The call as it went; whoever makes the first one has the case from then on."""
    db.session.add(
        ContactAttempt(
            case_id=case.id,
            at=at,
            by_id=by.account_id,
            outcome=outcome,
            number_id=number.id if number is not None else None,
            call_back_at=call_back_at,
        )
    )
    db.session.flush()
    case.assigned_to_id = case.assigned_to_id or by.account_id
    record(
        "contact.attempted",
        "case",
        case.id,
        by=by,
        now=now,
        person_id=case.person_id,
        outcome=str(outcome),
        **({} if at == now else {"made_at": at.isoformat()}),
    )


def _learn(
    number: PhoneNumber,
    outcome: AttemptOutcome,
    *,
    confirmed: bool,
    who_sees: WhoSees | None,
    now: datetime,
) -> None:
    if outcome in NUMBER_DEAD:
        stop_number(number, now=now)
    elif confirmed or outcome in SPOKE:
        confirm_number(number, by="voice", now=now)
    if who_sees is not None:
        number.who_sees = who_sees


def _spoke(case: Case, made_at: datetime, *, by: Actor, now: datetime) -> None:
    """They were spoken to: whatever waited for that is done, and a number that answers is no longer in doubt."""
    _finish(case, CALL_TASKS, made_at, by=by, now=now)
    disowning.found(case.id, by=by, now=now)
    reminding.forget_first_call(case, because="contacted", now=now)


def _follow(
    case: Case, outcome: AttemptOutcome, made_at: datetime, *, by: Actor, now: datetime
) -> NextCall | StopCalling | None:
    if outcome is AttemptOutcome.DECLINED:
        closing.end_not_engaged(case, reason="declined", by=by, now=now)
        return StopCalling(Ending.DECLINED, "They declined when they were rung.", now)
    decision = plan_next_call(case, now=now)
    if isinstance(decision, StopCalling):
        kind = "number_suspect" if outcome in NUMBER_DEAD else "ladder_done"
        raise_task(kind, case_id=case.id, due_at=max(decision.not_before, now), now=now)
    elif isinstance(decision, NextCall):
        # The ladder goes on: who asked to be rung will be. Elsewhere only being spoken to ends that.
        _finish(case, CALL_TASKS, made_at, by=by, now=now)
    elif outcome in NUMBER_DEAD:
        raise_task("number_suspect", case_id=case.id, due_at=now, now=now)
    return decision


def _finish(case: Case, kinds: Sequence[str], made_at: datetime, *, by: Actor, now: datetime) -> None:
    """What waited when the call was made is done by it; what came after it still waits."""
    finish_tasks(case.id, kinds=kinds, raised_by=made_at, by=str(by), now=now)
    if "reply" in kinds:
        read_replies(case.id, received_by=made_at, by=by, now=now)


def close_after_calls(case_id: int, *, by: Actor, now: datetime) -> Ending:
    """End a case as the ladder allows: not engaged where the number works and everything was tried, else not reached.

    Raises CallsNotDone while there is a call to make, or time left for them to ring back.
    """
    case = _open(case_id)
    if any(referral.status != Status.ACCEPTED for referral in open_referrals(case_id)):
        raise CallsNotDone
    decision = ladder_of(case, now=now)
    if isinstance(decision, NextCall) or decision.not_before > now:
        raise CallsNotDone
    if decision.ending == Ending.NOT_REACHED:
        closing.end_not_reached(case, reason="not_reached", by=by, now=now)
    else:
        reason = "declined" if decision.ending == Ending.DECLINED else "no_response"
        closing.end_not_engaged(case, reason=reason, by=by, now=now)
    return decision.ending


def change_number(
    case_id: int, as_given: str, *, confirmed_by: str | None, by: Actor, now: datetime
) -> PhoneNumber:
    """Ring another number from now on; links sent to the old one lead nowhere any more. Raises CaseClosed."""
    lock_person(db.session.get_one(Case, case_id).person_id)
    case = _open(case_id)
    old = current_number(case.person_id)
    if old is not None:
        kill_links(number_id=old.id, now=now)
    number = give_number(
        case.person_id,
        as_given,
        texts_wanted=old.texts_wanted if old is not None else True,
        voicemail_wanted=False,
        confirmed_by=confirmed_by,
        now=now,
    )
    meeting_needs.number_came(case, by=by, now=now)
    disowning.found(case_id, by=by, now=now)
    record("number.changed", "person", case.person_id, by=by, now=now, person_id=case.person_id)
    plan_next_call(case, now=now)
    return number


def write_note(case_id: int, *, kind: str, text: str, by: Actor, now: datetime) -> Note:
    """Add words to a case: ordinary, sensitive or safeguarding. A safeguarding note waits to be acknowledged.

    Notes can be added after a case has ended; none is ever rewritten.
    """
    case = db.session.get_one(Case, case_id)
    note = Note(case_id=case_id, at=now, by_id=by.account_id, kind=kind, text=text)
    db.session.add(note)
    db.session.flush()
    record("note.written", "case", case_id, by=by, now=now, person_id=case.person_id, kind=kind)
    if kind == "safeguarding":
        raise_task("safeguarding", case_id=case_id, due_at=now, now=now)
    return note


def _open(case_id: int) -> Case:
    case = lock_case(case_id)
    if case.closed_at is not None:
        raise CaseClosed
    return case
