"""What becomes of somebody who is referred in the demo: every step is a call of the pathway, at its own moment."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo.bodies import Event, body
from provider.commands.demo.play import at_work
from provider.commands.demo.stage import Stage
from provider.domain.people.models import Person
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Case, PossibleMatch, Referral
from provider.domain.referrals.status import Status
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.pathway import closing, recognising
from provider.pathway.receiving import facts_of, receive

Steps = Generator[datetime, None, datetime]


@dataclass(frozen=True)
class Part:
    """How somebody is: how likely they pick up, keep a call, come to a course.

    ``withdrawn`` names the step at which the force takes them back, ``unreachable`` what is learnt about them later,
    ``same`` what a worker says about a possible match: None for nothing as yet.
    """

    answers: float = 0.5
    keeps_calls: float = 0.9
    comes: float = 0.85
    number_dead: bool = False
    declines: bool = False
    withdrawn: Status | None = None
    unreachable: NotReached | None = None
    comes_back: bool = False
    same: bool | None = False


@dataclass
class Journey:
    """One referral on its way; ``referral_id`` is known once it was received."""

    stage: Stage
    random: Random
    event: Event
    received_at: datetime
    part: Part
    worker: Actor
    officer_account_id: int | None = None
    referral_id: int | None = None
    _row: Referral | None = None
    _case: Case | None = None

    @property
    def force_system(self) -> Actor:
        return Actor("key", self.stage.keys[self.event.force])

    @property
    def referral(self) -> Referral:
        """Kept here, so that the session need not look for it again."""
        self._row = self._row or db.session.get_one(Referral, self.referral_id)
        return self._row

    @property
    def status(self) -> Status:
        return Status(self.referral.status)

    @property
    def case(self) -> Case:
        """The case that serves it now: two may have become one."""
        if self._case is None or self._case.id != self.referral.case_id:
            self._case = db.session.get_one(Case, self.referral.case_id)
        return self._case

    def age(self, now: datetime) -> int:
        person = db.session.get_one(Person, self.referral.person_id)
        return age_on(person.date_of_birth, london_date(now))


def received(this: Journey) -> None:
    """The referral comes in by the door of its force's system, or an officer's."""
    force_id, now = this.stage.forces[this.event.force], this.received_at
    submission = parse_submission(
        body(this.event, this.random), schemes=facts_of(schemes_of(force_id, at=now)), now=now
    )
    account = this.officer_account_id
    this.referral_id = receive(
        submission,
        force_id=force_id,
        warnings=warnings_of(submission),
        received_by="api" if account is None else "officer",
        officer_account_id=account,
        by=this.force_system if account is None else Actor("account", account),
        now=now,
    ).referral_id


def settled(this: Journey, *, now: datetime) -> None:
    """A worker says whether it is somebody known."""
    candidates = db.session.scalars(
        sa.select(PossibleMatch.person_id)
        .where(PossibleMatch.referral_id == this.referral_id, PossibleMatch.settled_at.is_(None))
        .order_by(PossibleMatch.id)
    ).all()
    if candidates and this.part.same is not None:
        same_as = candidates[0] if this.part.same else None
        recognising.settle_match(this.referral.id, same_as=same_as, by=this.worker, now=now)


def withdrawn(this: Journey, now: datetime) -> Steps:
    """The force takes the referral back."""
    now += timedelta(hours=this.random.randint(2, 20))
    yield now
    if this.referral.closed_at is None:
        reason = this.random.choice(("recorded_in_error", "charged", "other"))
        closing.withdraw(this.referral, reason=reason, by=this.force_system, now=now)
    return now


def came_back(this: Journey, now: datetime) -> Steps:
    """They ring back some days after it was closed."""
    now = at_work(now + timedelta(days=this.random.randint(3, 9)), this.random)
    yield now
    closing.reopen(this.case.id, by=this.worker, now=now)
    return now
