"""Whether somebody may be asked how it went, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.domain.surveys.models import SurveyAnswer
from provider.domain.surveys.questions import QUESTIONS
from provider.kernel.database import db


@dataclass(frozen=True)
class SurveyAnswered:
    """``lines`` are what was asked, as the desk calls it, and the answer in words."""

    at: datetime
    lines: tuple[tuple[str, str], ...]


def scheme_asked_under(case_id: int) -> SchemeNow | None:
    """The scheme that somebody completed, as they came under it; None where they are with us again, or never did."""
    again = aliased(Case)
    terms_id = db.session.scalars(
        sa.select(Referral.terms_id)
        .join(Case, Case.id == Referral.case_id)
        .where(
            Referral.case_id == case_id,
            Referral.status == Status.COMPLETED,
            ~sa.exists().where(again.person_id == Case.person_id, again.closed_at.is_(None)),
        )
        .order_by(Referral.id)
        .limit(1)
    ).first()
    return None if terms_id is None else scheme_under(terms_id)


def has_answered(case_id: int) -> bool:
    """Whether the questions were answered: they are asked once."""
    found = sa.select(SurveyAnswer.id).where(SurveyAnswer.case_id == case_id)
    return db.session.execute(found).first() is not None


def answered(case_id: int) -> SurveyAnswered | None:
    """What they answered, or None."""
    row = db.session.scalars(sa.select(SurveyAnswer).where(SurveyAnswer.case_id == case_id)).one_or_none()
    if row is None:
        return None
    said = ((question, getattr(row, question.name)) for question in QUESTIONS)
    return SurveyAnswered(
        row.answered_at,
        tuple(
            (question.about, question.answers.get(code, code)) for question, code in said if code is not None
        ),
    )
