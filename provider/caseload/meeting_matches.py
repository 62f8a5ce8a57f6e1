"""Who was in the meeting of a session, whoever told it, and whose place it may have been.

Whoever came by a place's own link counts for it; of anybody else a named person says whose they were. Restricted people
are matched by their place's own link and address alone, so that no suggestion says who they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.meetings_wanted import name_in_zoom
from provider.domain.accounts.models import Account
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.domain.meetings.callers import shown
from provider.domain.meetings.ledger import ended_runs, joins_of, stays_from
from provider.domain.meetings.matching import Certainty, Expected, Suggestion, suggest_matches
from provider.domain.meetings.models import MeetingJoin, Registrant
from provider.domain.meetings.presence import inside, minutes_present, presence
from provider.domain.meetings.stays import Stay
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.database import db


@dataclass(frozen=True)
class Match:
    """A participant of the meeting nobody has settled yet. ``place_id`` is suggested; ``candidates`` are thinkable.

    ``own_link``: they came by the link of that place alone, and count for it unless somebody settles them otherwise.
    ``here``: nobody knows that they left; ``waits``: that they left the waiting room.
    """

    join_ids: tuple[int, ...]
    name: str
    original_name: str | None
    minutes: int
    at_once: bool
    here: bool
    waits: bool
    certainty: Certainty
    place_id: int | None
    candidates: tuple[int, ...]
    because: str
    own_link: bool


@dataclass(frozen=True)
class Settled:
    """A participant whom a named person has settled: whose place, or nobody's on the register (None)."""

    join_ids: tuple[int, ...]
    name: str
    place_id: int | None


@dataclass(frozen=True)
class Meeting:
    """``minutes_by_place`` counts what was confirmed, and who came by the place's own link. ``here``: places whose
    holder is in the meeting as far as anybody knows. ``ran_minutes``: how long the session ran, as far as known.
    """

    imported: bool
    matches: tuple[Match, ...]
    settled: tuple[Settled, ...]
    minutes_by_place: dict[int, int]
    here: frozenset[int]
    ran_minutes: int


@dataclass(frozen=True)
class _Seen:
    """What was told of a meeting, worked out: stays with the place that a named person gave each, if any.

    ``over_at``: when the meeting was last over, where anything that would know said so.
    """

    stays: tuple[Stay, ...]
    over_at: datetime | None
    joins: Mapping[int, MeetingJoin]
    staff: frozenset[str]

    @property
    def open(self) -> tuple[Stay, ...]:
        """Nobody has settled these; whoever runs sessions is not among them."""
        return tuple(
            stay for stay in self.stays if self.confirmed(stay) is None and stay.email not in self.staff
        )

    def confirmed(self, stay: Stay) -> MeetingJoin | None:
        """What says whose a stay was, where somebody said so: the latest word of it."""
        said = [self.joins[fact] for fact in stay.facts if self.joins[fact].confirmed_by_id is not None]
        return said[-1] if said else None


def meeting_of(session: CourseSession, *, lasting_until: datetime | None = None) -> Meeting:
    """What is known of a session's meeting, in four queries.

    ``lasting_until``: what is still going on counts until then; without it, for nothing.
    """
    start, end = session.starts_at, session.starts_at + timedelta(minutes=session.minutes)
    seen = _seen(session.id)
    matches = _matches(seen.open, _expected(session.id), start=start, end=end, now=lasting_until)
    whose = _whose(seen, matches)
    return Meeting(
        imported=bool(seen.stays),
        matches=matches,
        settled=_settled(seen),
        minutes_by_place={
            place_id: minutes_present(stays, start=start, end=end, now=lasting_until)
            for place_id, stays in whose.items()
        },
        here=frozenset(place_id for place_id, stays in whose.items() if any(map(_is_here, stays))),
        ran_minutes=_ran(seen, session),
    )


def _seen(session_id: int) -> _Seen:
    joins = joins_of(session_id)
    ended = ended_runs(session_id) if joins else {}
    stays = stays_from(joins, ended=ended)
    return _Seen(
        stays,
        _over_at(joins, ended),
        {join.id: join for join in joins},
        _staff({stay.email for stay in stays if stay.email}),
    )


def _over_at(joins: Sequence[MeetingJoin], ended: Mapping[str, datetime]) -> datetime | None:
    """A report and a file name everybody, whoever ran it among them; what was told meanwhile leaves these out.

    Begun once more, it is not over until that is said of each time. A file does not say which time it is of.
    """
    whole = [join for join in joins if join.source != "webhook" and join.left_at is not None]
    over = {*ended, *(join.run for join in whole)}
    if None not in over and any(join.run not in over for join in joins):
        return None
    return max([*ended.values(), *(join.left_at for join in whole if join.left_at)], default=None)


def _staff(emails: set[str]) -> frozenset[str]:
    """Whose addresses are those of people who work here."""
    if not emails:
        return frozenset()
    found = db.session.scalars(
        sa.select(sa.func.lower(Account.email)).where(sa.func.lower(Account.email).in_(sorted(emails)))
    )
    return frozenset(found)


def _matches(
    stays: Sequence[Stay],
    expected: Sequence[Expected],
    *,
    start: datetime,
    end: datetime,
    now: datetime | None,
) -> tuple[Match, ...]:
    if not _touches(stays, start=start, end=end, now=now):
        return ()
    present = presence(stays, start=start, end=end, now=now)
    return tuple(_match(found) for found in suggest_matches(present, expected=expected))


def _match(found: Suggestion) -> Match:
    """Of who rang in, only the end of the number is shown."""
    was = found.participant.original_name
    return Match(
        join_ids=found.participant.facts,
        name=shown(found.participant.name),
        original_name=None if was is None else shown(was),
        minutes=found.participant.minutes,
        at_once=found.participant.at_once,
        here=found.participant.here,
        waits=found.participant.waits,
        certainty=found.certainty,
        place_id=found.place_id,
        candidates=found.candidates,
        because=found.because,
        own_link=found.own_link,
    )


def _touches(stays: Sequence[Stay], *, start: datetime, end: datetime, now: datetime | None) -> bool:
    """Whether anything is left to settle that touches the session: those who only looked in before it are nobody's."""
    return any(
        stay.joined_at is None or inside(stay.joined_at, stay.left_at or now or end, start=start, end=end)
        for stay in stays
    )


def _whose(seen: _Seen, matches: Sequence[Match]) -> dict[int, list[Stay]]:
    """The stays that count for each place."""
    by_link = {fact: match.place_id for match in matches if match.own_link for fact in match.join_ids}
    found: dict[int, list[Stay]] = {}
    for stay in seen.stays:
        said = seen.confirmed(stay)
        place_id = said.place_id if said is not None else by_link.get(stay.facts[0])
        if place_id is not None:
            found.setdefault(place_id, []).append(stay)
    return found


def _settled(seen: _Seen) -> tuple[Settled, ...]:
    groups: dict[tuple[str, int | None], list[int]] = {}
    for stay, said in _said(seen):
        groups.setdefault((stay.name, said.place_id), []).extend(stay.facts)
    return tuple(Settled(tuple(ids), shown(name), place_id) for (name, place_id), ids in groups.items())


def _said(seen: _Seen) -> Iterator[tuple[Stay, MeetingJoin]]:
    for stay in seen.stays:
        said = seen.confirmed(stay)
        if said is not None:
            yield stay, said


def _is_here(stay: Stay) -> bool:
    return stay.joined_at is not None and stay.left_at is None and not stay.waiting_room


def _ran(seen: _Seen, session: CourseSession) -> int:
    """Until the meeting was over, where that was said; else as long as was planned."""
    over_at = seen.over_at
    if over_at is None or over_at <= session.starts_at or any(map(_is_here, seen.stays)):
        return session.minutes
    return min(-(-(over_at - session.starts_at) // timedelta(minutes=1)), session.minutes)


def _expected(session_id: int) -> list[Expected]:
    rows = db.session.execute(
        sa.select(Place, Person, Registrant.registrant)
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Registrant, Registrant.place_id == Place.id)
        .where(on_the_register(session_id))
        .order_by(Place.number)
    )
    return [_expected_at(place, person, registrant) for place, person, registrant in rows]


def _expected_at(place: Place, person: Person, registrant: str | None) -> Expected:
    if person.restricted:
        return Expected(place.id, place.alias, "", "", registrant)
    if registrant is None:
        return Expected(place.id, place.alias, person.given_name, person.family_name[:1])
    name = name_in_zoom(person, place.number)
    return Expected(place.id, place.alias, name.first_name, name.letter, registrant)
