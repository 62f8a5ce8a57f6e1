"""Whatever is booked, moved, called off and missed: what is planned is what the booking that stands would be given."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.messaging.models import Text
from provider.domain.messaging.timing import confirmed_at, reminders
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from provider.pathway import booking, keeping
from tests.builders import World
from tests.pathway.walking import Walk, checked, set_terms

Planned = dict[tuple[int | None, str], datetime]
"""By appointment and kind, when it is due."""

PLENTY = {"misses_allowed": 10, "moves_allowed": 20}


def planned(case: Case) -> Planned:
    found = sa.select(Text.appointment_id, Text.kind, Text.due_at).where(
        Text.case_id == case.id, Text.state == "planned"
    )
    return {(row.appointment_id, row.kind): row.due_at for row in db.session.execute(found)}


def afresh(appointment: Appointment, *, booked: str, made_at: datetime) -> Planned:
    """What a booking made at that moment is given, and nothing from before it."""
    starts_at = appointment.starts_at
    confirmed = confirmed_at(starts_at, now=made_at)
    ahead = reminders(
        starts_at, days=(7, 3, 1), hour_before=True, on_bank_holidays=True, after=confirmed or made_at
    )
    given: Planned = {(appointment.id, f"assessment_reminder_{one.when}"): one.due_at for one in ahead}
    return given if confirmed is None else {(appointment.id, booked): confirmed, **given}


class Diary:
    """One person's call, which somebody keeps changing."""

    def __init__(self, walk: Walk, referral: Referral, chance: random.Random) -> None:
        self.walk, self.case, self.chance = walk, walk.case(referral), chance
        self.made_at = walk.now

    @property
    def coming(self) -> Appointment | None:
        return booked_appointment(self.case.id)

    def step(self) -> None:
        self.walk.clock.advance(minutes=self.chance.choice((1, 20, 300, 1500, 4000)))
        if self.coming is None:
            self._book()
        elif self.coming.starts_at <= self.walk.now:
            self._change("missed")
        else:
            self._change(self.chance.choice(("moved", "moved", "off", "ours", "left")))

    def _book(self) -> None:
        with transaction():
            booking.book(self.case.id, starts_at=self._start(), by=self.walk.worker, now=self.walk.now)
        self.made_at = self.walk.now

    def _start(self) -> datetime:
        now = self.walk.now
        return self.chance.choice(slots_between(now, now + timedelta(days=14), minutes=45, now=now)).starts_at

    def _change(self, how: str) -> None:
        assert self.coming is not None
        of, by, now = self.coming.id, self.walk.worker, self.walk.now
        with transaction():
            if how == "missed":
                keeping.record_missed(of, by=by, now=now)
            elif how == "moved":
                booking.move_appointment(of, starts_at=self._start(), why=THEY_ASKED, by=by, now=now)
                self.made_at = now
            elif how != "left":
                booking.call_off(of, ours=how == "ours", by=by, now=now)

    def holds(self) -> None:
        found, coming = planned(self.case), self.coming
        about_it = {key: due for key, due in found.items() if coming is not None and key[0] == coming.id}
        if coming is not None:
            said = {kind for _, kind in about_it} & {"assessment_booked", "assessment_moved"}
            assert about_it == afresh(coming, booked=next(iter(said), ""), made_at=self.made_at)
        others = {kind for of, kind in found.keys() - about_it.keys() if of is not None}
        assert others <= {"assessment_cancelled", "missed_assessment"}


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes(walk: Walk, world: World, seed: int) -> None:
    set_terms(world, "divert-adult", **PLENTY)
    diary = Diary(walk, walk.referred(person=checked()), random.Random(seed))
    for _ in range(15):
        diary.step()
        diary.holds()


@pytest.mark.parametrize("seed", range(4))
def test_calls_that_nobody_answers_are_announced_once_a_day_and_as_often_as_the_scheme_says(
    walk: Walk, seed: int
) -> None:
    """Made early, late or on time, until calling is over: every text goes out when it is due."""
    chance = random.Random(seed)
    referral = walk.referred()
    case = walk.case(referral)
    while case.next_call_at is not None:
        ring_at = case.next_call_at + timedelta(minutes=chance.choice((-600, -10, 0, 45)))
        walk.clock.set(max(ring_at, walk.now + timedelta(minutes=1)))
        with transaction():
            db.session.execute(
                sa.update(Text)
                .where(Text.state == "planned", Text.due_at <= walk.now)
                .values(state="sent", tries=1, sent_at=Text.due_at)
            )
        walk.rung(referral)
        case = walk.case(referral)
        assert len(planned(case)) <= 1
    sent = db.session.execute(
        sa.select(Text.kind, Text.due_at).where(Text.case_id == case.id, Text.state == "sent")
    ).all()
    days = [london_date(row.due_at) for row in sent]
    assert len(set(days)) == len(days)
    assert sum(row.kind == "first_contact_again" for row in sent) <= 2
    assert planned(case) == {}
