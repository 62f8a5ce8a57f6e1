"""The page of one referral: read while somebody is on the line."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.referral_page import ReferralPage, referral_page
from provider.caseload.said_on_phone import ToSay, said_on_phone
from provider.domain.accounts.roles import Permission
from provider.pathway import acknowledging, closing
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.call_forms import CallForm, NoteForm
from provider.web.staff.ways import done


@desk.get("/referrals/<reference>")
@needs(Permission.READ_CASELOAD)
def referral(reference: str) -> ResponseReturnValue:
    return show_referral(access.open_referral(reference))


def show_referral(
    opened: access.Opened, *, call_form: CallForm | None = None, note_form: NoteForm | None = None
) -> ResponseReturnValue:
    """The page, with a form on it as it was sent where something was wrong with it."""
    page = referral_page(
        opened.referral_id, reads_sensitive=signed_in().may(Permission.READ_SENSITIVE_NOTES), now=now()
    )
    return render_template(
        "staff/referral.html",
        page=page,
        now=now(),
        me=signed_in().account_id,
        call_form=call_form or CallForm(formdata=None),
        note_form=note_form or NoteForm(formdata=None),
        to_say=_to_say(page) if page.may_ring else (),
    )


def _to_say(page: ReferralPage) -> tuple[ToSay, ...]:
    facts = page.facts
    return said_on_phone(facts.scheme, language=facts.person.language, speaker=signed_in().name)


@desk.post("/referrals/<reference>/tasks/<int:task_id>/done")
@needs(Permission.RECORD_CONTACT)
def task_done(reference: str, task_id: int) -> ResponseReturnValue:
    """Somebody says that waiting work is done."""
    opened = access.open_referral(reference)
    task = access.task_of(opened, task_id)
    done(lambda: acknowledging.acknowledge(task, by=by(), now=now()), said="Marked as done.")
    return redirect(url_for("staff.referral", reference=opened.reference))


@desk.post("/referrals/<reference>/reopen")
@needs(Permission.CLOSE_REFERRALS)
def reopen(reference: str) -> ResponseReturnValue:
    """They came back in time."""
    opened = access.open_referral(reference)
    done(
        lambda: closing.reopen(opened.case, by=by(), now=now()),
        said="Reopened. What the force was told before is corrected.",
    )
    return redirect(url_for("staff.referral", reference=opened.reference))
