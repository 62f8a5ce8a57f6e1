"""Two people are never in one session: kept apart, one of them moved where they are together; or no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession, Place
from provider.domain.people.apart import keep_apart, pairs_of, same_person
from provider.domain.people.models import NonAssociation
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal
from provider.pathway.steps import lock_case
from provider.pathway.unseating import unseat

THIS, OTHER = "this", "other"


class Together(Refusal):
    """``starts_at`` is of the session in which both have a place."""

    code = "together"
    sentence = "Both have a place in one session. Choose who is found another."

    def __init__(self, starts_at: datetime) -> None:
        self.starts_at = starts_at
        super().__init__()


def part(
    person_id: int,
    other_id: int,
    *,
    why: str,
    note: str | None,
    moves: str | None,
    by: Actor,
    now: datetime,
) -> None:
    """Keep two people apart. Where both have a place in one coming session, who ``moves`` (this, or the other) gives
    it up, and becomes a task for their worker.

    Raises Together where that is not said, ApartAlready or TheSamePerson.
    """
    ids = same_person(person_id) | same_person(other_id)
    # Whoever is just given a place has it before we look, or sees the pair once we are done.
    cases = sa.select(Case.id).where(Case.person_id.in_(ids), Case.closed_at.is_(None)).order_by(Case.id)
    for case_id in db.session.scalars(cases).all():
        lock_case(case_id)
    keep_apart(person_id, other_id, why=why, note=note, by=by, now=now)
    together = _together(person_id, other_id, now=now)
    if together is not None:
        if moves not in (THIS, OTHER):
            raise Together(together.starts_at)
        unseat(together.case_ids[moves], by=by, now=now)
    for one in (person_id, other_id):
        record("person.kept_apart", "person", one, by=by, now=now, person_id=one, reason=why)


def unite(pair_id: int, *, person_id: int, by: Actor, now: datetime) -> None:
    """They need not be kept apart any more. Raises NotFound where they are not, or it is another's pair."""
    pair = db.session.scalars(
        pairs_of(same_person(person_id)).where(NonAssociation.id == pair_id).with_for_update()
    ).one_or_none()
    if pair is None:
        raise NotFound
    pair.ended_at, pair.ended_by = now, str(by)
    for one in (pair.first_id, pair.second_id):
        record("person.no_longer_apart", "person", one, by=by, now=now, person_id=one)


@dataclass(frozen=True)
class _Session:
    """``case_ids`` by who has the place: this, or the other."""

    starts_at: datetime
    case_ids: Mapping[str, int]


def _together(person_id: int, other_id: int, *, now: datetime) -> _Session | None:
    """The coming session in which both have a place, or are offered one. A case has one place to come at most."""
    mine, theirs = _coming(person_id, now=now), _coming(other_id, now=now)
    for session_id in mine.keys() & theirs.keys():
        (starts_at, this), (_, other) = mine[session_id], theirs[session_id]
        return _Session(starts_at, {THIS: this, OTHER: other})
    return None


def _coming(person_id: int, *, now: datetime) -> dict[int, tuple[datetime, int]]:
    rows = db.session.execute(
        sa.select(CourseSession.id, CourseSession.starts_at, Place.case_id)
        .join(Place, Place.session_id == CourseSession.id)
        .join(Case, Case.id == Place.case_id)
        .where(
            Case.person_id.in_(same_person(person_id)),
            Place.released_at.is_(None),
            CourseSession.state == "open",
            CourseSession.starts_at > now,
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}
