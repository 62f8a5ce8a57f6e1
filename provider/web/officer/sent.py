"""After sending: the reference, what happens next, and a page to show to the person."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from segno.helpers import make_mecard

from provider.caseload.officer_pages import OwnReferral
from provider.domain.accounts.roles import Permission
from provider.web.guard import needs
from provider.web.officer import access, door


@door.get("/mine/<reference>/sent")
@needs(Permission.REFER)
def sent(reference: str) -> ResponseReturnValue:
    return render_template("officer/sent.html", page=access.look_at(reference))


@door.get("/mine/<reference>/card")
@needs(Permission.REFER)
def card(reference: str) -> ResponseReturnValue:
    """For the person's eyes: who will ring, from which number, about when. Nothing else is on it."""
    page = access.about_to_be_rung(reference)
    return render_template(
        "officer/card.html",
        page=page,
        service_name=page.service_name,
        ring=page.phone,
        code=_contact_code(page),
    )


def _contact_code(page: OwnReferral) -> str:
    """A QR code, as the address of a picture, that puts the number that will ring into the person's own phone."""
    code = make_mecard(name=page.service_name, phone=page.phone.replace(" ", ""))
    return code.svg_data_uri(scale=5, border=2)
