"""A diary as bytes: what stands in them, the nights on which the clock changes, what changes with what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from provider.caseload.own_calendar import Entry, Kind
from provider.domain.messaging.forbidden import forbidden_in
from provider.kernel.calendar import at_london, london
from provider.web.calendar.written import written
from tests.fakes import A_TUESDAY

SECRET = "s" * 32
CALL = Entry(Kind.CALL, 12, A_TUESDAY, A_TUESDAY + timedelta(minutes=45), 0, A_TUESDAY - timedelta(days=3))


def bytes_of(*entries: Entry, of: int = 7, secret: str = SECRET) -> bytes:
    return written(entries, of=of, secret=secret)


def read(*entries: Entry, of: int = 7, secret: str = SECRET) -> list[Any]:
    """The events, as another program reads them."""
    calendar = Calendar.from_ical(bytes_of(*entries, of=of, secret=secret))
    assert [str(error) for error in calendar.errors] == []
    return list(calendar.events)


def uid(entry: Entry, **more: Any) -> str:
    (event,) = read(entry, **more)
    return str(event["UID"])


def test_an_entry_is_these_bytes_and_no_others() -> None:
    moved = replace(CALL, moves=2)
    assert bytes_of(moved).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Diary//EN",
        "NAME:Diary",
        "X-WR-CALNAME:Diary",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VEVENT",
        "SUMMARY:Call",
        "DTSTART:20261124T093000Z",
        "DTEND:20261124T101500Z",
        "DTSTAMP:20261121T093000Z",
        f"UID:{uid(moved)}",
        "SEQUENCE:2",
        "CLASS:PRIVATE",
        "LAST-MODIFIED:20261121T093000Z",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("kind", "said"), [(Kind.CALL, "Call"), (Kind.SESSION, "Session"), (Kind.AWAY, "Away")]
)
def test_each_kind_is_named_in_one_neutral_word(kind: Kind, said: str) -> None:
    (event,) = read(replace(CALL, kind=kind))
    assert str(event["SUMMARY"]) == said
    assert forbidden_in(bytes_of(replace(CALL, kind=kind)).decode()) == ()


def test_nothing_in_the_diary_is_a_calendar_with_nothing_in_it() -> None:
    assert read() == []


OCTOBER, MARCH = date(2026, 10, 25), date(2027, 3, 28)


@pytest.mark.parametrize(
    ("day", "clock", "later", "starts", "ends"),
    [
        (OCTOBER, time(0, 30), 0, "20261024T233000Z", "20261025T003000Z"),
        (OCTOBER, time(1, 30), 0, "20261025T003000Z", "20261025T013000Z"),
        (OCTOBER, time(1, 30), 60, "20261025T013000Z", "20261025T023000Z"),
        (OCTOBER, time(2, 30), 0, "20261025T023000Z", "20261025T033000Z"),
        (MARCH, time(0, 30), 0, "20270328T003000Z", "20270328T013000Z"),
        (MARCH, time(2, 30), 0, "20270328T013000Z", "20270328T023000Z"),
        (MARCH, time(9), 0, "20270328T080000Z", "20270328T090000Z"),
    ],
)
def test_an_hour_is_an_hour_on_the_nights_on_which_the_clock_changes(
    day: date, clock: time, later: int, starts: str, ends: str
) -> None:
    """Half past one comes twice in October; from half past midnight to half past two is an hour in March."""
    starts_at = at_london(day, clock) + timedelta(minutes=later)
    entry = replace(CALL, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    said = bytes_of(entry).decode()
    assert f"DTSTART:{starts}\r\nDTEND:{ends}\r\n" in said
    assert london(datetime.strptime(starts, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)).time() == clock
    (event,) = read(entry)
    assert (event.start, event.end) == (entry.starts_at, entry.ends_at)


def test_an_entry_goes_by_one_name_however_often_it_changes() -> None:
    a_day = timedelta(days=1)
    times = {"starts_at": CALL.starts_at + a_day, "ends_at": CALL.ends_at + a_day}
    later = replace(CALL, **times, moves=1, changed_at=A_TUESDAY)  # type: ignore[arg-type]
    assert uid(later) == uid(CALL)
    (before,), (after,) = read(CALL), read(later)
    for name in ("SEQUENCE", "LAST-MODIFIED", "DTSTAMP", "DTSTART"):
        assert before[name] != after[name], name


def test_no_two_things_go_by_one_name_and_no_name_says_what_it_is() -> None:
    """Of another kind, number or account, or under another secret: another name, and none holds a number of ours."""
    names = {
        uid(CALL),
        uid(replace(CALL, kind=Kind.SESSION)),
        uid(replace(CALL, number=13)),
        uid(CALL, of=8),
        uid(CALL, secret="t" * 32),
    }
    assert len(names) == 5
    assert all(len(name) == 32 and int(name, 16) for name in names)


def test_the_same_diary_is_the_same_bytes() -> None:
    assert bytes_of(CALL) == bytes_of(CALL)
