"""What is said to Zoom and understood of its answers, over HTTP: signed in, in pages, refused, broken off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from provider.domain.meetings import zoom_calls, zoom_dial_in
from provider.domain.meetings.gateways import Invitee, MeetingRefused, MeetingUnknown, PlannedMeeting
from provider.domain.meetings.zoom import Zoom
from provider.kernel.lines import Patience
from tests.fakes import A_TUESDAY
from tests.stand_ins.zoom import ACCOUNT, CLIENT, PASSCODE, SECRET, ZoomStandIn, was_there

PLANNED = PlannedMeeting("key-1", "Looking forward", A_TUESDAY, 150)
SAM = Invitee("p1@example.com", "Sam", "E")


@pytest.fixture
def there() -> Iterator[ZoomStandIn]:
    with ZoomStandIn(clock=lambda: A_TUESDAY) as stand_in:
        yield stand_in


@pytest.fixture
def zoom(there: ZoomStandIn) -> Zoom:
    return client_of(there.url)


def client_of(url: str, *, secret: str = SECRET) -> Zoom:
    return Zoom(account_id=ACCOUNT, client_id=CLIENT, client_secret=secret, base_url=url)


def test_a_meeting_says_nothing_records_nothing_and_lets_nobody_in_by_itself(
    there: ZoomStandIn, zoom: Zoom
) -> None:
    number = zoom.make(PLANNED, host="me").number
    (made,) = there.meetings
    assert made.number == number
    assert made.body["topic"] == "Looking forward"
    assert (made.body["start_time"], made.body["duration"]) == ("2026-11-24T09:30:00Z", 150)
    settings = made.body["settings"]
    assert settings["waiting_room"] is True
    assert settings["join_before_host"] is False
    assert settings["approval_type"] == 0
    assert settings["auto_recording"] == "none"
    assert not any(settings[name] for name in settings if "email" in name)


@pytest.mark.parametrize(
    ("numbers", "passcode", "dial_in"),
    [
        ([{"country": "GB", "number": "+44 330 088 5830", "type": "toll"}], "12", "0330 088 5830, 81#, 12#"),
        ([{"country": "GB", "number": "+443300885830"}], None, "03300885830, 81#"),
        ([{"country": "GB", "number": "+44 330 088 5830"}], "1;2", "0330 088 5830, 81#"),
        ([{"country": "US", "number": "+1 2025550100"}], "12", None),
        ([{"country": "GB", "number": "ask <b>us</b>"}], "12", None),
        ([{"country": "GB"}, "GB", None], "12", None),
        ([], "12", None),
        ("none", "12", None),
        (None, None, None),
    ],
)
def test_how_a_meeting_is_joined_by_telephone_is_read_from_what_zoom_tells_of_it(
    numbers: object, passcode: object, dial_in: str | None
) -> None:
    said = {"id": 81, "pstn_password": passcode, "settings": {"global_dial_in_numbers": numbers}}
    assert zoom_dial_in.dial_in(said) == dial_in
    assert zoom_dial_in.dial_in({"settings": said["settings"]}) is None
    assert zoom_dial_in.dial_in({"id": 81, "settings": None}) is None


def test_who_may_start_it_is_said_with_the_meeting_and_when_they_change(
    there: ZoomStandIn, zoom: Zoom
) -> None:
    there.users |= {"a@provider.example", "b@provider.example"}
    both = replace(PLANNED, hosts=("a@provider.example", "b@provider.example"))
    number = zoom.make(both, host="me").number
    settings = there.meetings[0].body["settings"]
    assert settings["alternative_hosts"] == "a@provider.example;b@provider.example"
    assert settings["waiting_room"] is True
    zoom.change(number, PLANNED)
    changed = there.meetings[0].body["settings"]
    assert (changed["alternative_hosts"], changed["waiting_room"]) == ("", True)
    with pytest.raises(MeetingRefused, match="refused"):
        zoom.change(number, replace(PLANNED, hosts=("nobody@provider.example",)))


def test_a_meeting_is_found_under_our_name_for_it_changed_and_removed(there: ZoomStandIn, zoom: Zoom) -> None:
    there.per_page = 2
    for key in ("a", "b", "c", "key-1", "d"):
        zoom.make(PlannedMeeting(key, "x", A_TUESDAY, 60), host="me")
    found = zoom.find("key-1", host="me")
    assert found is not None
    number = found.number
    assert number == there.meetings[3].number
    assert found.dial_in == f"0800 456 1369, {number}#, {PASSCODE}#"
    assert zoom.find("nothing", host="me") is None
    later = PlannedMeeting("key-1", "x", A_TUESDAY + timedelta(hours=1), 90)
    zoom.change(number, later)
    assert (there.meetings[3].body["start_time"], there.meetings[3].body["duration"]) == (
        "2026-11-24T10:30:00Z",
        90,
    )
    zoom.remove(number)
    zoom.remove(number)
    assert len(there.standing) == 4


def test_everybody_has_a_link_of_their_own_which_can_be_ended(there: ZoomStandIn, zoom: Zoom) -> None:
    number = zoom.make(PLANNED, host="me").number
    sam = zoom.register(number, SAM)
    alex = zoom.register(number, Invitee("p2@example.com", "Alex", "B"))
    assert sam.join_url != alex.join_url
    assert zoom.find_registered(number, "P1@example.com") == sam
    assert [(one["first_name"], one["last_name"]) for one in there.people()] == [("Sam", "E"), ("Alex", "B")]
    zoom.unregister(number, sam.registrant, email=SAM.email)
    assert zoom.find_registered(number, "p1@example.com") is None
    assert [one["first_name"] for one in there.people()] == ["Alex"]


@pytest.mark.parametrize("run", ["abc==", "/abc==", "a//b+c/=="])
def test_a_report_is_read_to_its_last_page_whatever_the_run_is_called(
    there: ZoomStandIn, zoom: Zoom, run: str
) -> None:
    there.per_page = 2
    people = [
        was_there(f"P{n}", A_TUESDAY, A_TUESDAY + timedelta(minutes=n), user_id=str(n), registrant_id=f"r{n}")
        for n in range(5)
    ]
    there.held("81", run, A_TUESDAY, *people)
    assert [(one.run, one.started_at) for one in zoom.runs("81")] == [(run, A_TUESDAY)]
    told = zoom.report(run)
    assert [(one.name, one.registrant, one.connection, one.run) for one in told] == [
        (f"P{n}", f"r{n}", str(n), run) for n in range(5)
    ]
    assert there.asked["GET participants"] == 3


def test_a_meeting_that_was_never_held_has_no_runs(zoom: Zoom) -> None:
    assert zoom.runs("99") == []


def test_one_token_serves_many_calls_and_is_renewed_before_it_ends(there: ZoomStandIn, zoom: Zoom) -> None:
    for _ in range(3):
        zoom.make(PLANNED, host="me")
    assert there.asked["token"] == 1
    there.token_lasts = zoom_calls.RENEW_BEFORE_SECONDS
    short = client_of(there.url)
    short.make(PLANNED, host="me")
    short._calls._until = 0  # the token's time is nearly over
    short.make(PLANNED, host="me")
    assert there.asked["token"] == 3


def test_a_token_that_has_ended_is_renewed_once_and_nothing_is_done_twice(
    there: ZoomStandIn, zoom: Zoom
) -> None:
    zoom.make(PLANNED, host="me")
    there.ended_tokens.update(there.tokens)
    zoom.make(PLANNED, host="me")
    assert (len(there.meetings), there.asked["token"]) == (2, 2)
    there.faults.extend(["401", "401"])
    with pytest.raises(MeetingRefused, match="not_let_in"):
        zoom.make(PLANNED, host="me")
    assert len(there.meetings) == 2


def test_who_is_not_known_is_not_let_in(there: ZoomStandIn) -> None:
    with pytest.raises(MeetingRefused, match="not_let_in"):
        client_of(there.url, secret="another").make(PLANNED, host="me")
    assert there.meetings == []


def test_a_host_that_is_nowhere_did_nothing() -> None:
    with pytest.raises(MeetingRefused, match="no_connection"):
        client_of("http://127.0.0.1:9").make(PLANNED, host="me")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999", 86_400.0),
        ("soon", None),
        ("", None),
        ("2999-01-01T00:00:00Z", 86_400.0),
    ],
)
def test_too_many_says_how_long_to_wait(
    there: ZoomStandIn, zoom: Zoom, said: str, seconds: float | None
) -> None:
    there.faults.append("429")
    there.retry_after = said
    with pytest.raises(MeetingRefused, match="too_many") as refused:
        zoom.make(PLANNED, host="me")
    assert refused.value.wait_seconds == seconds


@pytest.mark.parametrize(
    ("fault", "raised", "because", "done"),
    [
        ("400", MeetingRefused, "refused", 0),
        ("500", MeetingUnknown, "server_error", 0),
        ("500 after", MeetingUnknown, "server_error", 1),
        ("reset", MeetingUnknown, "broke_off", 0),
        ("reset after", MeetingUnknown, "broke_off", 1),
        ("hang after", MeetingUnknown, "no_answer_in_time", 1),
        ("garbage after", MeetingUnknown, "answer_not_read", 1),
    ],
)
def test_what_may_have_been_done_is_told_from_what_was_not(
    there: ZoomStandIn,
    zoom: Zoom,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    raised: type[Exception],
    because: str,
    done: int,
) -> None:
    monkeypatch.setattr(zoom_calls, "PATIENCE", Patience(connect=1, read=0.3, total=0.5))
    zoom.find("warm up", host="me")
    there.faults.append(fault)
    with pytest.raises(raised, match=because):
        zoom.make(PLANNED, host="me")
    assert len(there.meetings) == done


def test_whoever_zoom_does_not_know_holds_no_meeting(there: ZoomStandIn, zoom: Zoom) -> None:
    there.users.add("known@provider.example")
    zoom.make(PLANNED, host="known@provider.example")
    with pytest.raises(MeetingRefused, match="no_such_user"):
        zoom.make(PLANNED, host="unknown@provider.example")
    assert [one.host for one in there.meetings] == ["known@provider.example"]


def test_a_base_address_with_its_version_is_the_same(there: ZoomStandIn) -> None:
    client_of(f"{there.url}/v2/").make(PLANNED, host="me")
    assert len(there.meetings) == 1


def test_the_moment_a_report_tells_is_read_with_its_offset(there: ZoomStandIn, zoom: Zoom) -> None:
    there.held(
        "81", "r", A_TUESDAY, {**was_there("Sam", A_TUESDAY, A_TUESDAY), "leave_time": "2026-11-24T11:00:00"}
    )
    (told,) = zoom.report("r")
    assert (told.joined_at, told.left_at) == (datetime.fromisoformat("2026-11-24T09:30:00+00:00"), None)
