"""One thing is asked of Zoom, with no transaction open: what may be there already is looked for first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from provider.domain.accounts.secrets import SecretBox
from provider.domain.meetings.gateways import MeetingRefused, Meetings, MeetingUnknown, Registered
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
                return Came("found", number=found) if found is not None else NOT_THERE
        if not in_time():
            return TOO_LATE
        if call.what == "make":
            return Came("done", number=network.make(call.planned, host=call.host))
        if call.number is not None and call.what == "change":
            network.change(call.number, call.planned)
        elif call.number is not None:
            network.remove(call.number)
        return Came("done", number=call.number)

    return _came_of(ask)


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
