"""One thing is asked of Zoom, with no transaction open: what may be there already is looked for first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from provider.domain.accounts.secrets import SecretBox
from provider.domain.meetings.gateways import (
    MadeMeeting,
    MeetingRefused,
    Meetings,
    MeetingUnknown,
    PlannedMeeting,
    Registered,
)
from provider.pathway.invited import Came
from provider.pathway.inviting import LinkCall, MeetingCall

Found = TypeVar("Found")
InTime = Callable[[], bool]
"""Whether a call may still be begun: not by a worker that was held up, or is to stop."""

NOT_THERE = Came("not_there")
TOO_LATE = Came("not_done", because="held_up")


def ask_for_meeting(network: Meetings, call: MeetingCall, in_time: InTime) -> Came:
    """What came of it; nothing is raised but a fault of ours."""

    def ask() -> Came:
        if call.number is None and call.taken.look:
            found = _looked_for(lambda: network.find(call.planned.key, host=call.host))
            if found is not None or not call.taken.may_ask:
                return _is_there(found) if found is not None else NOT_THERE
        return _ask_for_meeting(network, call) if in_time() else TOO_LATE

    return _came_of(ask)


def _is_there(found: MadeMeeting) -> Came:
    return Came("found", number=found.number, dial_in=found.dial_in)


def _ask_for_meeting(network: Meetings, call: MeetingCall) -> Came:
    number = call.number
    if call.what == "make":
        made, hosts = _with_hosts(call.planned, lambda planned: network.make(planned, host=call.host))
        return Came("done", number=made.number, dial_in=made.dial_in, hosts=hosts)
    if number is not None and call.what == "change":
        _, hosts = _with_hosts(call.planned, lambda planned: network.change(number, planned))
        return Came("done", number=number, hosts=hosts)
    if number is not None:
        network.remove(number)
    return Came("done", number=number)


def _with_hosts(
    planned: PlannedMeeting, ask: Callable[[PlannedMeeting], Found]
) -> tuple[Found, tuple[str, ...]]:
    """Where Zoom does not take one of them for a host the meeting is asked for without them: it matters more."""
    try:
        return ask(planned), planned.hosts
    except MeetingRefused as refused:
        if not planned.hosts or refused.because not in ("refused", "no_such_user"):
            raise
    return ask(replace(planned, hosts=())), ()


def ask_for_link(network: Meetings, call: LinkCall, in_time: InTime, box: SecretBox) -> Came:
    """What came of it; nothing is raised but a fault of ours."""
    email = call.invitee.email

    def known_as(one: Registered) -> Came:
        return Came("found", registrant=one.registrant, sealed_link=box.seal(one.join_url))

    def ask() -> Came:
        if call.registrant is None and call.taken.look:
            found = _looked_for(lambda: network.find_registered(call.number, email))
            if found is not None or not call.taken.may_ask:
                return known_as(found) if found is not None else NOT_THERE
        if not in_time():
            return TOO_LATE
        if call.what == "register":
            return known_as(network.register(call.number, call.invitee))
        if call.registrant is not None:
            network.unregister(call.number, call.registrant, email=email)
        return Came("done")

    return _came_of(ask)


def _looked_for(find: Callable[[], Found]) -> Found:
    """What could not be looked for may still be there."""
    try:
        return find()
    except MeetingRefused as refused:
        if refused.because in ("gone", "no_such_user"):
            raise
        raise MeetingUnknown(refused.because, wait_seconds=refused.wait_seconds) from refused


def _came_of(ask: Callable[[], Came]) -> Came:
    try:
        return ask()
    except MeetingRefused as refused:
        if refused.because == "gone":
            return Came("gone")
        return Came("not_done", because=refused.because, sure=True, wait_seconds=refused.wait_seconds)
    except MeetingUnknown as unknown:
        return Came("not_done", because=unknown.because, wait_seconds=unknown.wait_seconds)
