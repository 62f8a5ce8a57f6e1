"""What happens next, for whoever points a camera at the code that an officer shows: the same for everybody.

The address names a version of a scheme's terms, so that nothing of a person is in it, and their history holds nothing
but a neutral name and a number.
"""

from __future__ import annotations

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue
from segno.helpers import make_vcard_data

from provider.caseload.next_steps import NextSteps, next_steps
from provider.web.guard import open_to_all
from provider.web.participant import participant
from provider.web.speech import speak_as_their_phone

ADDRESS = "/next/<int(max=2147483647):terms_id>"


@participant.get(ADDRESS)
@open_to_all
def what_happens_next(terms_id: int) -> ResponseReturnValue:
    page = _found(terms_id)
    speak_as_their_phone()
    return render_template(
        "participant/next_steps.html",
        page=page,
        terms_id=terms_id,
        service_name=page.service_name,
        ring=page.phone,
    )


@participant.get(f"{ADDRESS}/number")
@open_to_all
def number_to_save(terms_id: int) -> ResponseReturnValue:
    """The number that will ring, as a contact: the phone then says who it is."""
    page = _found(terms_id)
    card = make_vcard_data(f";{page.service_name}", page.service_name, phone=page.phone.replace(" ", ""))
    headers = {"Content-Disposition": 'attachment; filename="number.vcf"'}
    return Response(card, headers=headers, mimetype="text/vcard")


def _found(terms_id: int) -> NextSteps:
    return next_steps(terms_id) or abort(404)
