"""Somebody sent to us beside those they may be: field by field, with what agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.caseload.masking import readable_by
from provider.domain.forces.models import Force
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.people.names import joined
from provider.domain.referrals.codes import Gender
from provider.domain.referrals.models import PossibleMatch, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db


@dataclass(frozen=True)
class Compared:
    """One field of one candidate: ``agrees`` is None where there is nothing to compare."""

    value: str | date | None
    agrees: bool | None


@dataclass(frozen=True)
class Candidate:
    """Somebody known; ``fields`` in the order of the page's ``sent``, empty for a restricted record."""

    person_id: int
    readable: bool
    fields: tuple[Compared, ...]
    referrals: tuple[str, ...]


@dataclass(frozen=True)
class MatchPage:
    """``sent``: what each row is called, and what the force sent."""

    reference: str
    status: Status
    force: str
    received_at: datetime
    sent: tuple[tuple[str, str | date | None], ...]
    candidates: tuple[Candidate, ...]

    @property
    def answers(self) -> frozenset[int | None]:
        """Whom this reader may say it is; None, nobody of them, only where every one could be compared."""
        seen = {one.person_id for one in self.candidates if one.readable}
        return frozenset(seen | {None}) if len(seen) == len(self.candidates) else frozenset(seen)


def match_page(referral_id: int, *, reader_id: int) -> MatchPage:
    """What was sent and whom it may be about, the likeliest first, in four queries."""
    referral = db.session.execute(
        sa.select(Referral, Force.name)
        .join(Force, Force.id == Referral.force_id)
        .where(Referral.id == referral_id)
    ).one()
    candidates = db.session.execute(
        sa.select(PossibleMatch.person_id, readable_by(reader_id).label("readable"))
        .join(Person, Person.id == PossibleMatch.person_id)
        .where(PossibleMatch.referral_id == referral_id, PossibleMatch.settled_at.is_(None))
        .order_by(PossibleMatch.id)
    ).all()
    ids = [row.person_id for row in candidates]
    records = _records([referral.Referral.person_id, *ids])
    history = _history(ids)
    sent = records[referral.Referral.person_id]
    return MatchPage(
        reference=referral.Referral.reference,
        status=Status(referral.Referral.status),
        force=referral.name,
        received_at=referral.Referral.received_at,
        sent=tuple(sent.items()),
        candidates=tuple(
            Candidate(
                person_id=row.person_id,
                readable=row.readable,
                fields=_compare(sent, records[row.person_id]) if row.readable else (),
                referrals=tuple(history.get(row.person_id, ())) if row.readable else (),
            )
            for row in candidates
        ),
    )


Record = dict[str, str | date | None]


def _records(person_ids: list[int]) -> dict[int, Record]:
    rows = db.session.execute(
        sa.select(Person, PhoneNumber.e164, PhoneNumber.as_given)
        .outerjoin(PhoneNumber, rung_on())
        .where(Person.id.in_(person_ids))
    )
    return {person.id: _record(person, e164 or as_given) for person, e164, as_given in rows}


def _record(person: Person, mobile: str | None) -> Record:
    return {
        "Given name": person.given_name,
        "Family name": person.family_name,
        "Date of birth": person.date_of_birth,
        "Gender": dict(Gender.choices())[person.gender],
        "Mobile": mobile,
        "E-mail": person.email,
        "Address": ", ".join(filter(None, (person.address_line_1, person.town))) or None,
        "Postcode": person.postcode,
        "PNC ID": person.pnc_id,
    }


def _compare(sent: Record, known: Record) -> tuple[Compared, ...]:
    return tuple(Compared(known[name], _agree(value, known[name])) for name, value in sent.items())


def _agree(one: str | date | None, other: str | date | None) -> bool | None:
    if one is None or other is None:
        return None
    if isinstance(one, date) or isinstance(other, date):
        return one == other
    return joined(one).replace("+", "") == joined(other).replace("+", "")


def _history(person_ids: list[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        sa.select(Referral.person_id, Referral.reference, Referral.status, Scheme.name)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(Referral.person_id.in_(person_ids))
        .order_by(Referral.id.desc())
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        said = f"{row.reference}, {row.name}: {row.status.replace('_', ' ')}"
        found.setdefault(row.person_id, []).append(said)
    return found
