"""Texts around a booking: which are planned, for when, and that none is left over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Case
from provider.kernel.calendar import london
from provider.kernel.database import db, transaction
from provider.pathway import allocating, reminding
from provider.pathway.steps import terms_of
from tests.pathway.walking import Walk, checked, places, texts
from tests.queries import queries_of


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def call_at(walk: Walk, case: Case, starts_at: datetime) -> Appointment:
    """A call in the diary at any time at all, with its texts: the diary itself has none at night."""
    with transaction():
        appointment = Appointment(
            case_id=case.id,
            worker_id=walk.worker.id,
            kind="assessment",
            starts_at=starts_at,
            minutes=45,
            state="booked",
            state_at=walk.now,
            booked_by="system",
        )
        db.session.add(appointment)
        db.session.flush()
        reminding.remind_of_appointment(
            appointment, terms=terms_of(case), booked="assessment_booked", now=walk.now
        )
    return appointment


@pytest.fixture
def case(walk: Walk) -> Case:
    return walk.case(walk.referred(person=checked()))


@pytest.fixture
def _quiet(case: Case) -> None:
    """Only the texts of the booking are looked at."""
    with transaction():
        db.session.execute(sa.delete(Text))


@pytest.mark.usefixtures("_quiet")
class TestACallFarOff:
    def test_has_a_confirmation_and_every_reminder(self, walk: Walk, case: Case) -> None:
        walk.clock.set(moment("2026-11-24T11:00+00:00"))
        call_at(walk, case, moment("2026-12-08T14:00+00:00"))
        assert texts(case) == {
            "assessment_booked": moment("2026-11-24T11:00+00:00"),
            "assessment_reminder_7d": moment("2026-12-01T10:00+00:00"),
            "assessment_reminder_3d": moment("2026-12-05T10:00+00:00"),
            "assessment_reminder_1d": moment("2026-12-07T10:00+00:00"),
            "assessment_reminder_1h": moment("2026-12-08T13:00+00:00"),
        }

    def test_days_are_counted_in_london_across_the_change_of_clocks(self, walk: Walk, case: Case) -> None:
        walk.clock.set(moment("2027-03-24T11:00+00:00"))
        call_at(walk, case, moment("2027-03-30T14:00+01:00"))
        assert texts(case)["assessment_reminder_3d"] == moment("2027-03-27T10:00+00:00")
        assert texts(case)["assessment_reminder_1d"] == moment("2027-03-29T10:00+01:00")
        assert texts(case)["assessment_reminder_1h"] == moment("2027-03-30T13:00+01:00")


@pytest.mark.usefixtures("_quiet")
class TestALateBooking:
    @pytest.mark.parametrize(
        ("booked", "starts", "kinds"),
        [
            ("2026-11-24T11:00", "2026-11-27T14:00", {"booked", "1d", "1h"}),
            ("2026-11-24T11:00", "2026-11-25T14:00", {"booked", "1h"}),
            ("2026-11-24T11:00", "2026-11-24T15:00", {"booked", "1h"}),
            ("2026-11-24T11:00", "2026-11-24T12:30", {"booked", "1h"}),
            ("2026-11-24T11:00", "2026-11-24T12:05", {"booked"}),
            ("2026-11-24T11:00", "2026-11-24T11:30", {"booked"}),
            ("2026-11-24T21:30", "2026-11-25T09:00", {"booked"}),
            ("2026-11-24T21:30", "2026-11-26T14:00", {"booked", "1h"}),
            ("2026-11-24T07:10", "2026-11-24T08:40", {"booked", "1h"}),
        ],
    )
    def test_skips_what_is_past_and_never_sends_two_at_once(
        self, walk: Walk, case: Case, booked: str, starts: str, kinds: set[str]
    ) -> None:
        walk.clock.set(moment(f"{booked}+00:00"))
        call_at(walk, case, moment(f"{starts}+00:00"))
        planned = texts(case)
        assert {kind.removeprefix("assessment_").removeprefix("reminder_") for kind in planned} == kinds
        in_order = sorted(planned.values())
        gaps = [after - before for before, after in pairwise(in_order)]
        assert all(gap >= timedelta(minutes=30) for gap in gaps)
        assert in_order[0] >= walk.now


@pytest.mark.usefixtures("_quiet")
class TestPoliteHours:
    @pytest.mark.parametrize("hour", range(24))
    @pytest.mark.parametrize("ahead", [3, 12, 14, 30, 100])
    def test_no_text_is_planned_for_the_night(self, walk: Walk, case: Case, hour: int, ahead: int) -> None:
        walk.clock.set(moment(f"2026-11-24T{hour:02}:20+00:00"))
        appointment = call_at(walk, case, walk.now + timedelta(hours=ahead))
        for kind, due in texts(case).items():
            soon = appointment.starts_at - due <= timedelta(hours=2)
            assert 8 <= london(due).hour < 20 or soon, (kind, due)
            assert walk.now <= due < appointment.starts_at

    def test_an_early_call_is_reminded_of_once_people_are_up(self, walk: Walk, case: Case) -> None:
        walk.clock.set(moment("2026-11-24T11:00+00:00"))
        call_at(walk, case, moment("2026-12-01T08:30+00:00"))
        assert texts(case)["assessment_reminder_1h"] == moment("2026-12-01T08:00+00:00")

    def test_what_was_just_booked_for_the_next_hour_is_confirmed_at_any_hour(
        self, walk: Walk, case: Case
    ) -> None:
        walk.clock.set(moment("2026-11-24T06:30+00:00"))
        call_at(walk, case, moment("2026-11-24T07:45+00:00"))
        assert texts(case) == {"assessment_booked": walk.now}


@pytest.mark.usefixtures("_quiet")
def test_every_text_dies_when_it_is_no_use_any_more(walk: Walk, case: Case) -> None:
    """The one an hour before dies at the start; a day's reminder comes no later than people are up that day."""
    walk.clock.set(moment("2026-11-24T11:00+00:00"))
    call_at(walk, case, moment("2026-12-08T14:00+00:00"))
    found = db.session.scalars(sa.select(Text).where(Text.state == "planned").order_by(Text.due_at))
    assert [(text.kind, f"{text.due_at:%d %H:%M}", f"{text.expires_at:%d %H:%M}") for text in found] == [
        ("assessment_booked", "24 11:00", "08 14:00"),
        ("assessment_reminder_7d", "01 10:00", "01 20:00"),
        ("assessment_reminder_3d", "05 10:00", "05 20:00"),
        ("assessment_reminder_1d", "07 10:00", "07 20:00"),
        ("assessment_reminder_1h", "08 13:00", "08 14:00"),
    ]


def test_a_place_has_its_confirmation_reminders_and_link(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.assessed(referral)
    session_id = walk.session(days=10)
    walk.placed(referral, session_id)
    session = db.session.get_one(CourseSession, session_id)
    planned = texts(walk.case(referral))
    assert set(planned) == {
        "course_booked",
        "course_reminder_7d",
        "course_reminder_3d",
        "course_reminder_1d",
        "course_reminder_1h",
    }
    assert planned["course_reminder_1h"] == session.starts_at - timedelta(hours=1)


def test_another_session_takes_all_of_them_along(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.assessed(referral)
    walk.placed(referral, walk.session(days=10))
    other_id = walk.session(days=12)
    case_id = walk.case(referral).id
    with transaction():
        allocating.move_place(case_id, other_id, by=walk.worker, now=walk.now)
    session = db.session.get_one(CourseSession, other_id)
    planned = texts(walk.case(referral))
    assert planned["course_reminder_1h"] == session.starts_at - timedelta(hours=1)
    assert "course_moved" in planned
    assert "course_booked" not in planned
    [old, new] = places(walk.case(referral))
    held = set(db.session.scalars(sa.select(Text.place_id).where(Text.state == "planned")))
    assert held == {new.id}
    assert old.released_at is not None


class TestEverybodyInASession:
    """Planned anew together, as when it is moved: each under their own terms."""

    @pytest.fixture
    def held(self, walk: Walk) -> list[Place]:
        session_id = walk.session(days=10)
        for number in range(3):
            somebody = checked(
                given_name=("Ann", "Bilal", "Chidi")[number],
                family_name=("Abbott", "Hussain", "Okoro")[number],
                date_of_birth=f"199{number}-0{number + 2}-1{number}",
                mobile=f"07700 90011{number}",
            )
            referral = walk.referred(person=somebody, force_reference=f"20/{number}/26")
            walk.assessed(referral)
            walk.placed(referral, session_id)
        with transaction():
            db.session.execute(sa.delete(Text))
        return list(db.session.scalars(sa.select(Place).order_by(Place.number)))

    def planned(self, place: Place) -> set[str]:
        kinds = sa.select(Text.kind).where(Text.place_id == place.id, Text.case_id == place.case_id)
        return {kind.removeprefix("course_") for kind in db.session.scalars(kinds)}

    def test_each_is_reminded_as_their_own_scheme_says(self, walk: Walk, held: list[Place]) -> None:
        session = db.session.get_one(CourseSession, held[0].session_id)
        usual = terms_of(db.session.get_one(Case, held[0].case_id))
        rarely = usual.model_copy(update={"reminder_days": (1,), "reminder_hour_before": False})
        with transaction():
            each = list(zip(held, (usual, rarely, usual), strict=True))
            reminding.remind_of_places(each, session, booked="course_moved", now=walk.now)
        every = {"moved", "reminder_7d", "reminder_3d", "reminder_1d", "reminder_1h"}
        assert [self.planned(place) for place in held] == [every, {"moved", "reminder_1d"}, every]

    def test_however_many_they_are_it_is_one_statement(
        self, walk: Walk, app: Flask, held: list[Place]
    ) -> None:
        session = db.session.get_one(CourseSession, held[0].session_id)
        usual = terms_of(db.session.get_one(Case, held[0].case_id))
        with transaction(), queries_of(app) as sent:
            each = [(place, usual) for place in held]
            reminding.remind_of_places(each, session, booked="course_moved", now=walk.now)
        assert sum(one.startswith("INSERT") for one in sent) == 1

    def test_planned_twice_for_one_time_they_get_nothing_twice(self, walk: Walk, held: list[Place]) -> None:
        session = db.session.get_one(CourseSession, held[0].session_id)
        each = [(place, terms_of(db.session.get_one(Case, place.case_id))) for place in held]
        for again in ("", "", ":1", ":1"):
            with transaction():
                reminding.remind_of_places(each, session, booked="course_moved", again=again, now=walk.now)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Text)) == 2 * 5 * len(held)
