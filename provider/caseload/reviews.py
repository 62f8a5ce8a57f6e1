"""Reviews of a bar as the desk sees them: what was asked in whose words, what was decided, and who may decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.cases import ALL, MOST, Who, Worklist, listed, who, who_columns
from provider.caseload.referral_facts import ReferralFacts
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.forces.models import Force
from provider.domain.people.models import Person
from provider.domain.referrals.models import BarReview, Referral, ReferralEvent
from provider.domain.referrals.reviews import OVERTAKEN, SAID, is_barred, may_be_asked_from
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class Review:
    """One review. ``decision`` is None while it is open."""

    id: int
    asked_at: datetime
    asked_by: str
    through_force: bool
    words: str
    due_at: datetime
    late: bool
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None
    reason: str | None

    @property
    def said(self) -> str:
        """What was decided, in words. Not of one that is open."""
        return SAID[self.decision or ""]


@dataclass(frozen=True)
class ReviewPage:
    """Of one referral's bar, newest first. ``others`` may decide: not whoever ended the referral."""

    facts: ReferralFacts
    reviews: tuple[Review, ...]
    barred: bool
    may_ask: bool
    again_from: datetime | None
    log: bool
    ended_by_reader: bool
    others: tuple[str, ...]

    @property
    def open(self) -> Review | None:
        return next((review for review in self.reviews if review.decision is None), None)

    @property
    def decided(self) -> tuple[Review, ...]:
        return tuple(review for review in self.reviews if review.decision is not None)


@dataclass(frozen=True)
class ToDecide:
    """One open review in the list of them."""

    who: Who
    force: str
    scheme: str
    bar_until: date | None
    asked_at: datetime
    through_force: bool
    due_at: datetime
    late: bool


def review_page(facts: ReferralFacts, *, reader_id: int, now: datetime) -> ReviewPage:
    """Five queries beside the facts."""
    reviews, terms = reviews_of(facts.id, now=now), facts.scheme.terms
    barred = is_barred(
        status=facts.status,
        may_reoffer=facts.may_reoffer,
        bar_until=facts.bar_until,
        on=london_date(now),
    )
    again = again_from(reviews, after_days=terms.bar_review_after_days)
    undecided = any(review.decision is None for review in reviews)
    ender = ended_by(facts.id)
    return ReviewPage(
        facts=facts,
        reviews=reviews,
        barred=barred,
        may_ask=barred and terms.bar_review and not undecided and (again is None or again <= now),
        again_from=again if barred and again is not None and now < again else None,
        log=terms.intelligence_log,
        ended_by_reader=ender == f"account:{reader_id}",
        others=_deciders(ender),
    )


def again_from(reviews: tuple[Review, ...], *, after_days: int) -> datetime | None:
    """From when the next one may be asked for, as the last one that was decided has it."""
    looked = [review.decided_at for review in reviews if review.decided_at and review.decision != OVERTAKEN]
    return may_be_asked_from(max(looked, default=None), after_days=after_days)


def reviews_of(referral_id: int, *, now: datetime) -> tuple[Review, ...]:
    """Every review of a referral's bar, the newest first. Two queries."""
    rows = db.session.scalars(
        sa.select(BarReview).where(BarReview.referral_id == referral_id).order_by(BarReview.id.desc())
    ).all()
    decided_by = {f"account:{row.decided_by_id}" for row in rows if row.decided_by_id}
    names = names_of({*(row.asked_by for row in rows), *decided_by}) if rows else {}
    return tuple(
        Review(
            id=row.id,
            asked_at=row.asked_at,
            asked_by=names[row.asked_by],
            through_force=row.asked_through == "force",
            words=row.words,
            due_at=row.due_at,
            late=row.decided_at is None and row.due_at < now,
            decided_at=row.decided_at,
            decided_by=names[f"account:{row.decided_by_id}"] if row.decided_by_id else None,
            decision=row.decision,
            reason=row.reason,
        )
        for row in rows
    )


def ended_by(referral_id: int) -> str | None:
    """Who ended a referral as not engaged, the last time: ``account:7``."""
    return db.session.scalars(
        sa.select(ReferralEvent.by)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.to_status == Status.NOT_ENGAGED)
        .order_by(ReferralEvent.id.desc())
        .limit(1)
    ).first()


def _deciders(ender: str | None) -> tuple[str, ...]:
    """Who may decide: everybody whose role does, but whoever ended it."""
    roles = [role for role in Role if may(role, Permission.REVIEW_BARS)]
    rows = db.session.execute(
        sa.select(Account.id, Account.name)
        .where(Account.role.in_(roles), Account.active.is_(True))
        .order_by(Account.name, Account.id)
    )
    return tuple(row.name for row in rows if f"account:{row.id}" != ender)


def reviews_to_decide(*, reader_id: int, now: datetime) -> Worklist[ToDecide]:
    """Open reviews, the first due at the top. One query."""
    rows = db.session.execute(
        sa.select(BarReview.asked_at, BarReview.asked_through, BarReview.due_at, ALL)
        .add_columns(Force.name.label("force"), Scheme.name.label("scheme"), Referral.bar_until)
        .add_columns(*who_columns(reader_id))
        .join(Referral, Referral.id == BarReview.referral_id)
        .join(Person, Person.id == Referral.person_id)
        .join(Force, Force.id == Referral.force_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(BarReview.decided_at.is_(None))
        .order_by(BarReview.due_at, BarReview.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_to_decide(row, now=now) for row in rows])


def _to_decide(row: Any, *, now: datetime) -> ToDecide:
    return ToDecide(
        who=who(row, today=london_date(now)),
        force=row.force,
        scheme=row.scheme,
        bar_until=row.bar_until,
        asked_at=row.asked_at,
        through_force=row.asked_through == "force",
        due_at=row.due_at,
        late=row.due_at < now,
    )
