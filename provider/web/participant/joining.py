"""Join: from the page behind somebody's link into the meeting, and not before it is time.

The way there is a page that goes on by itself, and has the link for where it does not: a form of ours that led
elsewhere directly is what our own content policy forbids.
"""

from __future__ import annotations

from flask import make_response
from flask.typing import ResponseReturnValue

from provider.kernel.database import transaction
from provider.pathway import joining
from provider.web.context import now, secret_box
from provider.web.participant import participant
from provider.web.participant.access import by, draw, link, proved


@participant.post("/join")
@proved
def join() -> ResponseReturnValue:
    with transaction():
        pressed = joining.press(link().case_id, by=by(), now=now())
    address = pressed.plain_link or (secret_box().open(pressed.sealed_link) if pressed.sealed_link else None)
    answer = make_response(draw("join", pressed=pressed, address=address))
    if address is not None:
        answer.headers["Refresh"] = f"0; url={address}"
    return answer
