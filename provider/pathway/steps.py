"""The only writer of a referral's status. Every move checks MOVES, leaves its event, tells the force what the table
says, and carries out the consequences of where it arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.compliance import outcomes
from provider.domain.compliance.feed import Told, publish
from provider.domain.contact.tasks import finish_tasks
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral, ReferralEvent
from provider.domain.referrals.status import ENDED, MOVES, OPEN, Status
from provider.domain.schemes.queries import scheme_under
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import holding, reminding


class CannotMove(Refusal):
    code = "cannot_move"
    sentence = "The referral has moved on since you looked. Look at it again before you change it."


def begin(referral: Referral, *, by: Actor, now: datetime) -> None:
    """Record where a new referral starts (accepted, held or declined) and tell the force what follows from that."""
    _leave_behind(referral, None, by=by, now=now, reason=referral.decline_reason)


def move(
    referral: Referral,
    to: Status,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    intelligence_log: dict[str, Any] | None = None,
    corrects: str | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Move one referral. Raises CannotMove where the table does not know the move or somebody else moved it first.

    ``corrects`` names the event that the move puts right: the force is then told of a correction, whatever the move.
    ``happened_at``: when it came about, where that was before it is recorded. A force reads it of the assessment
    alone, which everybody has: of what follows, it would show who was on no course.
    """
    before = Status(referral.status)
    if to not in MOVES[before]:
        raise CannotMove
    changed = db.session.execute(
        sa.update(Referral)
        .where(Referral.id == referral.id, Referral.status == before)
        .values(status=to, status_at=now)
        .returning(Referral.id)
    ).first()
    if changed is None:
        raise CannotMove
    db.session.refresh(referral)
    _leave_behind(
        referral,
        before,
        by=by,
        now=now,
        reason=reason,
        intelligence_log=intelligence_log,
        corrects=corrects,
        happened_at=happened_at,
    )


def move_case(
    case: Case,
    to: Status,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Move every open referral that the case serves: each force hears of its own."""
    for referral in open_referrals(case.id):
        if referral.status != to:
            move(referral, to, by=by, now=now, reason=reason, happened_at=happened_at)


def open_referrals(case_id: int) -> list[Referral]:
    """The referrals a case serves that have not ended, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(Referral.case_id == case_id, Referral.status.in_(OPEN))
            .order_by(Referral.id)
        )
    )


def terms_of(case: Case) -> Terms:
    """The terms that a case is served under: its oldest open referral's."""
    return terms_of_each(open_referrals(case.id))[0]


def terms_of_each(referrals: Sequence[Referral]) -> list[Terms]:
    """The terms of each referral that a case serves.

    Where they differ in how often somebody is rung or may miss, the most that one of them gives is given: what one
    force's scheme still allows cannot be over because of another's.
    """
    return [scheme_under(referral.terms_id).terms for referral in referrals]


def lock_person(person_id: int) -> None:
    """The person, locked until the transaction ends, for whoever opens or joins a case or changes the number to ring.

    Always before the case, and the case before anything else, so that nobody waits for somebody who waits for them.
    """
    person = sa.select(Person.id).where(Person.id == person_id)
    db.session.execute(person.with_for_update(key_share=True))


def lock_case(case_id: int) -> Case:
    """The case, locked until the transaction ends: two people changing one case take turns."""
    return db.session.scalars(
        sa.select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def lock_open_case(person_id: int) -> Case | None:
    """The person's open case, if they have one; person and case locked until the transaction ends."""
    lock_person(person_id)
    return db.session.scalars(
        sa.select(Case)
        .where(Case.person_id == person_id, Case.closed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _leave_behind(
    referral: Referral,
    before: Status | None,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    intelligence_log: dict[str, Any] | None = None,
    corrects: str | None = None,
    happened_at: datetime | None = None,
) -> None:
    to = Status(referral.status)
    db.session.add(
        ReferralEvent(
            referral_id=referral.id,
            at=now,
            happened_at=happened_at,
            by=str(by),
            from_status=before,
            to_status=to,
            reason=reason,
        )
    )
    if to == Status.ASSESSED and referral.level == "none":
        referral.level = "assessment"
    told = MOVES[before][to] if corrects is None else "outcome.corrected"
    if told is not None and scheme_under(referral.terms_id).terms.tells(told):
        tell(
            referral,
            told,
            now=now,
            intelligence_log=intelligence_log,
            corrects=corrects,
            happened_at=happened_at if told == "assessment.attended" else None,
        )
    record(
        "referral.moved", "referral", referral.id, by=by, now=now, person_id=referral.person_id, to=str(to)
    )
    for consequence in CONSEQUENCES[to]:
        consequence(referral, now)


def tell(
    referral: Referral,
    event_type: str,
    *,
    now: datetime,
    intelligence_log: dict[str, Any] | None = None,
    corrects: str | None = None,
    happened_at: datetime | None = None,
) -> str:
    """Write one compliance event about where the referral stands, and return the event's public id."""
    scheme = scheme_under(referral.terms_id)
    told = Told(
        type=event_type,
        reference=referral.reference,
        force_reference=referral.force_reference,
        scheme=scheme.code,
        compliance=outcomes.compliance(
            status=referral.status,
            level=referral.level,
            may_reoffer=referral.may_reoffer,
            bar_until=referral.bar_until,
            rule=scheme.rule,
            tells_level=scheme.terms.tells("assessment.attended"),
        ),
        intelligence_log=intelligence_log,
        corrects=corrects,
    )
    occurred_at = happened_at or now
    return publish(
        told, force_id=referral.force_id, referral_id=referral.id, occurred_at=occurred_at, now=now
    )


def _end(referral: Referral, now: datetime) -> None:
    referral.closed_at = now


def _stay_open(referral: Referral, _now: datetime) -> None:
    if referral.closed_at is not None:
        referral.closed_at = None


def _close_case_served_out(referral: Referral, now: datetime) -> None:
    """A case ends with its last open referral: what was kept for the person goes back, and nothing more is sent."""
    if referral.case_id is None or open_referrals(referral.case_id):
        return
    case = lock_case(referral.case_id)
    case.closed_at = now
    case.next_call_at = None
    case.next_call_why = None
    holding.give_back(case, because="closed", now=now)
    finish_tasks(case.id, by="system", now=now)
    completed = _completed(case.id)
    if completed:
        reminding.ask_how_it_went(case, terms=terms_of_each(completed)[0], now=now)


def _completed(case_id: int) -> Sequence[Referral]:
    """The referrals of a case that were completed, oldest first."""
    found = sa.select(Referral).where(Referral.case_id == case_id, Referral.status == Status.COMPLETED)
    return db.session.scalars(found.order_by(Referral.id)).all()


def _stop_ringing(referral: Referral, now: datetime) -> None:
    """Once a time is agreed or kept, the ladder of calls and its texts are over."""
    if referral.case_id is None:
        return
    case = db.session.get_one(Case, referral.case_id)
    case.next_call_at = None
    case.next_call_why = None
    reminding.forget_first_call(case, because="contacted", now=now)


Consequence = Callable[[Referral, datetime], None]

_ENDING: tuple[Consequence, ...] = (_end, _close_case_served_out)

CONSEQUENCES: dict[Status, tuple[Consequence, ...]] = {
    Status.HELD: (),
    Status.ACCEPTED: (_stay_open,),
    Status.ASSESSMENT_BOOKED: (_stop_ringing,),
    Status.ASSESSED: (_stay_open, _stop_ringing),
    Status.WAITING: (),
    Status.PLACED: (),
    **dict.fromkeys(sorted(ENDED), _ENDING),
}
