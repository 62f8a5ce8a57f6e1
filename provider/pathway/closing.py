"""How a referral ends, and how one that ended is opened again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.reviews import overtake_review
from provider.domain.referrals.status import ENDED, Status
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import deadlines, reminding
from provider.pathway.counting import CAME_BACK
from provider.pathway.steps import lock_case, lock_person, move, open_referrals, tell, terms_of_each
from provider.pathway.weighing import intelligence_log, level_that_counts, weigh

CAN_COME_BACK = frozenset({Status.NOT_ENGAGED, Status.NOT_REACHED})


class AlreadyEnded(Refusal):
    code = "already_ended"
    sentence = "This referral has already ended."


class AlreadyOpen(Refusal):
    code = "already_open"
    sentence = "This referral is open."


class TooLateToReopen(Refusal):
    code = "too_late_to_reopen"
    sentence = "The scheme's time for coming back has passed. The force can refer them again."


class HasAnotherCase(Refusal):
    code = "has_another_case"
    sentence = "They have been referred again since. Carry on with the newer referral."


def complete(case: Case, *, by: Actor, now: datetime) -> None:
    """Everything asked was done: each open referral ends completed, at the level that its scheme counts."""
    for referral in open_referrals(case.id):
        _complete(referral, by=by, now=now)


def complete_where(
    case: Case,
    done: Callable[[Referral], bool],
    *,
    by: Actor,
    now: datetime,
    happened_at: datetime | None = None,
) -> Sequence[Referral]:
    """End the referrals of which everything asked was done, by their own terms; answers those that go on."""
    for referral in open_referrals(case.id):
        if done(referral):
            _complete(referral, by=by, now=now, happened_at=happened_at)
    return open_referrals(case.id)


def complete_where_assessment_counts(
    case: Case, *, by: Actor, now: datetime, happened_at: datetime | None = None
) -> None:
    """End the referrals whose scheme asks for no more than the assessment; the others go on."""
    complete_where(
        case,
        lambda referral: level_that_counts(referral) == "assessment",
        by=by,
        now=now,
        happened_at=happened_at,
    )


def complete_after_all(
    referral: Referral, *, reason: str, corrects: str | None, by: Actor, now: datetime
) -> None:
    """A referral that had ended otherwise was completed: the force reads a correction, without a bar or a log."""
    clear_ending(referral, now=now)
    _complete(referral, reason=reason, corrects=corrects, by=by, now=now)


def _complete(
    referral: Referral,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    corrects: str | None = None,
    happened_at: datetime | None = None,
) -> None:
    referral.level = level_that_counts(referral)
    weigh(referral, Status.COMPLETED, now=now)
    move(
        referral,
        Status.COMPLETED,
        by=by,
        now=now,
        reason=reason,
        corrects=corrects,
        happened_at=happened_at,
    )


def end_not_engaged(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """They declined, or used up the chances that the scheme gives. Each force reads its own scheme's sentence.

    ``reason``: no_response, declined, missed_assessment or missed_intervention.
    """
    for referral in open_referrals(case.id):
        weigh(referral, Status.NOT_ENGAGED, now=now)
        referral.ended_reason = reason
        log = intelligence_log(referral, reason=reason)
        move(referral, Status.NOT_ENGAGED, by=by, now=now, reason=reason, intelligence_log=log)


def end_not_reached(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """Nobody's fault: no log, no bar, and the force reads no reason."""
    for referral in open_referrals(case.id):
        weigh(referral, Status.NOT_REACHED, now=now)
        referral.ended_reason = reason
        move(referral, Status.NOT_REACHED, by=by, now=now, reason=reason)


def withdraw(referral: Referral, *, reason: str, by: Actor, now: datetime) -> bool:
    """The force takes a referral back; answers False, changing nothing, where it already had.

    What the case holds is released unless another force's referral still needs it. Raises AlreadyEnded.
    """
    hold_still(referral)
    if referral.status == Status.WITHDRAWN:
        return False
    if referral.status in ENDED:
        raise AlreadyEnded
    weigh(referral, Status.WITHDRAWN, now=now)
    referral.ended_reason = reason
    move(referral, Status.WITHDRAWN, by=by, now=now, reason=reason)
    finish_tasks(referral_id=referral.id, by=str(by), now=now)
    return True


def hold_still(referral: Referral) -> None:
    """The referral as it stands, whose person and case nobody else changes until the transaction ends."""
    lock_person(referral.person_id)
    db.session.refresh(referral)
    if referral.case_id is not None:
        lock_case(referral.case_id)
        db.session.refresh(referral)


def reopen(case_id: int, *, by: Actor, now: datetime) -> None:
    """Somebody came back in time. Bars and logs are withdrawn by corrections, and calling starts again.

    Raises AlreadyOpen, TooLateToReopen where no referral of the case may be opened any more, HasAnotherCase where the
    person has an open case by now.
    """
    lock_person(db.session.get_one(Case, case_id).person_id)
    case = lock_case(case_id)
    if case.closed_at is None:
        raise AlreadyOpen
    coming_back = [referral for referral in _ended_referrals(case_id) if _in_time(referral, now)]
    if not coming_back:
        raise TooLateToReopen
    open_again(case, now=now)
    case.misses = 0
    for referral in coming_back:
        _reopen(referral, by=by, now=now)
    begin_again(case, coming_back, now=now)
    if any(referral.status == Status.ACCEPTED for referral in coming_back):
        case.next_call_at, case.next_call_why = now, "Came back: ring them"
    else:
        raise_task("place", case_id=case_id, due_at=now, now=now)


def begin_again(case: Case, coming_back: Sequence[Referral], *, now: datetime) -> None:
    """What is due is counted anew from the day on which they came back, or were found not to have ended."""
    calling = [referral for referral in coming_back if referral.status == Status.ACCEPTED]
    assessed = [referral for referral in coming_back if referral.status == Status.ASSESSED]
    if calling:
        deadlines.begin_calling(case, terms_of_each(calling), now=now)
    if assessed:
        deadlines.begin_course(case, terms_of_each(assessed), now=now)


def open_again(case: Case, *, now: datetime) -> None:
    """A closed case is open again, and nobody asks yet how it went. The person is locked already.

    Raises HasAnotherCase.
    """
    other = sa.select(Case.id).where(
        Case.person_id == case.person_id, Case.closed_at.is_(None), Case.id != case.id
    )
    if db.session.execute(other).first() is not None:
        raise HasAnotherCase
    case.closed_at = None
    reminding.forget_survey(case, now=now)


def _reopen(referral: Referral, *, by: Actor, now: datetime) -> None:
    ended = referral.status
    clear_ending(referral, now=now)
    to = Status.ACCEPTED if referral.level == "none" else Status.ASSESSED
    move(referral, to, by=by, now=now, reason=CAME_BACK)
    if ended == Status.NOT_ENGAGED:
        tell(referral, "outcome.corrected", now=now, corrects=last_event(referral.id, "referral.not_engaged"))


def clear_ending(referral: Referral, *, now: datetime) -> None:
    """Nothing of how it ended stands against anybody any more."""
    referral.may_reoffer, referral.bar_until, referral.ended_reason = True, None, None
    overtake_review(referral.id, now=now)


def _ended_referrals(case_id: int) -> list[Referral]:
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(Referral.case_id == case_id, Referral.status.in_(CAN_COME_BACK))
            .order_by(Referral.id)
        )
    )


def _in_time(referral: Referral, now: datetime) -> bool:
    window = timedelta(days=scheme_under(referral.terms_id).terms.back_within_days)
    return referral.closed_at is not None and now <= referral.closed_at + window


def last_event(referral_id: int, *event_types: str) -> str | None:
    """The public id of the latest event of these types about a referral."""
    return db.session.scalars(
        sa.select(ComplianceEvent.public_id)
        .where(ComplianceEvent.referral_id == referral_id, ComplianceEvent.type.in_(event_types))
        .order_by(ComplianceEvent.id.desc())
        .limit(1)
    ).first()
