"""How a referral ends, and how one that ended is opened again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.domain.compliance import outcomes
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.ladder import AttemptFact, counted, log_dates
from provider.domain.contact.models import ContactAttempt
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.contact.tasks import finish_tasks
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import ENDED, OPEN, Status
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.steps import lock_case, move, open_referrals, tell

CAN_COME_BACK = frozenset({Status.NOT_ENGAGED, Status.NOT_REACHED})


class AlreadyEnded(Refusal):
    code = "already_ended"
    sentence = "This referral has already ended."


class TooLateToReopen(Refusal):
    code = "too_late_to_reopen"
    sentence = "The scheme's time for coming back has passed. The force can refer them again."


class HasAnotherCase(Refusal):
    code = "has_another_case"
    sentence = "They have been referred again since. Carry on with the newer referral."


def complete(case: Case, *, by: Actor, now: datetime) -> None:
    """Everything asked was done: each open referral ends completed, at the level that its scheme counts."""
    for referral in open_referrals(case.id):
        _complete(referral, scheme_under(referral.terms_id), by=by, now=now)


def complete_where_assessment_counts(case: Case, *, by: Actor, now: datetime) -> None:
    """End the referrals whose scheme asks for no more than the assessment; the others go on."""
    for referral in open_referrals(case.id):
        scheme = scheme_under(referral.terms_id)
        if scheme.terms.level_that_counts == "assessment":
            _complete(referral, scheme, by=by, now=now)


def _complete(referral: Referral, scheme: SchemeNow, *, by: Actor, now: datetime) -> None:
    referral.level = scheme.terms.level_that_counts
    referral.may_reoffer = not _limit_reached(referral, scheme)
    move(referral, Status.COMPLETED, by=by, now=now)


def end_not_engaged(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """They declined, or used up the chances that the scheme gives. Each force reads its own scheme's sentence.

    ``reason``: no_response, declined, missed_assessment or missed_intervention.
    """
    for referral in open_referrals(case.id):
        scheme = scheme_under(referral.terms_id)
        if scheme.terms.bars():
            referral.may_reoffer = False
            referral.bar_until = add_months(london_date(now), scheme.terms.bar_months or 0)
        else:
            referral.may_reoffer = not _limit_reached(referral, scheme)
        referral.ended_reason = reason
        log = {"text": _log_text(referral, scheme), "reason": reason}
        move(referral, Status.NOT_ENGAGED, by=by, now=now, reason=reason, intelligence_log=log)


def end_not_reached(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """Nobody's fault: no log, no bar, and the force reads no reason."""
    for referral in open_referrals(case.id):
        referral.may_reoffer = True
        referral.ended_reason = reason
        move(referral, Status.NOT_REACHED, by=by, now=now, reason=reason)


def withdraw(referral: Referral, *, reason: str, by: Actor, now: datetime) -> bool:
    """The force takes a referral back; answers False, changing nothing, where it already had.

    What the case holds is released unless another force's referral still needs it. Raises AlreadyEnded.
    """
    if referral.case_id is not None:
        lock_case(referral.case_id)
        db.session.refresh(referral)
    if referral.status == Status.WITHDRAWN:
        return False
    if referral.status in ENDED:
        raise AlreadyEnded
    referral.ended_reason = reason
    move(referral, Status.WITHDRAWN, by=by, now=now, reason=reason)
    finish_tasks(referral_id=referral.id, by=str(by), now=now)
    return True


def reopen(case_id: int, *, by: Actor, now: datetime) -> None:
    """Somebody came back in time. Bars and logs are withdrawn by corrections, and calling starts again.

    Raises TooLateToReopen where no referral of the case may be opened any more, HasAnotherCase where the person has
    an open case by now.
    """
    case = lock_case(case_id)
    coming_back = [referral for referral in _ended_referrals(case_id) if _in_time(referral, now)]
    if not coming_back:
        raise TooLateToReopen
    other = sa.select(Case.id).where(
        Case.person_id == case.person_id, Case.closed_at.is_(None), Case.id != case_id
    )
    if db.session.execute(other).first() is not None:
        raise HasAnotherCase
    case.closed_at = None
    case.misses = 0
    case.next_call_at = now
    case.next_call_why = "Came back: ring them"
    for referral in coming_back:
        _reopen(referral, by=by, now=now)


def _reopen(referral: Referral, *, by: Actor, now: datetime) -> None:
    ended = referral.status
    referral.may_reoffer = True
    referral.bar_until = None
    referral.ended_reason = None
    to = Status.ACCEPTED if referral.level == "none" else Status.ASSESSED
    move(referral, to, by=by, now=now, reason="came_back")
    if ended == Status.NOT_ENGAGED:
        tell(referral, "outcome.corrected", now=now, corrects=last_event(referral.id, "referral.not_engaged"))


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


def last_event(referral_id: int, event_type: str) -> str | None:
    """The public id of the latest event of a type about a referral."""
    return db.session.scalars(
        sa.select(ComplianceEvent.public_id)
        .where(ComplianceEvent.referral_id == referral_id, ComplianceEvent.type == event_type)
        .order_by(ComplianceEvent.id.desc())
        .limit(1)
    ).first()


def _limit_reached(referral: Referral, scheme: SchemeNow) -> bool:
    """Whether this was the last time that a scheme with a limit offers itself to the person."""
    if scheme.terms.repeat_rule != "up_to" or scheme.terms.repeat_limit is None:
        return False
    counted = {*OPEN, Status.COMPLETED, Status.NOT_ENGAGED}
    times = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Referral)
        .where(
            Referral.person_id == referral.person_id,
            Referral.scheme_id == referral.scheme_id,
            Referral.status.in_(counted),
        )
    )
    return (times or 0) >= scheme.terms.repeat_limit


def _log_text(referral: Referral, scheme: SchemeNow) -> str:
    made = attempts_of(referral.case_id)
    return outcomes.intelligence_log_text(
        scheme.terms.intelligence_sentence,
        reference=referral.reference,
        attempts=len(counted(made)),
        days=log_dates(made),
    )


def attempts_of(case_id: int | None) -> list[AttemptFact]:
    """The calls made for a case, as the ladder reads them."""
    rows = db.session.scalars(
        sa.select(ContactAttempt).where(ContactAttempt.case_id == case_id).order_by(ContactAttempt.at)
    )
    return [AttemptFact(row.at, AttemptOutcome[row.outcome.upper()], row.call_back_at) for row in rows]


def add_months(day: date, months: int) -> date:
    """The same day some months later, or that month's last day where it has no such day."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def level_that_counts(referral: Referral) -> str:
    """The level at which the referral's scheme counts somebody as having done what was asked."""
    return scheme_under(referral.terms_id).terms.level_that_counts
