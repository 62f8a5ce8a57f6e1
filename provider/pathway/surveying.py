"""Somebody says how things are, some weeks after they completed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.surveys.models import SurveyAnswer
from provider.domain.surveys.questions import QUESTIONS
from provider.kernel.actors import Actor
from provider.kernel.database import db, insert_or


def answer(case_id: int, answers: Mapping[str, str | None], *, by: Actor, now: datetime) -> None:
    """Keep what they answered, by the names of the questions. Sent twice it is kept once, as it was the first time."""
    said = {question.name: answers.get(question.name) for question in QUESTIONS}
    kept = db.session.execute(
        insert_or(SurveyAnswer)
        .values(case_id=case_id, answered_at=now, **said)
        .on_conflict_do_nothing(index_elements=["case_id"])
        .returning(SurveyAnswer.id)
    ).first()
    if kept is not None:
        record("survey.answered", "case", case_id, by=by, now=now, person_id=by.id)
