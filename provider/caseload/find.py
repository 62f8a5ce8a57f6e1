"""Finding a referral by what a caller can say: a name, a reference, a number, a date of birth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.masking import readable_by, shown_name
from provider.caseload.paged import Paged
from provider.domain.accounts.models import Account
from provider.domain.forces.models import Force
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.names import joined
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN, SENTENCES, Status
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db
from provider.kernel.numbers import read_mobile
from provider.kernel.references import normal_reference

A_PAGE = 25
MOST_PAGES = 40
MOST_WORDS = 6
HIGHEST = "\U0010ffff"


@dataclass(frozen=True)
class FoundLine:
    reference: str
    name: str
    born: date | None
    force: str
    scheme: str
    status: str
    open: bool
    received_at: datetime
    worker: str | None


class Found(Paged[FoundLine]):
    """One page of what was found, the newest first."""

    SIZE = A_PAGE

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.last < self.total and self.page < MOST_PAGES else None


def find_referrals(what: str, born: date | None, *, reader_id: int, page: int) -> Found:
    """Referrals that fit all of what was said, in one query. Restricted people are found by our reference alone."""
    reference = normal_reference(what)
    fits = [sa.or_(readable_by(reader_id), Referral.reference == reference)]
    if born is not None:
        fits.append(Person.date_of_birth == born)
    if what:
        fits.append(Referral.id.in_(sa.union(*_by_words(what, reference))))
    return _page(fits, reader_id=reader_id, page=page)


def own_referrals(*, reader_id: int, page: int) -> Found:
    """The open referrals of one's own caseload: what stands there before anything is looked for."""
    own = [Case.assigned_to_id == reader_id, Case.closed_at.is_(None), Referral.status.in_(OPEN)]
    return _page(own, reader_id=reader_id, page=page)


def _by_words(what: str, reference: str | None) -> list[sa.Select[int]]:
    """One SELECT of referral ids for each thing the words may be, so that each is looked up by its own index."""
    ids = sa.select(Referral.id)
    forces = Referral.force_id.in_(sa.select(Force.id))
    people = ids.join(Person, Person.id == Referral.person_id)
    found = [
        ids.where(Referral.reference == reference),
        ids.where(forces, Referral.force_reference.in_({what, what.upper()})),
        people.where(sa.or_(*_names(what))),
    ]
    mobile = read_mobile(what).e164
    if mobile is not None:
        numbers = sa.select(PhoneNumber.person_id).where(PhoneNumber.e164 == mobile)
        found.append(ids.where(Referral.person_id.in_(numbers)))
    return found


def _names(what: str) -> list[sa.ColumnElement[bool]]:
    """How a person may be called, given the beginnings of some of their names in either order."""
    words = what.replace(",", " ").split()[:MOST_WORDS]
    whole = joined(what)
    fits = [_begins(Person.name_key, whole), _begins(Person.family_key, whole)]
    for at in range(1, len(words)):
        one, other = joined(" ".join(words[:at])), joined(" ".join(words[at:]))
        fits.append(sa.and_(_begins(Person.name_key, one), _begins(Person.family_key, other)))
        fits.append(sa.and_(_begins(Person.name_key, other), _begins(Person.family_key, one)))
    return fits


def _begins(column: Any, start: str) -> sa.ColumnElement[bool]:
    """Whether a key begins so, in the form that each database looks up by index."""
    if db.session.get_bind().dialect.name == "sqlite":
        return sa.and_(column >= start, column < start + HIGHEST)
    begins: sa.ColumnElement[bool] = column.startswith(start, autoescape=True)
    return begins


def _page(fits: list[sa.ColumnElement[bool]], *, reader_id: int, page: int) -> Found:
    page = min(max(page, 1), MOST_PAGES)
    rows = db.session.execute(
        sa.select(Referral.reference, Referral.status, Referral.received_at, Account.name.label("worker"))
        .add_columns(Force.name.label("force"), Scheme.name.label("scheme"), Person.date_of_birth)
        .add_columns(Person.given_name, Person.family_name, readable_by(reader_id).label("readable"))
        .add_columns(sa.func.count().over().label("of_all"))
        .join(Person, Person.id == Referral.person_id)
        .join(Force, Force.id == Referral.force_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .outerjoin(Case, Case.id == Referral.case_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .where(*fits)
        .order_by(Referral.received_at.desc(), Referral.id.desc())
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
    ).all()
    return Found(tuple(_line(row) for row in rows), rows[0].of_all if rows else 0, page)


def _line(row: Any) -> FoundLine:
    return FoundLine(
        reference=row.reference,
        name=shown_name(row.given_name, row.family_name, readable=row.readable),
        born=row.date_of_birth if row.readable else None,
        force=row.force,
        scheme=row.scheme,
        status=SENTENCES[Status(row.status)],
        open=row.status in OPEN,
        received_at=row.received_at,
        worker=row.worker,
    )
