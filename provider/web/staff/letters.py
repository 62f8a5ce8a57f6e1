"""Letters: which can be written, one as it is printed, and that it is in the post."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.letters_page import letter_page, letters_page
from provider.domain.accounts.roles import Permission
from provider.kernel.errors import NotFound
from provider.pathway import writing
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.ways import done


@desk.get("/referrals/<reference>/letters")
@needs(Permission.RECORD_CONTACT)
def letters(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    page = letters_page(opened.referral_id, now=now())
    return render_template("staff/letters/letters.html", page=page)


@desk.get("/referrals/<reference>/letters/<kind>")
@needs(Permission.RECORD_CONTACT)
def letter(reference: str, kind: str) -> ResponseReturnValue:
    """One letter as it is printed."""
    opened = access.open_referral(reference)
    page = letter_page(opened.referral_id, kind, now=now())
    return render_template("staff/letters/letter.html", page=page)


@desk.post("/referrals/<reference>/letters/<kind>")
@needs(Permission.RECORD_CONTACT)
def post_letter(reference: str, kind: str) -> ResponseReturnValue:
    """Somebody printed it, and it is in the post."""
    opened = access.open_referral(reference)
    printed = request.form.get("printed", "")

    def post() -> None:
        try:
            page = letter_page(opened.referral_id, kind, now=now())
        except NotFound:
            raise writing.LetterChanged from None
        writing.post(opened.case, page, printed=printed, by=by(), now=now())

    done(post, said="Kept: the letter is in the post.")
    return redirect(url_for("staff.letters", reference=opened.reference))
