"""A worker's diary in their own calendar: by a link shown once, without a word about anybody, as the diary is now."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from werkzeug.test import TestResponse

from provider.domain.accounts.models import Account, CalendarLink
from provider.domain.audit.models import AuditEntry
from provider.domain.courses.models import Course, CourseSession
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.models import Appointment, WorkingPattern
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.referrals.models import Referral
from provider.kernel.calendar import at_london
from provider.kernel.database import db, transaction
from provider.kernel.tokens import token_hash
from provider.pathway import altering, booking, keeping, rostering, scheduling, shifting, standing_in
from tests.builders import World, add_session, build_world
from tests.canaries import CANARY, plant
from tests.desk import csrf_of, section, send, sign_in, somebody
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk, checked
from tests.queries import queries_of

GIVEN, FAMILY, MOBILE = "Marigold", "Featherstone", "07700 900321"
TELLING = (
    GIVEN,
    FAMILY,
    "900321",
    "1987",
    "assess",
    "course",
    "drug",
    "police",
    "divert",
    "refer",
    "provider",
)
TONIGHT = A_TUESDAY.replace(hour=18)
LATER = timedelta(days=30)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    """Each step in a context of its own: a request in one that is open would share what it remembers."""
    return Walk(world, clock)


@pytest.fixture
def worker(world: World) -> int:
    return world.accounts["drug_worker"]


@pytest.fixture
def colleague(world: World) -> int:
    return world.accounts["drug_worker_2"]


@pytest.fixture
def mine(worker: int) -> str:
    return f"/diary/{worker}/hours"


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def address(desk: FlaskClient, mine: str) -> str:
    return made(desk, mine)


def made(desk: FlaskClient, hours: str) -> str:
    """The path of a new link, as the page shows it, without any script."""
    page = send(desk, hours, hours.replace("hours", "calendar")).text
    (shown,) = re.findall(r'class="app-secret" id="secret">http://localhost(/calendar/[\w-]{43}\.ics)<', page)
    return str(shown)


def asked(app: Flask, address: str, **headers: str) -> TestResponse:
    """The link, asked for by somebody who is not signed in."""
    return app.test_client().get(address, headers=headers)


def read(app: Flask, address: str) -> list[Any]:
    answer = asked(app, address)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.text).events)


def said(app: Flask, address: str) -> list[tuple[str, datetime, datetime]]:
    return [(str(event["SUMMARY"]), event.start, event.end) for event in read(app, address)]


def call(walk: Walk, worker_id: int, *, days: int = 1, hour: int = 10, **about: Any) -> Appointment:
    """Somebody is to be rung by this worker."""
    who = {"given_name": GIVEN, "family_name": FAMILY, "mobile": MOBILE, **about}
    starts_at = A_TUESDAY.replace(hour=hour, minute=0) + timedelta(days=days)
    with walk.world.app.app_context():
        case_id = walk.case(walk.referred(person=checked(**who))).id
    booked: Appointment = do(booking.book, case_id, starts_at=starts_at, worker_id=worker_id, walk=walk)
    return booked


def do(change: Callable[..., Any], *what: Any, walk: Walk, **how: Any) -> Any:
    """What the team lead does now."""
    with walk.world.app.app_context(), transaction():
        return change(*what, by=walk.lead, now=walk.now, **how)


def running(walk: Walk, account_id: int) -> int:
    """A session tonight, which this account helps to run; its id."""
    session_id = add_session(walk.world, course="awareness", starts_at=TONIGHT)
    do(altering.put_to, session_id, account_id, walk=walk)
    return session_id


def away(walk: Walk, account_id: int, begins: datetime, ends: datetime) -> int:
    """They will be on leave; the absence's id."""
    leave = {"reason": AbsenceReason.LEAVE, "starts_at": begins, "ends_at": ends}
    return int(do(rostering.enter_absence, account_id, walk=walk, **leave).id)


class TestTheLink:
    def test_one_is_made_and_shown_once(self, app: Flask, desk: FlaskClient, mine: str, address: str) -> None:
        token = address[len("/calendar/") : -len(".ics")]
        assert asked(app, address).status_code == 200
        part = section(desk.get(mine).text, "calendar")
        assert token not in desk.get(mine).text
        assert "made on Tuesday 24 November 2026 at 9:30am" in part
        assert "Replace the link" in part
        assert "End the link" in part
        with app.app_context():
            assert db.session.scalars(sa.select(CalendarLink.token_hash)).all() == [token_hash(token)]

    def test_before_there_is_one_the_page_says_so(self, desk: FlaskClient, mine: str) -> None:
        part = section(desk.get(mine).text, "calendar")
        assert "No calendar reads this diary." in part
        assert "Make a link" in part
        assert "End the link" not in part

    def test_a_new_one_ends_the_one_before(
        self, app: Flask, desk: FlaskClient, mine: str, address: str
    ) -> None:
        newer = made(desk, mine)
        assert newer != address
        assert asked(app, address).status_code == 404
        assert asked(app, newer).status_code == 200

    def test_one_that_is_ended_leads_nowhere(
        self, app: Flask, desk: FlaskClient, mine: str, address: str
    ) -> None:
        for _ in range(2):
            answer = send(desk, mine, mine.replace("hours", "calendar/end"))
            assert answer.location == mine
        assert "No calendar reads the diary of Drug Worker Example any more." in desk.get(mine).text
        assert asked(app, address).status_code == 404

    def test_who_made_replaced_and_ended_it_is_in_the_trail_and_the_token_is_not(
        self, app: Flask, desk: FlaskClient, worker: int, mine: str, address: str
    ) -> None:
        newer = made(desk, mine)
        for _ in range(2):
            send(desk, mine, mine.replace("hours", "calendar/end"))
        with app.app_context():
            about = AuditEntry.action.like("calendar_link.%")
            found = db.session.scalars(sa.select(AuditEntry).where(about).order_by(AuditEntry.id)).all()
            everything = [str(vars(entry)) for entry in db.session.scalars(sa.select(AuditEntry))]
        assert [(one.action, one.actor, one.subject, one.subject_id) for one in found] == [
            (f"calendar_link.{what}", f"account:{worker}", "account", worker)
            for what in ("made", "replaced", "ended")
        ]
        for token in (address[10:-4], newer[10:-4]):
            assert not any(token in entry or token_hash(token) in entry for entry in everything)

    def test_a_team_lead_ends_anothers_and_never_makes_it(
        self, app: Flask, world: World, mine: str, address: str
    ) -> None:
        lead = app.test_client()
        sign_in(lead, world, "team_lead")
        part = section(lead.get(mine).text, "calendar")
        assert "End the link" in part
        assert "Make a link" not in part
        assert "Replace the link" not in part
        assert send(lead, mine, mine.replace("hours", "calendar")).status_code == 403
        assert asked(app, address).status_code == 200
        send(lead, mine, mine.replace("hours", "calendar/end"))
        assert asked(app, address).status_code == 404
        assert "No calendar reads this diary." in lead.get(mine).text

    def test_nobody_else_does_either(self, app: Flask, world: World, mine: str, address: str) -> None:
        pages = {"drug_worker_2": "/my-day", "facilitator": "/sessions", "administrator": "/accounts"}
        for who, page in {**pages, "officer": "/refer"}.items():
            other = app.test_client()
            sign_in(other, world, who)
            form = {"csrf_token": csrf_of(other, page)}
            for path in ("calendar", "calendar/end"):
                answer = other.post(mine.replace("hours", path), data=form)
                assert answer.status_code == 403, (who, path)
        assert asked(app, address).status_code == 200

    def test_who_is_not_signed_in_is_asked_to(self, app: Flask, desk: FlaskClient, mine: str) -> None:
        form = {"csrf_token": csrf_of(desk, mine)}
        stranger = app.test_client()
        token = {"csrf_token": csrf_of(stranger, "/sign-in")}
        assert "/sign-in" in stranger.post(mine.replace("hours", "calendar"), data=token).location
        assert desk.post(mine.replace("hours", "calendar"), data=form | {"csrf_token": ""}).status_code == 400


class TestWhereItLeadsNowhere:
    def test_it_is_the_same_answer_whyever(self, app: Flask, world: World, worker: int, mine: str) -> None:
        def leads_nowhere(address: str) -> tuple[bytes, dict[str, str]]:
            answer = asked(app, address)
            assert answer.status_code == 404
            return answer.data, {name: value for name, value in answer.headers.items() if name != "Date"}

        desk = app.test_client()
        sign_in(desk, world, "drug_worker")
        replaced, ended = made(desk, mine), made(desk, mine)
        send(desk, mine, mine.replace("hours", "calendar/end"))
        unfinished = made(desk, mine)
        set_active(world, worker, False)
        unknown = f"/calendar/{'x' * 43}.ics"
        answers = [leads_nowhere(one) for one in (unknown, replaced, ended, unfinished, "/calendar/ü.ics")]
        assert all(one == answers[0] for one in answers)
        assert answers[0][1]["Referrer-Policy"] == "no-referrer"
        assert answers[0][1]["X-Robots-Tag"] == "noindex, nofollow"
        assert answers[0][1]["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("how", ["close", "end-sessions"])
    def test_it_ends_with_the_account_and_where_a_phone_was_lost(
        self, app: Flask, world: World, worker: int, address: str, how: str
    ) -> None:
        administrator = app.test_client()
        sign_in(administrator, world, "administrator")
        page = f"/accounts/{worker}"
        send(administrator, page, f"{page}/{how}")
        assert asked(app, address).status_code == 404
        if how == "close":
            send(administrator, page, f"{page}/open")
            assert asked(app, address).status_code == 404
        with app.app_context():
            ended = sa.select(AuditEntry.actor).where(AuditEntry.action == "calendar_link.ended")
            by = f"account:{world.accounts['administrator']}"
            assert db.session.scalars(ended).all() == [by]

    def test_a_lock_after_wrong_passwords_does_not_take_it_away(
        self, app: Flask, world: World, worker: int, address: str
    ) -> None:
        """Else anybody who knows an e-mail address could."""
        with app.app_context(), transaction():
            db.session.get_one(Account, worker).locked_until = A_TUESDAY + timedelta(minutes=15)
        assert asked(app, address).status_code == 200

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_it_is_only_read(self, app: Flask, address: str, method: str) -> None:
        assert app.test_client().open(address, method=method).status_code in {400, 405}


def set_active(world: World, account_id: int, active: bool) -> None:
    with world.app.app_context(), transaction():
        db.session.get_one(Account, account_id).active = active


class TestWhatItSays:
    def test_calls_sessions_and_absences_in_the_order_they_begin(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        booked = call(walk, worker)
        running(walk, worker)
        begins, ends = A_TUESDAY + timedelta(days=5), A_TUESDAY + timedelta(days=6)
        away(walk, worker, begins, ends)
        assert said(app, address) == [
            ("Session", TONIGHT, TONIGHT + timedelta(minutes=150)),
            ("Call", booked.starts_at, booked.starts_at + timedelta(minutes=booked.minutes)),
            ("Away", begins, ends),
        ]

    def test_it_says_nothing_of_anybody(self, app: Flask, walk: Walk, worker: int, address: str) -> None:
        booked = call(walk, worker)
        running(walk, worker)
        with app.app_context(), transaction():
            plant(case_id=booked.case_id, accounts=worker, phone_numbers=1)
            db.session.execute(sa.update(Course).values(name=CANARY, neutral_name=CANARY))
            db.session.execute(sa.update(Appointment).values(moved_words=CANARY, booked_by=CANARY))
            db.session.execute(sa.update(CourseSession).values(held_at=CANARY, join_url=CANARY))
            db.session.execute(sa.update(Account).where(Account.id == worker).values(name=CANARY))
            reference = db.session.scalars(sa.select(Referral.reference)).one()
        answer = asked(app, address)
        assert answer.text.count("BEGIN:VEVENT") == 2
        for word in (*TELLING, CANARY, reference, "@", "http", "meet"):
            assert word.lower() not in answer.text.lower(), word
        for word in (GIVEN, FAMILY, CANARY, reference):
            assert word.lower() not in str(answer.headers).lower(), word

    def test_it_holds_these_properties_and_no_others(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        """None in which words could come to stand."""
        call(walk, worker)
        lines = asked(app, address).text.splitlines()
        assert {re.split("[:;]", line)[0] for line in lines} == {
            *("BEGIN", "END", "VERSION", "PRODID", "NAME", "X-WR-CALNAME"),
            *("REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
            *("SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CLASS", "LAST-MODIFIED"),
        }

    def test_another_workers_diary_is_not_in_it(
        self, app: Flask, walk: Walk, worker: int, colleague: int, address: str
    ) -> None:
        call(walk, colleague)
        running(walk, colleague)
        away(walk, colleague, A_TUESDAY, TONIGHT)
        assert said(app, address) == []

    def test_a_call_that_is_moved_keeps_its_name_and_counts_up(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        booked = call(walk, worker)
        (before,) = read(app, address)
        for times in (1, 2):
            walk.clock.advance(minutes=5)
            to = booked.starts_at + timedelta(days=1)
            booked = do(booking.move_appointment, booked.id, starts_at=to, why=THEY_ASKED, walk=walk)
            (after,) = read(app, address)
            assert after.start == to
            assert (before["UID"], before["SEQUENCE"] + times) == (after["UID"], after["SEQUENCE"])
            assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == walk.now

    def test_one_that_was_moved_is_another_than_the_next(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        """Two chains side by side: each its own name, its own count."""
        first = call(walk, worker, hour=10)
        other = call(walk, worker, hour=14, **somebody(1))
        to = first.starts_at + timedelta(days=1)
        do(booking.move_appointment, first.id, starts_at=to, why=THEY_ASKED, walk=walk)
        found = {event.start: int(event["SEQUENCE"]) for event in read(app, address)}
        assert found == {to: 1, other.starts_at: 0}
        assert len({str(event["UID"]) for event in read(app, address)}) == 2

    def test_a_call_that_a_colleague_makes_instead_is_theirs(
        self, app: Flask, walk: Walk, worker: int, colleague: int, address: str
    ) -> None:
        booked = call(walk, worker)
        instead = standing_in.Instead(booked.id, booked.starts_at, colleague)
        do(standing_in.spread_call, instead, walk=walk)
        assert said(app, address) == []
        theirs = app.test_client()
        sign_in(theirs, walk.world, "drug_worker_2")
        (event,) = read(app, made(theirs, f"/diary/{colleague}/hours"))
        assert (event.start, event["SEQUENCE"]) == (booked.starts_at, 1)

    @pytest.mark.parametrize("ours", [True, False])
    def test_a_call_that_is_called_off_is_gone(
        self, app: Flask, walk: Walk, worker: int, address: str, ours: bool
    ) -> None:
        booked = call(walk, worker)
        assert len(said(app, address)) == 1
        do(booking.call_off, booked.id, ours=ours, walk=walk)
        assert asked(app, address).text.count("VEVENT") == 0

    def test_a_call_that_was_missed_was_one_all_the_same(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        booked = call(walk, worker)
        walk.clock.set(booked.starts_at + timedelta(minutes=10))
        do(keeping.record_missed, booked.id, walk=walk)
        assert [entry[:2] for entry in said(app, address)] == [("Call", booked.starts_at)]

    def test_a_session_that_is_moved_keeps_its_name_and_counts_up(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        session_id = running(walk, worker)
        (before,) = read(app, address)
        for times in (1, 2):
            walk.clock.advance(minutes=5)
            to = TONIGHT + timedelta(days=times)
            do(shifting.move_session, session_id, starts_at=to, walk=walk)
            (after,) = read(app, address)
            assert after.start == to
            assert (before["UID"], before["SEQUENCE"] + times) == (after["UID"], after["SEQUENCE"])
            assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == walk.now

    def test_a_session_that_is_called_off_is_gone(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        session_id = running(walk, worker)
        assert len(said(app, address)) == 1
        do(scheduling.cancel_session, session_id, walk=walk)
        assert said(app, address) == []

    def test_a_session_that_is_over_was_held(self, app: Flask, walk: Walk, worker: int, address: str) -> None:
        session_id = running(walk, worker)
        with app.app_context():
            walk.ran(session_id, {})
        assert [entry[:2] for entry in said(app, address)] == [("Session", TONIGHT)]

    def test_who_covers_has_the_session_and_who_stood_down_does_not(
        self, app: Flask, walk: Walk, worker: int, colleague: int, address: str
    ) -> None:
        session_id = add_session(walk.world, course="awareness", starts_at=TONIGHT)
        facilitator = walk.world.accounts["facilitator"]
        do(altering.take_off, session_id, facilitator, cover_id=worker, because="ill", walk=walk)
        assert [entry[:2] for entry in said(app, address)] == [("Session", TONIGHT)]
        do(altering.take_off, session_id, worker, cover_id=colleague, because="ill", walk=walk)
        assert said(app, address) == []

    def test_an_absence_that_ends_early_is_shorter_and_one_taken_back_is_none(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        begins, ends = A_TUESDAY + timedelta(hours=1), A_TUESDAY + timedelta(days=2)
        absence, other = (away(walk, worker, begins + later, ends + later) for later in (timedelta(), LATER))
        (before, _) = read(app, address)
        walk.clock.advance(hours=5)
        do(rostering.end_absence, absence, walk=walk)
        do(rostering.end_absence, other, walk=walk)
        (after,) = read(app, address)
        assert (after["UID"], after.start, after.end) == (before["UID"], begins, walk.now)
        assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
        assert after["LAST-MODIFIED"].dt == walk.now

    def test_it_goes_from_four_weeks_back_to_half_a_year_ahead(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        """By London's days, so that nothing comes or goes in the middle of one."""
        today = A_TUESDAY.date()
        first = at_london(today - timedelta(weeks=4), time(0))
        last = at_london(today + timedelta(weeks=26), time(0)) - timedelta(minutes=15)
        for at in (first - timedelta(minutes=15), first, last, last + timedelta(minutes=15)):
            lay_down(walk, worker, at)
        found = [entry[:2] for entry in said(app, address)]
        assert found == [("Session", first), ("Session", last)]


def lay_down(walk: Walk, worker_id: int, starts_at: datetime) -> None:
    session_id = add_session(walk.world, course="awareness", starts_at=starts_at, minutes=15)
    with walk.world.app.app_context(), transaction():
        db.session.execute(
            sa.text("UPDATE session_facilitators SET account_id = :who WHERE session_id = :which"),
            {"who": worker_id, "which": session_id},
        )


@pytest.mark.parametrize(
    ("sunday", "there", "in_utc"),
    [
        (date(2026, 10, 25), time(0, 30), "20261024T233000Z"),
        (date(2026, 10, 25), time(1, 30), "20261025T003000Z"),
        (date(2026, 10, 25), time(2, 30), "20261025T023000Z"),
        (date(2027, 3, 28), time(0, 30), "20270328T003000Z"),
        (date(2027, 3, 28), time(2, 30), "20270328T013000Z"),
        (date(2027, 3, 28), time(9), "20270328T080000Z"),
    ],
)
def test_a_call_on_the_nights_on_which_the_clock_changes_is_when_it_is_rung(
    app: Flask, walk: Walk, worker: int, desk: FlaskClient, mine: str, sunday: date, there: time, in_utc: str
) -> None:
    """Booked as anybody books, by the worker's hours on London's clock."""
    walk.clock.set(at_london(sunday - timedelta(days=2), time(12)))
    starts_at = at_london(sunday, there)
    with app.app_context(), transaction():
        always = {"from_minute": 0, "until_minute": 1440, "valid_from": date(2026, 1, 1)}
        db.session.add(WorkingPattern(worker_id=worker, weekday=6, **always))
    with app.app_context():
        occurred_at = (walk.now - timedelta(hours=2)).isoformat()
        case_id = walk.case(walk.referred(occurred_at=occurred_at, agreement={"at": occurred_at})).id
    do(booking.book, case_id, starts_at=starts_at, worker_id=worker, walk=walk)
    sign_in(desk, walk.world, "drug_worker")
    assert f"DTSTART:{in_utc}\r\n" in asked(app, made(desk, mine)).text
    assert datetime.strptime(in_utc, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == starts_at


class TestHowItIsAnswered:
    def test_as_a_calendar_that_nobody_else_keeps(self, app: Flask, address: str) -> None:
        answer = asked(app, address)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == 'inline; filename="diary.ics"'
        assert "Set-Cookie" not in answer.headers

    def test_what_has_not_changed_is_not_sent_again(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        booked = call(walk, worker)
        known = asked(app, address).headers["ETag"]
        walk.clock.advance(hours=3)
        again = asked(app, address, **{"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", known)
        assert again.headers["Cache-Control"] == "private, no-cache"
        to = booked.starts_at + timedelta(hours=1)
        do(booking.move_appointment, booked.id, starts_at=to, why=THEY_ASKED, walk=walk)
        changed = asked(app, address, **{"If-None-Match": known})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != known

    def test_head_says_as_much_without_the_diary(self, app: Flask, address: str) -> None:
        whole, head = asked(app, address), app.test_client().head(address)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]

    def test_neither_the_link_nor_anybody_is_in_the_log(
        self,
        app: Flask,
        walk: Walk,
        desk: FlaskClient,
        mine: str,
        worker: int,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        call(walk, worker)
        with caplog.at_level(logging.DEBUG):
            address = made(desk, mine)
            assert asked(app, address).status_code == 200
            assert asked(app, address.replace(".ics", "x.ics")).status_code == 404
            send(desk, mine, mine.replace("hours", "calendar/end"))
            assert asked(app, address).status_code == 404
        written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
        assert [word for word in (address[10:-4], "/calendar/", FAMILY, MOBILE) if word in written] == []

    def test_it_asks_as_much_however_full_the_diary_is(
        self, app: Flask, walk: Walk, worker: int, address: str
    ) -> None:
        counts = []
        for day in (1, 2, 3):
            booked = call(walk, worker, days=day, **somebody(day))
            to = booked.starts_at + timedelta(hours=2)
            do(booking.move_appointment, booked.id, starts_at=to, why=THEY_ASKED, walk=walk)
            lay_down(walk, worker, TONIGHT + timedelta(days=day))
            with queries_of(app) as sent:
                assert len(read(app, address)) == 2 * day
            counts.append(len(sent))
        assert counts == [4, 4, 4]
