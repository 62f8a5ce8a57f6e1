"""What was promised of a referral and by when, with the clock stopped as its own version of the terms says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.caseload.clock import Move, moves_of, stops_of
from provider.domain.contact.models import ContactAttempt
from provider.domain.diary.closures import closed_days
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import ENDED, OPEN, Status
from provider.domain.schemes.deadlines import Stage, Stop, due_at
from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db

STAGES: Mapping[Stage, str] = {
    "first_contact": "First contact",
    "assessment": "The assessment",
    "course": "What follows the assessment",
}
_EVER = date.min
BEGINS_ANEW = ENDED | {None, Status.HELD}
NOT_ASSESSED = ENDED | {Status.ACCEPTED, Status.ASSESSMENT_BOOKED}


@dataclass(frozen=True)
class Due:
    """One deadline. ``done_at`` is None while it is not met; ``stops`` are those that moved it."""

    stage: Stage
    since: datetime
    at: datetime
    done_at: datetime | None
    stops: tuple[Stop, ...]
    now: datetime

    @property
    def late(self) -> bool:
        return (self.done_at or self.now) > self.at

    @property
    def stopped(self) -> Stop | None:
        """Why the clock stands still at the moment, if it does."""
        running = (stop for stop in self.stops if stop.until is None)
        return next(running, None) if self.done_at is None else None


def dues_of_case(case_id: int, terms: Mapping[int, Terms], *, now: datetime) -> Mapping[int, tuple[Due, ...]]:
    """Every deadline of the case's referrals in ``terms`` (by id), met or not. Six queries."""
    return _dues({case_id}, {case_id: terms}, now=now)


def unmet_dues(case_ids: Collection[int], *, now: datetime) -> Mapping[int, tuple[Due, ...]]:
    """What is still to be done on open cases, by case, the earliest first. Seven queries, however many they are."""
    if not case_ids:
        return {}
    rows = db.session.execute(
        sa.select(Referral.id, Referral.case_id, SchemeTerms.terms)
        .join(SchemeTerms, SchemeTerms.id == Referral.terms_id)
        .where(Referral.case_id.in_(case_ids), Referral.status.in_(OPEN))
    )
    terms: dict[int, dict[int, Terms]] = defaultdict(dict)
    case_of = {}
    for referral_id, case_id, stored in rows:
        terms[case_id][referral_id] = Terms.model_validate(stored)
        case_of[referral_id] = case_id
    unmet: dict[int, list[Due]] = defaultdict(list)
    for referral_id, dues in _dues(case_ids, terms, now=now).items():
        unmet[case_of[referral_id]] += [due for due in dues if due.done_at is None]
    return {case_id: tuple(sorted(dues, key=lambda due: due.at)) for case_id, dues in unmet.items()}


def _dues(
    case_ids: Collection[int], terms: Mapping[int, Mapping[int, Terms]], *, now: datetime
) -> Mapping[int, tuple[Due, ...]]:
    moves = moves_of(case_ids)
    stops = stops_of(case_ids, moves)
    calls = _calls_of(case_ids)
    closures = closed_days(since=_EVER)
    return {
        referral_id: tuple(
            _of_one(
                [move for move in moves.get(case_id, ()) if move.referral_id == referral_id],
                its_terms,
                stops.get(case_id, ()),
                calls.get(case_id, ()),
                closures,
                now=now,
            )
        )
        for case_id, referrals in terms.items()
        for referral_id, its_terms in referrals.items()
    }


def _calls_of(case_ids: Collection[int]) -> Mapping[int, list[datetime]]:
    made: dict[int, list[datetime]] = defaultdict(list)
    for case_id, at in db.session.execute(
        sa.select(ContactAttempt.case_id, ContactAttempt.at)
        .where(ContactAttempt.case_id.in_(case_ids))
        .order_by(ContactAttempt.at)
    ):
        made[case_id].append(at)
    return made


def _of_one(
    moves: Sequence[Move],
    terms: Terms,
    stops: Sequence[Stop],
    calls: Sequence[datetime],
    closures: Collection[date],
    *,
    now: datetime,
) -> Iterable[Due]:
    """First contact and the assessment from the day they last said yes, what follows from the last assessment."""
    accepted = _last(moves, Status.ACCEPTED, BEGINS_ANEW)
    assessed = _last(moves, Status.ASSESSED, NOT_ASSESSED)
    if accepted is not None:
        # It counts from the day it came, also where it was first asked who they are: that is a stop of its own.
        began = accepted.received_at if accepted.before == Status.HELD else accepted.at
        done = _first(moves, Status.ASSESSED, since=began)
        rung = next((at for at in calls if at >= began), done)
        yield _due("first_contact", terms, began, rung, stops, closures, now=now)
        yield _due("assessment", terms, began, done, stops, closures, now=now)
    if assessed is not None and terms.level_that_counts == "intervention":
        done = _first(moves, Status.COMPLETED, since=assessed.at)
        yield _due("course", terms, assessed.at, done, stops, closures, now=now)


def _last(moves: Sequence[Move], to: Status, before: Collection[Status | None]) -> Move | None:
    return next((move for move in reversed(moves) if move.to == to and move.before in before), None)


def _first(moves: Sequence[Move], to: Status, *, since: datetime) -> datetime | None:
    return next((move.happened_at for move in moves if move.at >= since and move.to == to), None)


def _due(
    stage: Stage,
    terms: Terms,
    since: datetime,
    done_at: datetime | None,
    stops: Sequence[Stop],
    closures: Collection[date],
    *,
    now: datetime,
) -> Due:
    named = [stop for stop in stops if stop.why in terms.clock_stops]
    counted = tuple(_until(stop, done_at) for stop in named if _matters(stop, since, done_at or now))
    at = due_at(stage, terms, since=since, stops=counted, closures=closures, now=done_at or now)
    return Due(stage, since, at, done_at, counted, now)


def _matters(stop: Stop, since: datetime, until: datetime) -> bool:
    return stop.since < until and (stop.until is None or stop.until > since)


def _until(stop: Stop, done_at: datetime | None) -> Stop:
    """What happened after a deadline was met did not move it."""
    if done_at is None or (stop.until is not None and stop.until <= done_at):
        return stop
    return Stop(stop.why, stop.since, done_at)
