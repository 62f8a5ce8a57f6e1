"""A change of terms is a version with its day; a referral keeps the one it came under; the clock and its stops."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.clock import moves_of, stops_of
from provider.caseload.deadlines import unmet_dues
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.diary.queries import booked_appointment
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.queries import scheme_under, schemes_of
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from provider.kernel.errors import Invalid, NotFound
from provider.pathway import agreeing, booking, contacting, recognising, scheduling
from tests.builders import World, build_world
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk, checked, events, person, set_terms, tasks
from tests.races.together import at_once

SCHEME = "divert-adult"
MIDNIGHT = datetime.fromisoformat("2026-12-01T00:00:00+00:00")
SUMMER_MIDNIGHT = datetime.fromisoformat("2027-05-31T23:00:00+00:00")


def terms_now(world: World, scheme: str = SCHEME) -> Terms:
    row = db.session.scalars(
        sa.select(SchemeTerms)
        .where(SchemeTerms.scheme_id == world.schemes[scheme])
        .order_by(SchemeTerms.version.desc())
        .limit(1)
    ).one()
    return Terms.model_validate(row.terms)


def changed(walk: Walk, *, day: date | None = None, seen: int = 1, **changes: Any) -> int:
    """A new version of the scheme's terms; answers its number."""
    terms = terms_now(walk.world).model_copy(update=changes)
    with transaction():
        scheme_id = walk.world.schemes[SCHEME]
        made = agreeing.change_terms(scheme_id, terms, from_day=day, seen=seen, by=walk.lead, now=walk.now)
        return made.version


def version_of(walk: Walk, referral: Referral) -> int:
    return scheme_under(walk.fresh(referral).terms_id).version


class TestTheDay:
    @pytest.mark.parametrize(
        ("day", "begins"), [(date(2026, 12, 1), MIDNIGHT), (date(2027, 6, 1), SUMMER_MIDNIGHT)]
    )
    def test_a_second_before_and_at_london_midnight(self, walk: Walk, day: date, begins: datetime) -> None:
        changed(walk, day=day, bar_months=6)
        walk.clock.set(begins - timedelta(seconds=1))
        before = walk.referred(person=checked(given_name="Abel", family_name="Quill"))
        walk.clock.set(begins)
        after = walk.referred(
            person=checked(given_name="Zoe", family_name="Verity", date_of_birth="1990-01-09")
        )
        assert (version_of(walk, before), version_of(walk, after)) == (1, 2)
        for referral in (before, after):
            walk.rung(referral, AttemptOutcome.DECLINED)
        rules = [events(referral)[-1].compliance["rule"] for referral in (before, after)]
        assert rules == ["divert-adult v1", "divert-adult v2"]
        bars = [walk.fresh(referral).bar_until for referral in (before, after)]
        assert bars[0] is not None
        assert bars[1] is not None
        assert (bars[0] - bars[1]).days > 150

    def test_today_is_now_and_yesterday_is_refused(self, walk: Walk) -> None:
        assert changed(walk, day=london_date(walk.now), bar_months=6) == 2
        assert schemes_of(walk.world.forces["midshire"], at=walk.now)[SCHEME].version == 2
        with pytest.raises(Invalid) as refused:
            changed(walk, day=london_date(walk.now) - timedelta(days=1), seen=2, bar_months=7)
        assert [error.pointer for error in refused.value.errors] == ["/from_day"]

    def test_a_referral_keeps_its_version_also_reopened_and_corrected(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        changed(walk, bar_months=6, back_within_days=0, level_that_counts="assessment")
        walk.assessed(referral)
        assert walk.status(referral) == "assessed"
        session = walk.session()
        place = walk.placed(referral, session)
        walk.ran(session, {place: Attendance.UAAB})
        walk.rung(referral, AttemptOutcome.DECLINED)
        walk.clock.advance(days=3)
        walk.reopened(referral)
        walk.corrected(place, Attendance.ATTC)
        assert walk.status(referral) == "completed"
        assert version_of(walk, referral) == 1
        assert {event.compliance["rule"] for event in events(referral)} == {"divert-adult v1"}


class TestPlanned:
    def test_one_can_be_withdrawn_before_its_day_and_never_after(self, walk: Walk) -> None:
        scheme_id = walk.world.schemes[SCHEME]
        changed(walk, day=date(2026, 12, 1), bar_months=6)
        walk.clock.set(MIDNIGHT)
        with pytest.raises(agreeing.NotPlanned), transaction():
            agreeing.withdraw_terms(scheme_id, 2, by=walk.lead, now=walk.now)
        walk.clock.set(MIDNIGHT - timedelta(seconds=1))
        with transaction():
            agreeing.withdraw_terms(scheme_id, 2, by=walk.lead, now=walk.now)
        with pytest.raises(agreeing.NotPlanned), transaction():
            agreeing.withdraw_terms(scheme_id, 2, by=walk.lead, now=walk.now)
        walk.clock.set(MIDNIGHT + timedelta(days=1))
        assert schemes_of(walk.world.forces["midshire"], at=walk.now)[SCHEME].version == 1
        assert changed(walk, seen=1, bar_months=9) == 3

    def test_nothing_begins_before_one_that_is_planned(self, walk: Walk) -> None:
        changed(walk, day=date(2026, 12, 1), bar_months=6)
        with pytest.raises(agreeing.AnotherIsPlanned):
            changed(walk, seen=2, bar_months=7)
        with pytest.raises(agreeing.AnotherIsPlanned):
            changed(walk, seen=2, day=date(2026, 12, 1), bar_months=7)
        assert changed(walk, seen=2, day=date(2026, 12, 2), bar_months=7) == 3

    def test_of_no_scheme(self, walk: Walk) -> None:
        with pytest.raises(NotFound), transaction():
            agreeing.withdraw_terms(999_999, 1, by=walk.lead, now=walk.now)


class TestTogether:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"age_from": 17}, "/age_to"),
            ({"age_from": 30, "age_to": 20}, "/age_to"),
            ({"repeat_rule": "up_to"}, "/repeat_limit"),
            ({"repeat_limit": 2}, "/repeat_limit"),
            ({"disposals": ()}, "/disposals"),
            ({"areas": ()}, "/areas"),
            ({"areas": ("Dudley", "dudley ")}, "/areas"),
            ({"reminder_days": (3, 3)}, "/reminder_days"),
            ({"contact_attempts": 2, "contact_parts_of_day": 1}, "/contact_days"),
            ({"contact_attempts": 2, "contact_days": 1}, "/contact_parts_of_day"),
            ({"contact_within_working_days": 1}, "/contact_within_working_days"),
            ({"lawful_basis": ""}, "/lawful_basis"),
            ({"service_name": "Drug line"}, "/service_name"),
            ({"service_name": " "}, "/service_name"),
            ({"phone": "ring us"}, "/phone"),
            (
                {"intelligence_sentence": "{reference} {times} {dates} {name}: not evidence"},
                "/intelligence_sentence",
            ),
            (
                {"intelligence_sentence": "{reference}: {times} ({dates}); prosecute; not evidence of use"},
                "/intelligence_sentence",
            ),
        ],
    )
    def test_each_fault_at_its_field(self, walk: Walk, changes: dict[str, Any], pointer: str) -> None:
        faults = agreeing.faults_of(terms_now(walk.world).model_copy(update=changes), at="/terms")
        assert [fault.pointer for fault in faults] == [f"/terms{pointer}"]

    def test_a_scheme_that_may_prosecute_may_say_so(self, walk: Walk) -> None:
        sentence = "{reference}: {times} ({dates}); a prosecution may follow; not evidence of use"
        terms = terms_now(walk.world).model_copy(
            update={"may_prosecute": True, "intelligence_sentence": sentence}
        )
        assert agreeing.faults_of(terms) == []

    def test_versions_stored_before_a_field_was_known_still_read(self, walk: Walk) -> None:
        row = db.session.scalars(
            sa.select(SchemeTerms).where(SchemeTerms.scheme_id == walk.world.schemes[SCHEME])
        ).one()
        with transaction():
            row = db.session.get_one(SchemeTerms, row.id)
            kept = ("service_name", "phone", "intelligence_sentence", "bar_months", "areas")
            row.terms = {**{name: row.terms[name] for name in kept}, "first_contact_working_days": 4}
        db.session().info.clear()
        terms = scheme_under(row.id).terms
        assert (terms.first_contact_days, terms.first_contact_day_kind, terms.bar_months) == (
            4,
            "working",
            12,
        )


class TestTheClock:
    def due(self, walk: Walk, referral: Referral, stage: str) -> Any:
        case = walk.case(referral)
        return next(due for due in unmet_dues([case.id], now=walk.now)[case.id] if due.stage == stage)

    def whys(self, walk: Walk, referral: Referral) -> set[str]:
        case_id = walk.case(referral).id
        return {stop.why for stop in stops_of([case_id], moves_of([case_id])).get(case_id, ())}

    def test_stands_still_while_the_number_is_wrong_and_runs_again(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        due = self.due(walk, referral, "assessment").at
        walk.rung(referral, AttemptOutcome.WRONG_NUMBER)
        walk.clock.advance(days=7)
        still = self.due(walk, referral, "assessment")
        assert still.stopped is not None
        assert (london_date(due), london_date(still.at)) == (date(2026, 12, 8), date(2026, 12, 14))
        with transaction():
            contacting.change_number(
                walk.case(referral).id, "07700 900888", confirmed_by=None, by=walk.worker, now=walk.now
            )
        walk.clock.advance(days=7)
        runs = self.due(walk, referral, "assessment")
        assert runs.stopped is None
        assert runs.at == still.at

    def test_stands_still_from_our_own_calling_off_until_the_next_time(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral)
        appointment = booked_appointment(walk.case(referral).id)
        assert appointment is not None
        due = self.due(walk, referral, "assessment").at
        with transaction():
            booking.call_off(appointment.id, ours=True, by=walk.worker, now=walk.now)
        walk.clock.advance(days=2)
        walk.booked(referral)
        walk.clock.advance(days=1)
        assert (self.due(walk, referral, "assessment").at - due).days == 1
        assert self.whys(walk, referral) == {"our_fault"}

    def test_does_not_where_they_asked_for_another_time(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        due = self.due(walk, referral, "assessment").at
        appointment = walk.booked(referral)
        with transaction():
            booking.call_off(appointment.id, ours=False, by=walk.worker, now=walk.now)
        walk.clock.advance(days=3)
        assert self.due(walk, referral, "assessment").at == due

    def test_stands_still_when_we_call_a_session_off(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        session = walk.session()
        walk.placed(referral, session)
        with transaction():
            scheduling.call_session_off(session, by=walk.lead, now=walk.now)
        walk.clock.advance(days=1)
        assert self.due(walk, referral, "course").stopped.why == "our_fault"

    @pytest.mark.parametrize(("stops", "moved"), [(("agreed_absence",), True), ((), False)])
    def test_a_good_reason_not_to_come_stops_it_where_the_terms_say_so(
        self, walk: Walk, world: World, stops: tuple[str, ...], moved: bool
    ) -> None:
        set_terms(world, SCHEME, clock_stops=stops)
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        due = self.due(walk, referral, "course").at
        session = walk.session(days=3)
        walk.ran(session, {walk.placed(referral, session): Attendance.AAME})
        walk.clock.advance(days=5)
        assert (self.due(walk, referral, "course").at > due) == moved

    @pytest.mark.parametrize(("stops", "day"), [(("bank_holidays",), 29), ((), 26)])
    def test_bank_holidays_stop_calendar_days_where_the_terms_say_so(
        self, walk: Walk, world: World, stops: tuple[str, ...], day: int
    ) -> None:
        """Friday 25 December and Monday 28 are bank holidays; Saturday 26 is one in law as well."""
        set_terms(world, SCHEME, clock_stops=stops, assessment_days=3, assessment_day_kind="calendar")
        walk.clock.set(datetime.fromisoformat("2026-12-23T10:00:00+00:00"))
        referral = walk.referred(person=checked())
        assert london_date(self.due(walk, referral, "assessment").at) == date(2026, 12, day)

    @pytest.mark.parametrize(("stops", "days"), [(("identity_in_question",), 1), ((), 0)])
    def test_asking_who_they_are_stops_it_where_the_terms_say_so(
        self, walk: Walk, world: World, stops: tuple[str, ...], days: int
    ) -> None:
        set_terms(world, SCHEME, clock_stops=stops)
        walk.referred(person=checked())
        held = walk.referred(
            person=person(date_of_birth="2003-05-15", mobile="07700 900456"), force_reference=None
        )
        assert held.status == "held"
        promised = held.first_contact_due
        walk.clock.advance(days=2)
        with transaction():
            recognising.settle_match(held.id, same_as=None, by=walk.worker, now=walk.now)
        assert (walk.fresh(held).first_contact_due - promised).days == days

    def test_begins_anew_for_who_came_back(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.rung(referral, AttemptOutcome.DECLINED)
        walk.clock.advance(days=14)
        walk.reopened(referral)
        due = self.due(walk, referral, "first_contact")
        assert not due.late
        assert due.since == walk.now


class TestLinked:
    def test_each_referral_completes_by_its_own_terms(self, walk: Walk, world: World) -> None:
        rules = terms_now(world).pathways.model_dump()
        rules["group_course"]["completed_by"] = "attended"
        set_terms(world, SCHEME, pathways=rules)
        ours = walk.referred(person=checked())
        theirs = walk.deferred(person=checked())
        assert walk.case(ours).id == walk.case(theirs).id
        walk.assessed(ours)
        session = walk.session()
        place = walk.placed(ours, session)
        walk.ran(session, {place: Attendance.LEFT})
        assert (walk.status(ours), walk.status(theirs)) == ("completed", "waiting")
        assert "rebook" in tasks(walk.case(theirs))
        walk.corrected(place, Attendance.ATTC)
        assert (walk.status(ours), walk.status(theirs)) == ("completed", "completed")

    def test_a_miss_uses_no_chance_where_either_scheme_says_so(self, walk: Walk, world: World) -> None:
        rules = terms_now(world).pathways.model_dump()
        rules["group_course"]["miss_uses_chance"] = False
        set_terms(world, SCHEME, pathways=rules)
        ours = walk.referred(person=checked())
        walk.deferred(person=checked())
        walk.assessed(ours)
        session = walk.session()
        place = walk.placed(ours, session)
        walk.ran(session, {place: Attendance.UAAB})
        assert walk.case(ours).misses == 0
        walk.corrected(place, Attendance.AAME)
        assert walk.case(ours).misses == 0


def test_two_who_change_at_once_one_is_told_what_the_other_changed(app: Flask) -> None:
    world = build_world(app)

    def change(months: int) -> int:
        with transaction():
            terms = terms_now(world).model_copy(update={"bar_months": months})
            scheme_id = world.schemes[SCHEME]
            by = Walk(world, app.extensions["clock"]).lead
            return agreeing.change_terms(
                scheme_id, terms, from_day=None, seen=1, by=by, now=A_TUESDAY
            ).version

    answers = at_once(app, [partial(change, months) for months in range(1, 9)])
    assert [answer for answer in answers if answer == 2] == [2]
    assert sum(isinstance(answer, agreeing.ChangedMeanwhile) for answer in answers) == 7
    with app.app_context():
        count = sa.select(sa.func.count()).select_from(SchemeTerms)
        assert db.session.scalar(count.where(SchemeTerms.scheme_id == world.schemes[SCHEME])) == 2
