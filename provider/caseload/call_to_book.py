"""The call that somebody has still to have and no time for: they may choose one themselves, behind their link."""

from __future__ import annotations

import sqlalchemy as sa

from provider.domain.diary.outcomes import CallOutcome
from provider.domain.diary.queries import booked_appointment, latest_appointment
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN, Status
from provider.kernel.database import db

AFTER_ASSESSMENT = {"structured_treatment": "treatment", "one_to_one": "one_to_one"}
"""The kind of call that a pathway is made of; what is missing here is held in sessions, or is advice alone."""


def call_to_book(case_id: int) -> str | None:
    """The kind of call that comes next for a case; None where one is booked, or a session or nothing is next."""
    if booked_appointment(case_id) is not None:
        return None
    rows = db.session.execute(
        sa.select(Referral.status, Case.pathway)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.case_id == case_id, Referral.status.in_(OPEN))
    ).all()
    stands = {row.status for row in rows}
    if stands == {Status.ACCEPTED}:
        return None if _is_to_be_recorded(case_id) else "assessment"
    return AFTER_ASSESSMENT.get(rows[0].pathway or "") if stands == {Status.ASSESSED} else None


def _is_to_be_recorded(case_id: int) -> bool:
    """Whether the assessment took place, as it was corrected, and is only to be written down."""
    call = latest_appointment(case_id)
    return call is not None and (call.kind, call.state) == ("assessment", CallOutcome.TOOK_PLACE)
