"""Three bars of the demo are looked at again: one waits for its answer, one stays, one is lifted with its log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.reviews import ended_by
from provider.commands.demo.stage import Stage
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import Decision
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.pathway import reviewing

FORCE = "midshire"
ASKED = (
    ("desk", "worker_1", "I had changed my phone and did not see who rang. I would like to take part.", None),
    (
        "force",
        "desk_1",
        "The officer met them again, and they asked whether they could take part.",
        Decision.KEEP,
    ),
    (
        "desk",
        "worker_2",
        "I was away looking after my mother, and nobody could reach me.",
        Decision.LIFT,
    ),
)
"""Through whom, by whom, in which words, and what the team lead decides; None while it waits."""
WHY = {
    Decision.KEEP: "Nothing shows that the calls could not be taken.",
    Decision.LIFT: "The calls fell on days on which they could not be reached.",
}


def look_again(stage: Stage, *, now: datetime) -> None:
    """Asked this morning, decided an hour ago. Needs a transaction."""
    asked_at, decided_at = now - timedelta(hours=2), now - timedelta(hours=1)
    for referral, (through, who, words, decision) in zip(_barred(stage, asked_at), ASKED, strict=False):
        reviewing.ask(referral, words=words, through=through, by=stage.actor(who), now=asked_at)
        db.session.flush()
        if decision is not None:
            of_it = sa.select(BarReview.id).where(BarReview.referral_id == referral.id)
            review_id, lead = db.session.scalars(of_it).one(), stage.actor("team_lead")
            reviewing.decide(review_id, decision=decision, reason=WHY[decision], by=lead, now=decided_at)


def _barred(stage: Stage, at: datetime) -> Sequence[Referral]:
    """Whom the force may not offer it again for a while, the latest first, unless the lead ended it."""
    found = db.session.scalars(
        sa.select(Referral)
        .where(
            Referral.force_id == stage.forces[FORCE],
            Referral.status == Status.NOT_ENGAGED,
            Referral.bar_until > london_date(at),
            Referral.closed_at < at,
        )
        .order_by(Referral.closed_at.desc(), Referral.id)
    )
    lead = str(stage.actor("team_lead"))
    return [referral for referral in found if ended_by(referral.id) != lead]
