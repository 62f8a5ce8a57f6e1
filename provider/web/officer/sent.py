"""After sending: the reference, what happens next, and a page to show to the person."""

from __future__ import annotations

import segno
from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.web.context import settings
from provider.web.guard import needs
from provider.web.officer import access, door

SCALE = 6
"""Pixels a square of the code: big enough for one phone to read off another in the dark."""


@door.get("/mine/<reference>/sent")
@needs(Permission.REFER)
def sent(reference: str) -> ResponseReturnValue:
    return render_template("officer/sent.html", page=access.look_at(reference))


@door.get("/mine/<reference>/card")
@needs(Permission.REFER)
def card(reference: str) -> ResponseReturnValue:
    """For the person's eyes: who will ring, from which number, about when. Nothing else is on it."""
    page = access.about_to_be_rung(reference)
    address = _address(page.terms_id)
    code = segno.make_qr(address, error="m")
    return render_template(
        "officer/card.html",
        page=page,
        service_name=page.service_name,
        ring=page.phone,
        address=address,
        code=code.svg_data_uri(scale=SCALE),
        code_size=code.symbol_size(scale=SCALE)[0],
    )


def _address(terms_id: int) -> str:
    """Where the person reads what happens next on their own phone: the same for everybody, so that it says nothing."""
    path = url_for("participant.what_happens_next", terms_id=terms_id)
    return settings().public_url.rstrip("/") + path
