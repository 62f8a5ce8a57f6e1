"""What people answered some weeks after they completed, by scheme, of those referred in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from provider.domain.forces.models import Force
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.domain.surveys.models import SurveyAnswer
from provider.domain.surveys.questions import RATHER_NOT
from provider.kernel.database import db
from provider.reporting.months import Month
from provider.reporting.small_numbers import HIDDEN, SAID_INSTEAD, hidden_in, is_small

ANSWERS = ("stopped", "reduced", "no_change", "more", "not_said")
COUNTED: Mapping[str, str] = {
    "asked": "Asked",
    "replied": "Replied",
    "stopped": "Have stopped",
    "reduced": "Do it less",
    "no_change": "Have not changed much",
    "more": "Do it more",
    "not_said": "Did not say",
}


@dataclass(frozen=True)
class SchemeSurvey:
    """One scheme's month: counts as they may be shown, in the order of ``COUNTED``."""

    force: str
    scheme: str
    counts: tuple[str, ...]


def surveys(month: Month, *, small_hidden: bool) -> tuple[SchemeSurvey, ...]:
    """Schemes of which anybody was asked, by force and name. One query."""
    rows = db.session.execute(_counts(month)).all()
    return tuple(
        SchemeSurvey(
            row.force, row.scheme, _shown({name: getattr(row, name) for name in COUNTED}, small_hidden)
        )
        for row in rows
    )


def _counts(month: Month) -> sa.Select[str, str, *tuple[int, ...]]:
    said = sa.func.coalesce(SurveyAnswer.since_then, RATHER_NOT)
    when = {
        "asked": sa.true(),
        "replied": SurveyAnswer.id.is_not(None),
        **{name: said == name for name in ANSWERS if name != "not_said"},
        "not_said": sa.and_(SurveyAnswer.id.is_not(None), said == RATHER_NOT),
    }
    asked = sa.and_(Text.case_id == Referral.case_id, Text.kind == "survey", Text.sent_at.is_not(None))
    return (
        sa.select(
            Force.name.label("force"),
            Scheme.name.label("scheme"),
            *(sa.func.sum(sa.case((condition, 1), else_=0)).label(name) for name, condition in when.items()),
        )
        .select_from(Referral)
        .join(Text, asked)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .join(Force, Force.id == Scheme.force_id)
        .outerjoin(SurveyAnswer, SurveyAnswer.case_id == Referral.case_id)
        .where(
            Referral.status == Status.COMPLETED,
            Referral.received_at >= month.starts_at,
            Referral.received_at < month.ends_at,
        )
        .group_by(Force.name, Scheme.name, Scheme.id)
        .order_by(Force.name, Scheme.name, Scheme.id)
    )


def _shown(counts: Mapping[str, int], small_hidden: bool) -> tuple[str, ...]:
    """The answers and those who gave none add up to all who were asked: nothing hidden is worked out from the rest."""
    if not small_hidden:
        return tuple(f"{count:,}" for count in counts.values())
    silent = counts["asked"] - counts["replied"]
    hidden = hidden_in({**{name: counts[name] for name in ANSWERS}, "silent": silent})
    if "silent" in hidden or is_small(counts["replied"]):
        hidden |= {"replied"}
    hidden |= {"asked"} if is_small(counts["asked"]) else set()
    return tuple(
        (SAID_INSTEAD if is_small(count) else HIDDEN) if name in hidden else f"{count:,}"
        for name, count in counts.items()
    )
