"""Those who ring are away, and back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from provider.domain.diary.absences import AbsenceOver, AbsenceReason, NoTimeAway
from provider.domain.diary.models import Absence
from provider.domain.diary.queries import slots_between
from provider.kernel.database import db, transaction
from provider.kernel.errors import NotFound
from provider.pathway import rostering
from tests.pathway.walking import Walk, audited

AN_HOUR = timedelta(hours=1)


def away(walk: Walk, starts_at: datetime, ends_at: datetime, *, who: str = "drug_worker") -> int:
    with transaction():
        return rostering.enter_absence(
            walk.world.accounts[who],
            reason=AbsenceReason.SHORT_NOTICE,
            starts_at=starts_at,
            ends_at=ends_at,
            by=walk.lead,
            now=walk.now,
        ).id


def back(walk: Walk, absence_id: int) -> Absence:
    with transaction():
        rostering.end_absence(absence_id, by=walk.lead, now=walk.now)
    return db.session.get_one(Absence, absence_id, populate_existing=True)


def open_starts(walk: Walk) -> list[datetime]:
    """What is open with the first drug worker for the next eight hours."""
    worker = walk.world.accounts["drug_worker"]
    slots = slots_between(walk.now, walk.now + 8 * AN_HOUR, minutes=45, now=walk.now, worker_ids=[worker])
    return [slot.starts_at for slot in slots]


class TestAway:
    def test_nothing_is_open_while_somebody_is_away(self, walk: Walk) -> None:
        before = open_starts(walk)
        away(walk, before[2], before[2] + 2 * AN_HOUR)
        left = open_starts(walk)
        assert set(before) - set(left) == {
            start for start in before if before[2] - AN_HOUR * 0.75 < start < before[2] + 2 * AN_HOUR
        }

    def test_who_entered_it_and_why_is_kept(self, walk: Walk) -> None:
        absence = db.session.get_one(Absence, away(walk, walk.now, walk.now + AN_HOUR))
        assert (absence.reason, absence.entered_by) == ("short_notice", str(walk.lead))
        assert absence.entered_at == walk.now
        assert audited(subject="absence", subject_id=absence.id) == ["absence.entered"]

    def test_one_that_ends_before_it_begins_is_refused(self, walk: Walk) -> None:
        with pytest.raises(NoTimeAway):
            away(walk, walk.now, walk.now)


class TestBack:
    def test_who_is_back_sooner_is_open_again_from_now_on(self, walk: Walk) -> None:
        before = open_starts(walk)
        absence_id = away(walk, walk.now, walk.now + 8 * AN_HOUR)
        assert open_starts(walk) == []
        walk.clock.advance(hours=2)
        absence = back(walk, absence_id)
        assert open_starts(walk) == [start for start in before if start >= walk.now]
        assert (absence.ends_at, absence.ended_at, absence.ended_by) == (walk.now, walk.now, str(walk.lead))

    def test_who_never_went_was_never_away(self, walk: Walk) -> None:
        before = open_starts(walk)
        back(walk, away(walk, before[2] + timedelta(minutes=15), before[2] + AN_HOUR))
        assert open_starts(walk) == before

    def test_it_is_over_once(self, walk: Walk) -> None:
        absence_id = away(walk, walk.now, walk.now + AN_HOUR)
        back(walk, absence_id)
        with pytest.raises(AbsenceOver):
            back(walk, absence_id)

    def test_one_that_never_was_is_not_found(self, walk: Walk) -> None:
        with pytest.raises(NotFound):
            back(walk, 999_999)
