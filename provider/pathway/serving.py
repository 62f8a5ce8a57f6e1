"""An accepted referral is served by a case: a new one, or the one that is open for the person already."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.tasks import raise_task
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import ON_THE_WAY, Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.pathway import closing, contacting
from provider.pathway.steps import move, open_referrals


def serve(referral: Referral, *, best_times: str | None, by: Actor, now: datetime) -> None:
    """Give an accepted referral its case. One call and one course serve every open referral of a person.

    A referral that joins a case on its way catches up, so that its own force hears how far the person has come.
    """
    open_case = db.session.scalars(
        sa.select(Case)
        .where(Case.person_id == referral.person_id, Case.closed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if open_case is None:
        _open_case(referral, best_times=best_times, now=now)
    else:
        _join(referral, open_case, by=by, now=now)
    _ask_for_adult(referral, now=now)


def _open_case(referral: Referral, *, best_times: str | None, now: datetime) -> None:
    case = Case(
        person_id=referral.person_id,
        opened_at=now,
        first_contact_due=referral.first_contact_due,
        best_times=best_times,
    )
    db.session.add(case)
    db.session.flush()
    referral.case_id = case.id
    db.session.flush()
    contacting.plan_first_call(case, now=now)


def _join(referral: Referral, case: Case, *, by: Actor, now: datetime) -> None:
    others = open_referrals(case.id)
    referral.case_id = case.id
    case.first_contact_due = min(case.first_contact_due, referral.first_contact_due)
    db.session.flush()
    if others:
        catch_up(referral, Status(others[0].status), by=by, now=now)
        if referral.level != "none":
            closing.complete_where_assessment_counts(case, by=by, now=now)


def catch_up(referral: Referral, reached: Status, *, by: Actor, now: datetime) -> None:
    """Walk a referral along the steps that its case has taken already."""
    way = (
        [*ON_THE_WAY[: ON_THE_WAY.index(Status.ASSESSED) + 1], reached]
        if reached == Status.WAITING
        else ON_THE_WAY
    )
    for step in way[way.index(Status(referral.status)) + 1 : way.index(reached) + 1]:
        move(referral, step, by=by, now=now, reason="linked")


def _ask_for_adult(referral: Referral, *, now: datetime) -> None:
    """A responsible adult is asked for, never required: their absence makes work for the same day."""
    born = db.session.scalars(sa.select(Person.date_of_birth).where(Person.id == referral.person_id)).one()
    if age_on(born, london_date(referral.occurred_at)) < 18 and referral.responsible_adult is None:
        raise_task("responsible_adult", case_id=referral.case_id, due_at=now, now=now)
