"""The conversation with one person, and the answer that a drug worker writes there."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.thread_facts import addressee, draft, last_reply
from provider.caseload.thread_page import thread_page
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, NotFound, Refusal
from provider.pathway import replying
from provider.web.addresses import a_page
from provider.web.context import by, now, settings
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.thread_forms import AnswerForm
from provider.web.staff.ways import done


@desk.get("/referrals/<reference>/texts")
@needs(Permission.READ_CASELOAD)
def thread(reference: str) -> ResponseReturnValue:
    return _show(access.open_referral(reference), AnswerForm(formdata=None))


@desk.post("/referrals/<reference>/texts")
@needs(Permission.RECORD_CONTACT)
def answer_reply(reference: str) -> ResponseReturnValue:
    """Send the answer, or only look at it as it would arrive."""
    opened = access.open_referral(reference)
    form = AnswerForm()
    if not form.validate_on_submit() or request.form.get("action") == "preview":
        return _show(opened, form)
    try:
        with transaction():
            sent = replying.answer(
                opened.case,
                form.words.data,
                seen=form.last_seen,
                once=form.name,
                public_url=settings().public_url,
                by=by(),
                now=now(),
            )
    except Invalid as invalid:
        form.add_errors(invalid, {"/words": "words"})
    except Refusal as refusal:
        form.add_refusal(refusal)
    else:
        flash("Your answer is on its way." if sent else "This answer was sent already.")
        return redirect(url_for("staff.thread", reference=opened.reference))
    return _show(opened, form)


@desk.post("/referrals/<reference>/texts/preview")
@needs(Permission.RECORD_CONTACT)
def preview_answer(reference: str) -> ResponseReturnValue:
    """The preview alone, for a page that shows it while somebody types."""
    to = addressee(access.open_referral(reference).case, now=now())
    access.shows_nothing_new()
    if to.cannot is not None:
        raise NotFound
    shown = draft(str(AnswerForm().words.data or ""), to, public_url=settings().public_url)
    return render_template("staff/thread/preview.html", shown=shown)


@desk.post("/referrals/<reference>/texts/read")
@needs(Permission.RECORD_CONTACT)
def replies_read(reference: str) -> ResponseReturnValue:
    """Somebody read the replies that stood on the page, and they ask for nothing."""
    opened = access.open_referral(reference)
    seen = AnswerForm().last_seen
    done(
        lambda: replying.nothing_to_answer(opened.case, seen=seen, by=by(), now=now()),
        said="Marked as read.",
    )
    return redirect(url_for("staff.thread", reference=opened.reference))


def _show(opened: access.Opened, form: AnswerForm) -> ResponseReturnValue:
    page = thread_page(opened.case, page=request.args.get("page", 1, type=a_page), now=now())
    last = last_reply(opened.case)
    shown = (
        draft(form.words.data or "", page.to, public_url=settings().public_url)
        if page.to.cannot is None
        else None
    )
    return render_template(
        "staff/thread/thread.html",
        page=page,
        form=form.fresh(seen=last.id if last is not None else 0),
        shown=shown,
        reference=opened.reference,
    )
