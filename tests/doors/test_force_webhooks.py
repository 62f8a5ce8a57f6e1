"""Webhooks at the force administrator's door: how each stands, its log, tests, replays, secrets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.force_webhooks import PAGE, endpoint_page
from provider.domain.compliance.models import NoticeAttempt
from provider.domain.compliance.retrying import RETRIES
from provider.kernel.database import db, transaction
from provider.pathway.forgetting import forget_what_is_over
from provider.pathway.subscribing import Subscribed
from tests.builders import World, build_world, count
from tests.cases import Known, add_case
from tests.desk import csrf_of, sign_in
from tests.fakes import MovableClock
from tests.notices import add_endpoint, deliver, endpoint_of, ids_in_feed, publish, state_of
from tests.queries import queries_of
from tests.races.test_plans import asked_by
from tests.roadside import errors_in
from tests.stand_ins.receiver import Receiver


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_case(world)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def page_of(made: Subscribed, part: str = "") -> str:
    return f"/force/webhooks/{made.public_id}{part}"


def said(client: FlaskClient, path: str) -> str:
    """The words of a page, without its markup."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return words(answer.text)


def words(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def press(client: FlaskClient, path: str, *, on: str | None = None, **typed: str):
    """Post a form as it stands on its page, and follow where that leads."""
    data = {"csrf_token": csrf_of(client, on or path), **typed}
    return client.post(path, data=data, follow_redirects=True)


def fail_for_good(world: World, receiver: Receiver, clock: MovableClock) -> None:
    receiver.always = 500
    deliver(world)
    for wait in RETRIES:
        clock.advance(seconds=wait.total_seconds() * 1.1)
        deliver(world)
    receiver.always = 204


class TestHowItStands:
    def test_nothing_waits(self, world: World, admin: FlaskClient, receiver: Receiver) -> None:
        made = add_endpoint(world, receiver.url)
        page = said(admin, page_of(made))
        assert "Active Everything was taken." in page
        assert "Nothing waits." in page
        assert "Nothing was sent in the last 90 days." in page
        assert "Everything was taken." in said(admin, "/force/webhooks")

    def test_what_waits_since_when_and_when_it_is_tried_again(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 3, now=clock.now() - timedelta(hours=2))
        receiver.answers.append(503)
        deliver(world)
        page = said(admin, page_of(made))
        assert "Trying again The oldest event was not taken." in page
        assert "3 events wait, the oldest since Tue 24 Nov, 7:30am (2 hours ago)." in page
        assert "Not taken Answered 503 Look into your server’s log at this time." in page
        assert "Try again now" in page
        listed = said(admin, "/force/webhooks")
        assert "Trying again" in listed
        assert "Tue 24 Nov, 7:30am" in listed

    def test_failing_says_that_nothing_is_lost_and_what_to_do(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 2)
        fail_for_good(world, receiver, clock)
        sign_in(admin, world, "force_administrator")
        page = said(admin, page_of(made))
        assert "Failing Every try failed" in page
        assert "send a test or try again" in page
        answer = press(admin, page_of(made, "/try-again"), on=page_of(made))
        assert "What waits is being sent" in words(answer.text)
        deliver(world)
        assert receiver.ids()[-2:] == ids_in_feed(world)
        assert "Everything was taken." in said(admin, page_of(made))

    def test_disabled_says_why(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known)
        receiver.answers.append(410)
        deliver(world)
        assert "Disabled Your server answered 410" in said(admin, page_of(made))


class TestTheLog:
    def test_each_delivery_in_words_with_its_event(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        (event,) = publish(world, known)
        deliver(world)
        page = said(admin, page_of(made))
        assert f"assessment.attended {known.reference}" in page
        assert "Taken Answered 204" in page
        assert re.search(r"\b1 [\d,]+ ms", page)
        opened = said(admin, page_of(made, f"/events/{event}"))
        assert f'"id": "{event}"' in opened
        assert known.reference in opened
        assert "Taken Answered 204" in opened
        with world.app.app_context():
            assert count("audit_entries", action="event.read") == 1

    @pytest.mark.parametrize(
        ("url", "happened"),
        [
            ("http://127.0.0.1:9/", "No connection could be made Check that your server is up"),
            ("http://no-such-host.invalid/", "The name was not found Check how the address is written"),
        ],
    )
    def test_a_problem_is_said_with_what_to_do_next(
        self, world: World, known: Known, admin: FlaskClient, url: str, happened: str
    ) -> None:
        made = add_endpoint(world, url)
        publish(world, known)
        deliver(world)
        assert f"Not taken {happened}" in said(admin, page_of(made))

    def test_it_is_read_page_by_page_in_as_many_queries_however_long(
        self, app: Flask, world: World, known: Known, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        asked, first = [], ""
        for more in (1, 2 * PAGE + 5):
            publish(world, known, more)
            deliver(world)
            with queries_of(app) as sent:
                first = admin.get(page_of(made)).text
            asked.append(len(sent))
        assert asked[0] == asked[1]
        seen: list[str] = []
        older: str | None = page_of(made)
        while older:
            page = admin.get(older).text
            seen += re.findall(r"/events/(evt_\w+)", page)
            found = re.search(r'href="([^"]+)" rel="next"', page)
            older = html.unescape(found.group(1)) if found else None
        assert seen == ids_in_feed(world)[::-1]
        assert first.count("/events/evt_") == PAGE

    def test_it_is_found_by_an_index(
        self, app: Flask, world: World, known: Known, receiver: Receiver, engine_name: str
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 3)
        deliver(world)
        explain = "EXPLAIN QUERY PLAN " if engine_name == "sqlite" else "EXPLAIN "
        with app.app_context():
            endpoint_id, now = endpoint_of(made, world).id, world.app.extensions["clock"].now()
            asked = asked_by(lambda: endpoint_page(endpoint_id, before=None, now=now))
            reading = [one for one in asked if "FROM notice_attempts" in one[0]]
            assert len(reading) == 2
            with db.engine.connect() as connection:
                if engine_name == "postgresql":
                    connection.exec_driver_sql("SET enable_seqscan = off")
                for statement, values in reading:
                    plan = str(connection.exec_driver_sql(explain + statement, values).all())
                    assert re.search("ix_notice_attempts_(endpoint_id_id|tests)", plan), plan

    @pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999999999999", "1"])
    def test_an_odd_place_in_it_is_no_fault(self, world: World, admin: FlaskClient, before: str) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        assert admin.get(page_of(made, f"?before={before}")).status_code == 200

    def test_it_is_kept_for_90_days(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        add_endpoint(world, receiver.url)
        for _ in range(2):
            publish(world, known)
            deliver(world)
            clock.advance(days=89)
        with world.app.app_context():
            with transaction():
                forget_what_is_over(now=clock.now())
            assert db.session.scalar(sa.select(sa.func.count(NoticeAttempt.id))) == 1

    def test_nothing_that_was_answered_is_kept(self) -> None:
        kept = {column.name for column in NoticeAttempt.__table__.columns}
        assert kept == {"id", "endpoint_id", "event_id", "at", "status", "problem", "milliseconds", "tries"}


class TestTest:
    def test_its_result_is_shown_when_it_is_there(
        self, world: World, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        assert "None was sent in the last 90 days." in said(admin, page_of(made))
        page = words(press(admin, page_of(made, "/test"), on=page_of(made)).text)
        assert "A test notice is on its way." in page
        assert "Asked for just now. Its answer will stand here." in page
        deliver(world)
        assert re.search(r"Sent Tue 24 Nov, 9:30am: answered 204 in [\d,]+ ms\.", said(admin, page_of(made)))

    def test_one_that_fails_says_why(self, world: World, admin: FlaskClient) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        press(admin, page_of(made, "/test"), on=page_of(made))
        deliver(world)
        page = said(admin, page_of(made))
        assert "no connection could be made in" in page
        assert "Check that your server is up" in page


class TestReplay:
    def test_it_says_how_many_before_it_sends_any(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 5)
        deliver(world)
        receiver.received.clear()
        path = page_of(made, "/replay")
        confirm = press(admin, path, start="event", event=happened[2])
        assert "Send 3 events again?" in words(confirm.text)
        deliver(world)
        assert receiver.received == []
        place = re.search(r'name="place" value="(\d+)"', confirm.text)
        assert place
        done = press(admin, page_of(made, "/replay/now"), on=path, place=place.group(1))
        assert "3 events will be sent, the oldest first." in words(done.text)
        deliver(world)
        assert receiver.ids() == happened[2:]
        with world.app.app_context():
            assert count("audit_entries", action="endpoint.replayed") == 1

    def test_from_the_log_the_event_is_filled_in(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver
    ) -> None:
        made = add_endpoint(world, receiver.url)
        (event,) = publish(world, known)
        deliver(world)
        page = admin.get(page_of(made, f"/replay?event={event}")).text
        assert f'value="{event}"' in page
        assert re.search(r'value="event"[^>]*checked', page)

    @pytest.mark.parametrize(
        ("typed", "events"),
        [
            ({"start": "beginning"}, 4),
            ({"start": "day", "day-day": "24", "day-month": "11", "day-year": "2026"}, 2),
            ({"start": "day", "day-day": "1", "day-month": "1", "day-year": "2026"}, 4),
        ],
    )
    def test_from_a_day_or_the_very_first(
        self,
        world: World,
        known: Known,
        admin: FlaskClient,
        clock: MovableClock,
        typed: dict[str, str],
        events: int,
    ) -> None:
        publish(world, known, 2, now=clock.now() - timedelta(days=1))
        publish(world, known, 2)
        made = add_endpoint(world, "http://127.0.0.1:9/")
        confirm = press(admin, page_of(made, "/replay"), **typed)
        assert f"Send {events} events again?" in words(confirm.text)

    def test_where_there_is_nothing_it_says_so(self, world: World, admin: FlaskClient) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        confirm = press(admin, page_of(made, "/replay"), start="beginning")
        assert "Nothing to send again" in words(confirm.text)
        assert "Send them again" not in confirm.text

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({}, "start"),
            ({"start": "elsewhere"}, "start"),
            ({"start": "day"}, "day"),
            ({"start": "day", "day-day": "31", "day-month": "2", "day-year": "2026"}, "day"),
            ({"start": "day", "day-day": "25", "day-month": "11", "day-year": "2026"}, "day"),
            ({"start": "event"}, "event"),
            ({"start": "event", "event": "evt_" + "0" * 24}, "event"),
            ({"start": "event", "event": "K7QM-2X4D"}, "event"),
            ({"start": "event", "event": "x" * 61}, "event"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, world: World, admin: FlaskClient, typed: dict[str, str], field: str
    ) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        answer = press(admin, page_of(made, "/replay"), **typed)
        assert errors_in(answer).keys() == {field}

    @pytest.mark.parametrize("place", ["", "0", "-5", "x", "9" * 30])
    def test_a_place_that_is_none_sends_nothing(self, world: World, admin: FlaskClient, place: str) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        press(admin, page_of(made, "/replay/now"), on=page_of(made, "/replay"), place=place)
        with world.app.app_context():
            assert count("audit_entries", action="endpoint.replayed") == 0

    def test_it_makes_a_failing_one_active(
        self, world: World, known: Known, admin: FlaskClient, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 2)
        fail_for_good(world, receiver, clock)
        sign_in(admin, world, "force_administrator")
        confirm = press(admin, page_of(made, "/replay"), start="beginning")
        assert "The address is failing: this makes it active again." in words(confirm.text)
        press(admin, page_of(made, "/replay/now"), on=page_of(made, "/replay"), place="1")
        assert state_of(world, made) == "active"


class TestTheSecret:
    def test_a_new_one_is_shown_once_and_the_old_one_signs_for_a_day(
        self, world: World, admin: FlaskClient, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        path = page_of(made, "/secret")
        assert "two signatures" in said(admin, path)
        shown = press(admin, path).text
        found = re.search(r'id="secret">([^<]+)<', shown)
        assert found
        with world.app.app_context():
            box = world.app.extensions["secret_box"]
            assert box.open(endpoint_of(made, world).secret) == found.group(1)
        page = said(admin, page_of(made))
        assert "The new secret, and the old one until Wed 25 Nov, 9:30am" in page
        assert found.group(1) not in page + said(admin, path) + said(admin, "/force/webhooks")

    def test_a_second_change_within_the_day_says_until_when(self, world: World, admin: FlaskClient) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        path = page_of(made, "/secret")
        press(admin, path)
        again = words(press(admin, path).text)
        assert "less than 24 hours ago" in again
        assert "Both secrets sign until Wednesday 25 November 2026 at 9:30am." in again
        ended = press(admin, page_of(made, "/secret/end-old"), on=path)
        assert "The old secret has ended." in words(ended.text)
        assert "One secret" in words(ended.text)
        assert 'id="secret"' in press(admin, path).text
