"""The person: who they are, how they can be reached, and who may read a restricted record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.domain.people.names import joined
from provider.kernel.database import Base, Id, belongs_to


def _family_key(context: Any) -> str:
    return joined(context.get_current_parameters()["family_name"])


class Person(Base):
    """One human being. Somebody found to be a known person after all points to them by ``same_as_id``."""

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
    same_as_id: Mapped[int | None] = belongs_to("people", nullable=True)
    legal_hold_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PhoneNumber(Base):
    """A number somebody may be reached on. ``confirmed_by``: what showed that it is theirs (voice, reply, officer)."""

    __tablename__ = "phone_numbers"
    __table_args__ = (
        sa.Index(
            "uq_phone_numbers_current",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_phone_numbers_e164", "e164"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = belongs_to("people")
    as_given: Mapped[str] = mapped_column(sa.String(40))
    e164: Mapped[str | None] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(20), default="good")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(20))
    texts_wanted: Mapped[bool] = mapped_column(default=True)
    voicemail_wanted: Mapped[bool] = mapped_column(default=False)
    seen_by_others: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RestrictedReader(Base):
    """Somebody named as allowed to read one restricted record."""

    __tablename__ = "restricted_readers"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True)
