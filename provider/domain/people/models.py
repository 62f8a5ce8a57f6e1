"""The person: who they are, how they can be reached, and who may read a restricted record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates

from provider.domain.people.names import joined
from provider.domain.people.number_states import NumberState, may_follow
from provider.kernel.database import Base, Id, belongs_to


def _family_key(context: Any) -> str:
    return joined(context.get_current_parameters()["family_name"])


class Person(Base):
    """One human being. Somebody found to be a known person after all points to them by ``same_as_id``.

    ``texts_to``: who gets the texts while they are under 18, as decided with them at the first call (see ``reach``);
    ``competence``: whether somebody under 16 can decide that alone.
    """

    __tablename__ = "people"
    __table_args__ = (
        # Found by how a name begins, whatever collation the database has.
        sa.Index(
            "ix_people_name_key",
            "name_key",
            "date_of_birth",
            postgresql_ops={"name_key": "varchar_pattern_ops"},
        ),
        sa.Index("ix_people_family_key", "family_key", postgresql_ops={"family_key": "varchar_pattern_ops"}),
        sa.Index("ix_people_born", "date_of_birth"),
    )

    id: Mapped[Id]
    given_name: Mapped[str] = mapped_column(sa.String(100))
    family_name: Mapped[str] = mapped_column(sa.String(100))
    name_key: Mapped[str] = mapped_column(sa.String(200))
    family_key: Mapped[str] = mapped_column(sa.String(100), default=_family_key)
    date_of_birth: Mapped[date]
    gender: Mapped[str] = mapped_column(sa.String(20))
    self_defined_ethnicity: Mapped[str | None] = mapped_column(sa.String(2))
    officer_observed_ethnicity: Mapped[str | None] = mapped_column(sa.String(1))
    pnc_id: Mapped[str | None] = mapped_column(sa.String(30))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    address_line_1: Mapped[str | None] = mapped_column(sa.String(200))
    town: Mapped[str | None] = mapped_column(sa.String(100))
    postcode: Mapped[str | None] = mapped_column(sa.String(10))
    language: Mapped[str] = mapped_column(sa.String(20), default="en")
    interpreter_needed: Mapped[bool] = mapped_column(default=False)
    accessibility_needs: Mapped[str | None] = mapped_column(sa.String(500))
    restricted: Mapped[bool] = mapped_column(default=False)
    texts_to: Mapped[str | None] = mapped_column(sa.String(10))
    texts_agreed_at: Mapped[datetime | None]
    competence: Mapped[str | None] = mapped_column(sa.String(20))
    name_checked_at: Mapped[datetime | None]
    same_as_id: Mapped[int | None] = belongs_to("people", nullable=True)
    legal_hold_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


RUNG = sa.text("ended_at IS NULL AND relation IS NULL")
RUNG_FOR_THEM = sa.text("ended_at IS NULL AND relation IS NOT NULL")


class PhoneNumber(Base):
    """A number somebody is reached on: their own, or, where ``relation`` says whose, a responsible adult's.

    ``confirmed_by``: what last showed that it is theirs (voice, reply, officer), and ``confirmed_at`` when.
    ``who_sees``: what they said about who else sees the phone; None where nobody asked.
    """

    __tablename__ = "phone_numbers"
    __table_args__ = (
        sa.Index(
            "uq_phone_numbers_current", "person_id", unique=True, sqlite_where=RUNG, postgresql_where=RUNG
        ),
        sa.Index(
            "uq_phone_numbers_adult",
            "person_id",
            unique=True,
            sqlite_where=RUNG_FOR_THEM,
            postgresql_where=RUNG_FOR_THEM,
        ),
        sa.Index("ix_phone_numbers_e164", "e164"),
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(str(state)) for state in NumberState)})", name="state"
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = belongs_to("people")
    relation: Mapped[str | None] = mapped_column(sa.String(40))
    as_given: Mapped[str] = mapped_column(sa.String(40))
    e164: Mapped[str | None] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(20), default="good")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(20))
    texts_wanted: Mapped[bool] = mapped_column(default=True)
    voicemail_wanted: Mapped[bool] = mapped_column(default=False)
    who_sees: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @validates("state")
    def _only_as_the_table_says(self, _: str, then: str) -> str:
        before = self.__dict__.get("state")
        if before is not None and not may_follow(before, then):
            raise ValueError(f"a number that is {before} is never {then} next")
        return str(then)


def rung_on(person_id: Any = Person.id) -> sa.ColumnElement[bool]:
    """Joins a person to the number they are rung on themselves: at most one."""
    return sa.and_(
        PhoneNumber.person_id == person_id, PhoneNumber.ended_at.is_(None), PhoneNumber.relation.is_(None)
    )


class RestrictedReader(Base):
    """Somebody named as allowed to read one restricted record."""

    __tablename__ = "restricted_readers"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True)


class NonAssociation(Base):
    """Two people who are never in one session; the one with the smaller id stands first, so that a pair is one row.

    ``reason`` is a code of ``apart.Why``. ``note`` is for who may read sensitive notes.
    """

    __tablename__ = "non_associations"
    __table_args__ = (
        sa.CheckConstraint("first_id < second_id", name="in_order"),
        sa.Index(
            "uq_non_associations_standing",
            *("first_id", "second_id"),
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_non_associations_second_id", "second_id"),
    )

    id: Mapped[Id]
    first_id: Mapped[int] = belongs_to("people", index=False)
    second_id: Mapped[int] = belongs_to("people", index=False)
    reason: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str | None] = mapped_column(sa.String(1000))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(60))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
