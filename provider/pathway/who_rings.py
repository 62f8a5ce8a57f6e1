"""Who of those that are free rings somebody: their own worker, who speaks their language, who has the fewest calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.languages import ENGLISH, speakers
from provider.domain.diary.queries import slots_between
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.database import db


def free_workers(
    case: Case,
    starts_at: datetime,
    *,
    minutes: int,
    first: int | None,
    in_their_language: bool = False,
    now: datetime,
) -> Sequence[int]:
    """Who is free at a start, in the order they are asked: ``first``, who has the case, who speaks the person's
    language, who has the fewest calls that day.

    Somebody who needs an interpreter is nobody's because of a language, unless it was asked for (``in_their_language``:
    then whoever speaks it comes first of all). Raises SlotTaken when nobody is free.
    """
    slots = slots_between(starts_at, starts_at, minutes=minutes, now=now)
    if not slots or slots[0].starts_at != starts_at:
        raise SlotTaken
    speak = _speakers(case, asked_for=in_their_language)
    return sorted(
        slots[0].worker_ids,
        key=lambda one: (
            not (in_their_language and one in speak),
            one != first,
            one != case.assigned_to_id,
            one not in speak,
        ),
    )


def _speakers(case: Case, *, asked_for: bool) -> frozenset[int]:
    language, interpreter = db.session.execute(
        sa.select(Person.language, Person.interpreter_needed).where(Person.id == case.person_id)
    ).one()
    return frozenset() if interpreter and not asked_for else speakers(language or ENGLISH)
