"""Zoom's messages, read: who came and went, and nothing where there is nothing to be known."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.meetings.zoom_events import read_event
from tests.zoom_tells import HOST, event

AT = datetime(2026, 11, 24, 10, 5, 9, tzinfo=UTC)
SAM = {"user_id": "16778240", "user_name": "Sam E", "registrant_id": "r-1", "email": "P1@example.com"}


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("started", ("began", False)),
        ("ended", ("ended", False)),
        ("participant_joined", ("joined", False)),
        ("participant_left", ("left", False)),
        ("participant_joined_breakout_room", ("joined", False)),
        ("participant_left_breakout_room", ("left", False)),
        ("participant_joined_waiting_room", ("joined", True)),
        ("participant_put_in_waiting_room", ("joined", True)),
        ("participant_left_waiting_room", ("left", True)),
        ("participant_admitted", ("left", True)),
        ("participant_jbh_waiting", None),
        ("sharing_started", None),
        ("recording_started", None),
    ],
)
def test_what_an_event_tells(what, told):
    who = SAM if what.startswith("participant") else {}
    found = read_event(json.dumps(event(what, at=AT, **who)))
    assert (found and (found.what, found.waiting_room)) == told
    if found is not None:
        assert (found.number, found.run, found.at) == ("123456789", "run/A==", AT)


def test_who_it_is_about_is_a_device_a_link_and_a_name():
    found = read_event(json.dumps(event("participant_joined", at=AT, **SAM)))
    assert found is not None
    assert found.participant is not None
    assert vars(found.participant) == {
        "name": "Sam E",
        "email": "p1@example.com",
        "registrant": "r-1",
        "connection": "16778240",
    }


def test_of_whoever_holds_the_meeting_nothing_is_told():
    assert read_event(json.dumps(event("participant_joined", at=AT, **{**SAM, "id": HOST}))) is None


def test_names_are_cut_and_hold_nothing_a_database_would_not_keep():
    found = read_event(
        json.dumps(event("participant_joined", at=AT, **{**SAM, "user_name": "\x00\ud800é" + "x" * 900}))
    )
    assert found is not None
    assert found.participant is not None
    assert found.participant.name == "é" + "x" * 199


def test_a_message_without_a_moment_of_its_own_happened_when_it_was_sent():
    told = event("participant_joined", at=AT, **SAM)
    del told["payload"]["object"]["participant"]["join_time"]
    found = read_event(json.dumps(told))
    assert found is not None
    assert found.at == AT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)


@given(st.sampled_from(["id", "uuid", "host_id", "participant", "start_time"]), JSON)
def test_whatever_stands_in_a_message_it_is_read_or_passed_over(name, value):
    told = event("participant_joined", at=AT, **SAM)
    told["payload"]["object"][name] = value
    read_event(json.dumps(told))
    who = event("participant_left", at=AT, **SAM)
    who["payload"]["object"]["participant"] |= dict.fromkeys(("id", "user_id", "email", "leave_time"), value)
    read_event(json.dumps(who))


@pytest.mark.parametrize(
    "raw", ["", "null", "[]", "{}", '{"event": []}', "[" * 100_000, '{"payload": {"object": 1}}']
)
def test_what_is_no_message_tells_nothing(raw):
    assert read_event(raw) is None
