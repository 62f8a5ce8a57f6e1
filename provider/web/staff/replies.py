"""Replies that wait for somebody to say whose they are."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.reply_queue import hidden_from, reply_queue
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.kernel.errors import NotFound
from provider.pathway import sorting
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import access, desk
from provider.web.staff.reply_forms import WHOSE, PlaceForm
from provider.web.staff.ways import done


@desk.get("/replies")
@needs(Permission.SORT_REPLIES)
def replies() -> ResponseReturnValue:
    return _show(PlaceForm(formdata=None), None)


@desk.post("/replies/<int:reply_id>")
@needs(Permission.SORT_REPLIES)
def place_reply(reply_id: int) -> ResponseReturnValue:
    """It is one of the people named on the page, somebody else's by their reference, nobody's, or not meant for us."""
    if hidden_from(reply_id, reader_id=signed_in().account_id):
        raise NotFound
    form = PlaceForm()
    if not form.validate_on_submit():
        return _show(form, reply_id)
    if form.whose.data in ("nobody", "unwanted"):
        unwanted = form.whose.data == "unwanted"
        done(lambda: sorting.is_nobodys(reply_id, unwanted=unwanted, by=by(), now=now()), said="Put aside.")
        return redirect(url_for("staff.replies"))
    try:
        opened = access.open_referral(form.of)
        case_id = opened.case
    except NotFound:
        form.reference.errors = ["There is no open record with this reference"]
        return _show(form, reply_id)
    done(
        lambda: sorting.is_of(reply_id, case_id, by=by(), now=now()),
        said=f"It stands in the texts of {opened.reference} now.",
    )
    return redirect(url_for("staff.replies"))


def _show(form: PlaceForm, wrong: int | None) -> ResponseReturnValue:
    """The queue, with what was sent beside the reply it was about. That words were read is kept."""
    if wrong is not None:
        # The summary of what is wrong leads to the fields beside this reply: each reply has its own.
        form.whose.id, form.reference.id = f"whose-{wrong}-reference", f"reference-{wrong}"
    queue = reply_queue(reader_id=signed_in().account_id, now=now())
    if request.method == "GET" and queue.lines:
        with transaction():
            record("replies.read", "account", signed_in().account_id, by=by(), now=now(), found=queue.total)
    return render_template(
        "staff/replies/replies.html", queue=queue, form=form, wrong=wrong, others=WHOSE, now=now()
    )
