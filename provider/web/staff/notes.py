"""Notes: added to, never rewritten."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.pathway import contacting
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.call_forms import NoteForm
from provider.web.staff.referral import show_referral
from provider.web.staff.ways import done


@desk.post("/referrals/<reference>/notes")
@needs(Permission.WRITE_NOTES)
def write_note(reference: str) -> ResponseReturnValue:
    opened = access.open_referral(reference)
    form = NoteForm()
    if not form.validate_on_submit():
        return show_referral(opened, note_form=form)
    kind, text = form.note_kind.data, form.note_text.data
    done(
        lambda: contacting.write_note(opened.case, kind=kind, text=text, by=by(), now=now()),
        said="Note added.",
    )
    return redirect(url_for("staff.referral", reference=opened.reference))
