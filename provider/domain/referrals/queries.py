"""Asked of referrals."""

from __future__ import annotations

import sqlalchemy as sa

from provider.domain.referrals.models import Referral
from provider.kernel.database import db


def find_referral(reference: str, *, force_id: int) -> Referral | None:
    """The referral with this reference, as it is stored, if it is this force's."""
    return db.session.scalars(_OWN, {"reference": reference, "force_id": force_id}).one_or_none()


_OWN = sa.select(Referral).where(
    Referral.reference == sa.bindparam("reference"), Referral.force_id == sa.bindparam("force_id")
)
