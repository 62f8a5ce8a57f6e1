"""Meetings by way of Zoom: made, changed and removed; a link for each person; and who was there, once it is over.

Nothing that a bystander could read says what it is about. Nothing is recorded, nobody is written to by Zoom, and
whoever joins waits until they are let in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from provider.domain.meetings.gateways import (
    Invitee,
    MadeMeeting,
    MeetingRefused,
    MeetingUnknown,
    PlannedMeeting,
    Registered,
    Run,
)
from provider.domain.meetings.stays import Fact
from provider.domain.meetings.zoom_calls import Calls, part
from provider.domain.meetings.zoom_dial_in import dial_in
from provider.domain.meetings.zoom_events import (
    LONGEST_EMAIL,
    LONGEST_ID,
    LONGEST_NAME,
    read_moment,
    read_word,
)

SCHEDULED = 2
LONGEST_TOPIC = 200
LONGEST_LINK = 1500

_SETTINGS: Mapping[str, object] = {
    "approval_type": 0,
    "registration_type": 1,
    "registrants_confirmation_email": False,
    "registrants_email_notification": False,
    "email_notification": False,
    "allow_multiple_devices": False,
    "waiting_room": True,
    "join_before_host": False,
    "meeting_authentication": False,
    "auto_recording": "none",
    "mute_upon_entry": True,
    "participant_video": False,
    "show_share_button": False,
    "private_meeting": True,
}
"""Registered people are let in without anybody's approval, and Zoom mails nobody: the addresses lead nowhere."""


class Zoom:
    """``Meetings`` by Zoom's API."""

    def __init__(self, *, account_id: str, client_id: str, client_secret: str, base_url: str) -> None:
        self._calls = Calls(
            account_id=account_id, client_id=client_id, client_secret=client_secret, base_url=base_url
        )

    def make(self, planned: PlannedMeeting, *, host: str) -> MadeMeeting:
        settings = {**_SETTINGS, **(_hosts(planned) if planned.hosts else {})}
        return _made(
            self._calls.ask("POST", f"/users/{part(host)}/meetings", **_plan(planned), settings=settings)
        )

    def find(self, key: str, *, host: str) -> MadeMeeting | None:
        listed = self._calls.all_of(f"/users/{part(host)}/meetings", "meetings", type="scheduled")
        number = next((_needed(one.get("id"), 20) for one in listed if one.get("agenda") == key), None)
        return None if number is None else _made(self._calls.ask("GET", f"/meetings/{part(number)}"))

    def change(self, number: str, planned: PlannedMeeting) -> None:
        self._calls.ask("PATCH", f"/meetings/{part(number)}", **_plan(planned), settings=_hosts(planned))

    def remove(self, number: str) -> None:
        try:
            self._calls.ask("DELETE", f"/meetings/{part(number)}?cancel_meeting_reminder=false")
        except MeetingRefused as refused:
            if refused.because != "gone":
                raise

    def register(self, number: str, invitee: Invitee) -> Registered:
        said = self._calls.ask(
            "POST",
            f"/meetings/{part(number)}/registrants",
            email=invitee.email,
            first_name=invitee.first_name,
            last_name=invitee.letter,
        )
        return _registered(said.get("registrant_id"), said.get("join_url"))

    def find_registered(self, number: str, email: str) -> Registered | None:
        listed = self._calls.all_of(f"/meetings/{part(number)}/registrants", "registrants", status="approved")
        mine = (one for one in listed if str(one.get("email")).casefold() == email.casefold())
        return next((_registered(one.get("id"), one.get("join_url")) for one in mine), None)

    def unregister(self, number: str, registered: str, *, email: str) -> None:
        try:
            self._calls.ask(
                "PUT",
                f"/meetings/{part(number)}/registrants/status",
                action="cancel",
                registrants=[{"id": registered, "email": email}],
            )
        except MeetingRefused as refused:
            if refused.because != "gone":
                raise

    def runs(self, number: str) -> Sequence[Run]:
        """None while Zoom knows of no run that is over."""
        try:
            said = self._calls.ask("GET", f"/past_meetings/{part(number)}/instances")
        except MeetingRefused as refused:
            if refused.because == "gone":
                return []
            raise
        found = said.get("meetings")
        runs = found if isinstance(found, list) else []
        return [
            Run(run, read_moment(one.get("start_time")))
            for one in runs
            if isinstance(one, dict) and (run := read_word(one.get("uuid"), LONGEST_ID))
        ]

    def report(self, run: str) -> Sequence[Fact]:
        listed = self._calls.all_of(
            f"/report/meetings/{part(run)}/participants", "participants", include_fields="registrant_id"
        )
        return [_fact(one, run) for one in listed]


def _plan(planned: PlannedMeeting) -> dict[str, object]:
    return {
        "topic": planned.topic[:LONGEST_TOPIC],
        "type": SCHEDULED,
        "start_time": f"{planned.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "duration": planned.minutes,
        "timezone": "Europe/London",
        "agenda": planned.key,
    }


def _hosts(planned: PlannedMeeting) -> dict[str, object]:
    return {
        "alternative_hosts": ";".join(planned.hosts),
        "alternative_hosts_email_notification": False,
    }


def _made(said: Mapping[str, Any]) -> MadeMeeting:
    return MadeMeeting(_needed(said.get("id"), 20), dial_in(said))


def _registered(registrant: object, join_url: object) -> Registered:
    link = _needed(join_url, LONGEST_LINK)
    if not link.startswith(("https://", "http://")):
        raise MeetingUnknown("answer_not_read")
    return Registered(_needed(registrant, LONGEST_ID), link)


def _needed(said: object, longest: int) -> str:
    """Raises MeetingUnknown where Zoom's answer lacks what it was asked for."""
    word = read_word(said, longest + 1)
    if not word or len(word) > longest:
        raise MeetingUnknown("answer_not_read")
    return word


def _fact(one: Mapping[str, Any], run: str) -> Fact:
    return Fact(
        id=0,
        source="report",
        name=read_word(one.get("name"), LONGEST_NAME),
        original_name=None,
        email=read_word(one.get("user_email"), LONGEST_EMAIL).casefold() or None,
        registrant=read_word(one.get("registrant_id"), LONGEST_ID) or None,
        run=run,
        connection=read_word(one.get("user_id"), LONGEST_ID) or None,
        joined_at=read_moment(one.get("join_time")),
        left_at=read_moment(one.get("leave_time")),
        minutes=0,
        waiting_room=one.get("status") == "in_waiting_room",
    )
