"""Zoom's participant report: every shape is read, no date is guessed, and what is wrong is named by its line."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.meetings.zoom_csv import ReportUnreadable
from provider.domain.meetings.zoom_report import ParticipantReport, ReportOfAnotherSession, read_report
from provider.kernel.errors import Invalid, Refusal

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)
OLD = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room"
NEW = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Disclaimer response,In waiting room"
UNIQUE = "Name (Original Name),User Email,Total Duration (Minutes),Guest"
UNIQUE_NEW = "Name (original name),Email,Total duration (minutes),Guest"
PREAMBLE = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n"
    "852 1848 6288,Session,10/05/2026 09:55,10/05/2026 12:30,host@provider.example,155,12\n\n"
)
PREAMBLE_NEW = (
    "Topic,ID,Host name,Host email,Start time,End time,Participants,Duration (minutes)\n"
    "Session,852 1848 6288,Jo,host@provider.example,10/05/2026 09:55,10/05/2026 12:30,12,155\n\n"
)
JOIN = "Sam E,a1@in.example,10/05/2026 10:02:11,10/05/2026 12:30:00,148,Yes,,No\n"
TOTAL = "Sam E,a1@in.example,148,Yes\n"


def read(text: str | bytes, *, start: datetime = START, zone: ZoneInfo = LONDON) -> ParticipantReport:
    return read_report(text if isinstance(text, bytes) else text.encode(), session_start=start, zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("before", ["", PREAMBLE, PREAMBLE_NEW])
@pytest.mark.parametrize("heading", [OLD, NEW, OLD.upper(), OLD.replace(" (", "(").lower()])
def test_joins_are_read_with_and_without_a_preamble_in_old_and_new_headings(before, heading):
    report = read(f"{before}{heading}\n{JOIN}")
    [row] = report.rows
    assert report.shape == "joins"
    assert (row.name, row.original_name, row.email, row.minutes) == ("Sam E", None, "a1@in.example", 148)
    assert (row.join_at, row.leave_at) == (utc("2026-05-10T09:02:11"), utc("2026-05-10T11:30:00"))
    assert not row.in_waiting_room
    assert row.number == (5 if before else 2)


@pytest.mark.parametrize("before", ["", PREAMBLE, PREAMBLE_NEW])
@pytest.mark.parametrize("heading", [UNIQUE, UNIQUE_NEW])
def test_unique_users_are_read_with_and_without_a_preamble(before, heading):
    report = read(f"{before}{heading}\n{TOTAL}")
    [row] = report.rows
    assert report.shape == "unique_users"
    assert (row.name, row.minutes, row.join_at, row.leave_at) == ("Sam E", 148, None, None)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_byte_order_mark_is_accepted(coding):
    [row] = read(f"{OLD}\n{JOIN.replace('Sam E', 'Siân Ŵ')}".encode(coding)).rows
    assert row.name == "Siân Ŵ"


def test_what_excel_saved_again_is_accepted():
    old_alphabet = f"{OLD}\n{JOIN.replace('Sam E', 'Zoë E')}".encode("cp1252")
    assert read(old_alphabet).rows[0].name == "Zoë E"
    assert read(f"{OLD}\r\n{JOIN}".replace(",", ";")).rows[0].name == "Sam E"
    assert read(f"{OLD}\n{JOIN}".replace(",", "\t")).rows[0].name == "Sam E"
    assert read(f"{OLD}\n{JOIN}".replace(":11", "").replace(":00,", ",")).rows[0].join_at == utc(
        "2026-05-10T09:02"
    )


@pytest.mark.parametrize(
    ("written", "zone", "start", "moment"),
    [
        ("10/05/2026 10:02:11", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("05/10/2026 10:02:11", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("05/10/2026 10:02:11 AM", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("10/05/2026 10:02:11 AM", "Europe/London", "2026-10-05T09:00", "2026-10-05T09:02:11"),
        ("10/05/2026 10:02:11", "Europe/London", "2026-10-05T09:00", "2026-10-05T09:02:11"),
        ("5/10/26 10:02", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02"),
        ("10.05.2026 10:02:11", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("2026-05-10 10:02:11", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("2026-05-10T10:02:11", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("10/05/2026, 10:02:11 am", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("10/05/2026 10:02:11\u202fa.m.", "Europe/London", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("10/05/2026 12:05:00 PM", "Europe/London", "2026-05-10T11:00", "2026-05-10T11:05"),
        ("11/05/2026 12:05:00 AM", "Europe/London", "2026-05-10T22:00", "2026-05-10T23:05"),
        ("10/01/2026 10:02", "Europe/London", "2026-01-10T10:00", "2026-01-10T10:02"),
        ("05/10/2026 04:02:11 AM", "America/Chicago", "2026-05-10T09:00", "2026-05-10T09:02:11"),
        ("10/05/2026 11:02:11", "Europe/Berlin", "2026-05-10T09:00", "2026-05-10T09:02:11"),
    ],
)
def test_a_date_is_read_in_the_hosts_zone_and_in_the_order_that_gives_the_sessions_day(
    written, zone, start, moment
):
    line = f'Sam E,,"{written}","{written}",0,Yes,,No'
    [row] = read(f"{OLD}\n{line}\n", start=utc(start), zone=ZoneInfo(zone)).rows
    assert row.join_at == utc(moment)


@pytest.mark.parametrize(
    ("cell", "name", "original"),
    [
        ("Sam E", "Sam E", None),
        ("Sam (Samantha Jones)", "Sam", "Samantha Jones"),
        ("Sam(Sam E)", "Sam", "Sam E"),
        ("Sam (she/her)", "Sam", None),
        ("Sam ()", "Sam", None),
        ("Sam & Alex", "Sam & Alex", None),
        ("(Sam)", "(Sam)", None),
        ("", "", None),
    ],
)
def test_a_renamed_participant_keeps_both_names(cell, name, original):
    [row] = read(f"{UNIQUE}\n{cell},,10,Yes\n").rows
    assert (row.name, row.original_name, row.email) == (name, original, None)


@pytest.mark.parametrize(("said", "waiting"), [("Yes", True), ("yes", True), ("No", False), ("", False)])
def test_the_waiting_room_is_marked(said, waiting):
    [row] = read(f"{OLD}\n{JOIN.replace(',No', ',' + said)}").rows
    assert row.in_waiting_room == waiting


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a participant report"),
        (b"PK\x03\x04...", "Excel workbook"),
        (b"\x00\x01\x02", "not a participant report"),
        (b"Name,Shoe size\nSam,9\n", "not a participant report"),
        (OLD.encode(), "nobody"),
        (f"{OLD}\n,,,\n\n".encode(), "nobody"),
        (b"Name,Join Time,Duration (Minutes)\nSam,10/05/2026 10:00,5\n", "only one of the columns"),
        (b"x" * 2_000_001, "too large"),
        (f"{UNIQUE}\n{TOTAL * 5001}".encode(), "5,000"),
        (f'{OLD}\n"{"x" * 200_000}"'.encode(), "not a participant report"),
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(data, says):
    with pytest.raises(ReportUnreadable) as refused:
        read(data)
    assert says in refused.value.sentence


def test_five_thousand_lines_are_read():
    assert len(read(f"{UNIQUE}\n{TOTAL * 5000}").rows) == 5000


@pytest.mark.parametrize("written", ["11/06/2026 10:02:11", "10/05/2025 10:02:11"])
def test_a_report_of_another_day_is_refused(written):
    with pytest.raises(ReportOfAnotherSession):
        read(f"{OLD}\nSam E,,{written},{written},0,Yes,,No\n")


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("Sam,,yesterday,10/05/2026 10:30,5,,,No", ["/rows/3/join_time"]),
        ("Sam,,31/02/2026 10:00,10/05/2026 10:30,5,,,No", ["/rows/3/join_time"]),
        ("Sam,,10/05/2026 13:00 PM,10/05/2026 10:30,5,,,No", ["/rows/3/join_time"]),
        ("Sam,,10/05/2026 10:00,,5,,,No", ["/rows/3/leave_time"]),
        ("Sam,,10/05/2026 10:30,10/05/2026 10:00,5,,,No", ["/rows/3/leave_time"]),
        ("Sam,,12/05/2026 10:00,12/05/2026 10:30,5,,,No", ["/rows/3/join_time"]),
        ("Sam,,10/05/2026 10:00,10/05/2026 10:30,many,,,No", ["/rows/3/minutes"]),
        ("Sam,,10/05/2026 10:00,10/05/2026 10:30,-5,,,No", ["/rows/3/minutes"]),
        ("Sam", ["/rows/3/minutes", "/rows/3/join_time", "/rows/3/leave_time"]),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_repeated(line, faults):
    with pytest.raises(Invalid) as refused:
        read(f"{OLD}\n{JOIN}{line}\n")
    assert [error.pointer for error in refused.value.errors] == faults
    assert all(error.detail.startswith("Row 3: ") for error in refused.value.errors)
    assert not any("Sam" in error.detail or "31/02" in error.detail for error in refused.value.errors)


def test_faults_are_listed_up_to_twenty():
    with pytest.raises(Invalid) as refused:
        read(f"{UNIQUE}\n" + "Sam,,x,\n" * 100)
    assert len(refused.value.errors) == 20


def read_or_refused(data: bytes) -> ParticipantReport | None:
    try:
        return read(data)
    except (Refusal, Invalid):
        return None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    assert read_or_refused(data) is None or data


@given(st.lists(st.text(alphabet='0159/:. apm,"\n-;', max_size=25), max_size=8))
def test_any_cells_under_a_right_heading_are_read_or_refused(cells):
    read_or_refused(f"{OLD}\n{','.join(cells)}\n".encode())
