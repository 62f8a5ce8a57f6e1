"""A session of that year: run, marked, confirmed; called off now and then; and a mark put right afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.domain.referrals.models import Referral
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import attending, scheduling
from tests.year.people import Part
from tests.year.service import Service

CALLED_OFF, CORRECTED = 0.04, 0.01
_C = Attendance
CAME = ((_C.ATTC, 90), (_C.LEAC, 4), (_C.LEFT, 3), (_C.ATSS, 2), (_C.AFTC, 1))
STAYED_AWAY = ((_C.UAAB, 70), (_C.AAME, 14), (_C.AAEM, 12), (_C.AAFC, 4))


@dataclass
class Evening:
    """One session, from the day before it to the day after."""

    service: Service
    session_id: int
    facilitator: Actor
    random: Random
    by_itself: bool = field(default=False, init=False)

    def act(self, now: datetime) -> datetime | None:
        session = db.session.get_one(CourseSession, self.session_id)
        if session.state == "cancelled":
            return None
        ends_at = session.starts_at + timedelta(minutes=session.minutes)
        if now < session.starts_at:
            if self.random.random() < CALLED_OFF:
                scheduling.call_session_off(self.session_id, by=self.service.lead, now=now)
                return None
            return ends_at + timedelta(minutes=20)
        if session.confirmed_at is None:
            self._register(now)
            return now + timedelta(hours=20)
        self._put_right(now)
        return None

    def _register(self, now: datetime) -> None:
        """Everybody is marked, as they came; then the facilitator stands by it."""
        rows = db.session.execute(
            sa.select(Place.id, Referral.reference)
            .join(Referral, Referral.case_id == Place.case_id)
            .where(on_the_register(self.session_id))
            .order_by(Place.number, Referral.id)
        )
        whose = {row.id: row.reference for row in rows}
        for place_id, reference in whose.items():
            code = self._code(self.service.part_of.get(reference, Part()))
            minutes = 100 if code.attended else None
            attending.mark(place_id, code, minutes=minutes, by=self.facilitator, now=now)
        attending.confirm_register(self.session_id, by=self.facilitator, now=now)

    def _code(self, part: Part) -> Attendance:
        codes = CAME if self.random.random() < part.comes else STAYED_AWAY
        return self.random.choices([code for code, _ in codes], [often for _, often in codes])[0]

    def _put_right(self, now: datetime) -> None:
        """Somebody who was marked absent had been there."""
        absent = sa.select(Place.id).where(
            Place.session_id == self.session_id, Place.released_at.is_(None), Place.attendance == _C.UAAB
        )
        for place_id in db.session.scalars(absent).all():
            if self.random.random() < CORRECTED * 10:
                attending.correct(
                    place_id, _C.ATTC, minutes=120, reason="was there", by=self.facilitator, now=now
                )
