"""What can be said of a session when it is put on, and changed until it begins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from provider.domain.messaging.forbidden import forbidden_in
from provider.web.context import makes_meetings
from provider.web.forms import Length, Needed, PageForm, StringField, WholeNumberField

MOST_PLACES = 100
MOST_HOURS = 14 * 24
MADE_BY_ZOOM = "Leave it empty: Zoom makes a meeting, and a link for each person"


class SessionDetails(PageForm):
    capacity = WholeNumberField(
        "Places", [Needed("Enter how many places there are")], least=1, most=MOST_PLACES
    )
    closes_hours = WholeNumberField(
        "Hours before it begins when booking closes",
        least=0,
        most=MOST_HOURS,
        description="After that nobody is given a place, or offered one. Leave it empty to book until it begins",
    )
    held_at = StringField(
        "Address of the room",
        [Length(max=40)],
        description="Only where it is not online. It stands in texts: no longer than it takes to find it",
    )
    join_url = StringField(
        "Link to join",
        [Length(max=500)],
        description="Online, people get it by text an hour before. It begins with https://",
    )
    meeting_number = StringField(
        "Zoom meeting number", [Length(max=20)], description="As it stands on the invitation"
    )
    dial_in = StringField(
        "To join by telephone",
        [Length(max=100)],
        description="The number to ring, and what to key in when asked. It stands in letters",
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if makes_meetings():
            self.join_url.description = MADE_BY_ZOOM

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.join_url.errors and (fault := self._link_fault()):
            self.join_url.errors = [fault]
            good = False
        for said in (self.held_at, self.dial_in):
            if not said.errors and (found := forbidden_in(said.data or "")):
                said.errors = [f"“{found[0][1]}” must not stand in a text or a letter: leave it out"]
                good = False
        return good

    def _link_fault(self) -> str | None:
        """What is wrong with the link; one in a room can do without, and where Zoom makes one for each person."""
        if not (self.join_url.data or self.held_at.data or makes_meetings()):
            return "Enter the link to join, or the address of the room"
        return link_fault(self.join_url.data)


def link_fault(text: str) -> str | None:
    """What is wrong with a link that was typed, in a sentence."""
    good = not text or is_link(text)
    return None if good else "Link to join must be a whole address, beginning with https://"


def is_link(text: str) -> bool:
    """Whether it is a whole address that a browser can be sent to, over https."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme == "https" and "." in (address.hostname or "") and " " not in text
