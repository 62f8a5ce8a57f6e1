"""Where people join a session online."""

from __future__ import annotations

from typing import Protocol


class MeetingGateway(Protocol):
    def join_url(self, *, session_join_url: str, alias: str) -> str:
        """The address at which the holder of a place joins; ``alias`` is the opaque name they carry there."""


class PlainLink:
    """For teams that give everybody the session's own link."""

    def join_url(self, *, session_join_url: str, alias: str) -> str:
        return session_join_url
