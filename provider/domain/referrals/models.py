"""The referral as the force sent it, where it stands, every move it made, and the case that serves it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates

from provider.kernel.database import Base, Id, belongs_to

OPEN_CASE = sa.text("closed_at IS NULL")
UNDECIDED = sa.text("decided_at IS NULL")
CRIME_NUMBER = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")
"""Sorted by its characters alone, so that an index finds what a crime number begins with."""


class Case(Base):
    """What one call and one course serve: usually one referral, two when a person is referred again while one is open.

    Contact attempts, notes, appointments, the assessment, places and texts belong to the case. What is due stands here
    as if the clock never stopped: it is not late before then.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index(
            "uq_cases_open_person",
            "person_id",
            unique=True,
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        sa.Index("ix_cases_caseload", "assigned_to_id", "closed_at", "next_call_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = belongs_to("people")
    assigned_to_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    next_call_at: Mapped[datetime | None]
    next_call_why: Mapped[str | None] = mapped_column(sa.String(200))
    first_contact_due: Mapped[datetime]
    assessment_due: Mapped[datetime | None]
    course_due: Mapped[datetime | None]
    best_times: Mapped[str | None] = mapped_column(sa.String(200))
    pathway: Mapped[str | None] = mapped_column(sa.String(30))
    course_id: Mapped[int | None] = belongs_to("courses", nullable=True)
    misses: Mapped[int] = mapped_column(default=0)


class Referral(Base):
    """One referral by one force. ``status`` is changed by ``pathway.steps`` alone.

    ``sent_name`` is the name as this force sent it, to be shown back to it: the person's record may hold another
    force's spelling. It goes when the person is erased. ``crime_number`` is ``force_reference`` as it is looked up.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        sa.UniqueConstraint("force_id", "duplicate_key"),
        sa.Index("ix_referrals_case", "case_id"),
        sa.Index("ix_referrals_force_received", "force_id", "received_at"),
        sa.Index("ix_referrals_status", "status", "received_at"),
        sa.Index("ix_referrals_force_reference", "force_id", "force_reference"),
        sa.Index("ix_referrals_force_crime_number", "force_id", "crime_number"),
        sa.Index("ix_referrals_force_closed", "force_id", "closed_at"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(sa.String(9), unique=True)
    force_id: Mapped[int] = belongs_to("forces", index=False)
    scheme_id: Mapped[int] = belongs_to("schemes")
    terms_id: Mapped[int] = belongs_to("scheme_terms", index=False)
    person_id: Mapped[int] = belongs_to("people")
    case_id: Mapped[int | None] = belongs_to("cases", nullable=True, index=False)
    status: Mapped[str] = mapped_column(sa.String(20))
    status_at: Mapped[datetime]
    level: Mapped[str] = mapped_column(sa.String(20), default="none")
    decline_reason: Mapped[str | None] = mapped_column(sa.String(30))
    ended_reason: Mapped[str | None] = mapped_column(sa.String(30))
    may_reoffer: Mapped[bool] = mapped_column(default=True)
    bar_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(sa.String(20))
    first_contact_due: Mapped[datetime]
    force_reference: Mapped[str | None] = mapped_column(sa.String(50))
    crime_number: Mapped[str | None] = mapped_column(CRIME_NUMBER)
    duplicate_key: Mapped[str | None] = mapped_column(sa.String(64))
    occurred_at: Mapped[datetime]
    setting: Mapped[str] = mapped_column(sa.String(30))
    area: Mapped[str | None] = mapped_column(sa.String(100))
    disposal_outcome: Mapped[str] = mapped_column(sa.String(4))
    responsibility_accepted: Mapped[bool | None]
    appropriate_adult: Mapped[bool | None]
    offence_code: Mapped[str] = mapped_column(sa.String(40))
    drugs: Mapped[list[dict[str, Any]]]
    agreement_at: Mapped[datetime | None]
    notice_version: Mapped[str | None] = mapped_column(sa.String(20))
    officer_account_id: Mapped[int | None] = belongs_to("accounts", nullable=True)
    officer_collar_number: Mapped[str] = mapped_column(sa.String(30))
    officer_name: Mapped[str | None] = mapped_column(sa.String(100))
    officer_email: Mapped[str | None] = mapped_column(sa.String(254))
    sent_name: Mapped[str | None] = mapped_column(sa.String(201))
    best_times: Mapped[str | None] = mapped_column(sa.String(200))
    risk_markers: Mapped[list[str]]
    risk_note: Mapped[str | None] = mapped_column(sa.String(1000))
    responsible_adult: Mapped[dict[str, Any] | None]
    youth_justice_told_on: Mapped[date | None]
    warnings: Mapped[list[dict[str, Any]]]

    @validates("force_reference")
    def _look_up_by(self, _name: str, reference: str | None) -> str | None:
        self.crime_number = as_looked_up(reference) if reference else None
        return reference


def as_looked_up(crime_number: str) -> str:
    """A crime number however it is spaced or cased: ``20/ 123456 /26a`` and ``20/123456/26A`` are one."""
    return "".join(crime_number.split()).lower()[:50]


class ReferralDraft(Base):
    """What an officer has typed and not sent yet, encrypted. Once sent it names its referral and holds nothing else.

    A first screen that is still open is a draft with nothing in it. ``phone_key`` opens what the phone keeps of a
    screen that was not sent; it is encrypted too, is told to the officer's own page alone, and goes with the draft.
    """

    __tablename__ = "referral_drafts"

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(sa.String(40), unique=True)
    account_id: Mapped[int] = belongs_to("accounts")
    sealed: Mapped[str | None] = mapped_column(sa.Text)
    phone_key: Mapped[str | None] = mapped_column(sa.String(300))
    referral_id: Mapped[int | None] = belongs_to("referrals", nullable=True)
    updated_at: Mapped[datetime] = mapped_column(index=True)


class ReferralEvent(Base):
    """One move of a referral: from, to, when, by whom and why. Only ever added.

    ``happened_at`` is when it really came about, where that was before it was recorded.
    """

    __tablename__ = "referral_events"

    id: Mapped[Id]
    referral_id: Mapped[int] = belongs_to("referrals")
    at: Mapped[datetime]
    happened_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(sa.String(60))
    from_status: Mapped[str | None] = mapped_column(sa.String(20))
    to_status: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str | None] = mapped_column(sa.String(40))


class PossibleMatch(Base):
    """Somebody already known whom a referral may be about; a drug worker says so or not."""

    __tablename__ = "possible_matches"
    __table_args__ = (sa.UniqueConstraint("referral_id", "person_id"),)

    id: Mapped[Id]
    referral_id: Mapped[int] = belongs_to("referrals", index=False)
    person_id: Mapped[int] = belongs_to("people")
    likeness: Mapped[str] = mapped_column(sa.String(20))
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    same: Mapped[bool | None]


class ReferralChange(Base):
    """A correction a force made to what it sent: which field, by whom and when, before and after."""

    __tablename__ = "referral_changes"

    id: Mapped[Id]
    referral_id: Mapped[int] = belongs_to("referrals")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(60))
    field: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[str | None] = mapped_column(sa.String(500))
    after: Mapped[str | None] = mapped_column(sa.String(500))


class BarReview(Base):
    """Somebody asked that a bar be looked at again, and what a named person decided.

    ``asked_through``: desk, where the person asked a drug worker, or force. ``words`` are the asker's own; what was
    said at the desk is never for a force, and no ``reason`` is. ``decision``: keep, lift (which takes the log
    back too), or overtaken where the bar went before anybody had decided.
    """

    __tablename__ = "bar_reviews"
    __table_args__ = (
        sa.Index(
            "uq_bar_reviews_open",
            "referral_id",
            unique=True,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        ),
        sa.Index("ix_bar_reviews_due", "due_at", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )

    id: Mapped[Id]
    referral_id: Mapped[int] = belongs_to("referrals")
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(60))
    asked_through: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str] = mapped_column(sa.Text)
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    decision: Mapped[str | None] = mapped_column(sa.String(20))
    reason: Mapped[str | None] = mapped_column(sa.Text)
