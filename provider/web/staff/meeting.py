"""The meeting of a session: where it stands with Zoom, and a link that is used instead."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.meeting_page import meeting_page
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import joining
from provider.web.context import by, makes_meetings, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.meeting_forms import LinkForm


@desk.route("/sessions/<int:session_id>/meeting", methods=["GET", "POST"])
@needs(Permission.RUN_REGISTER)
def meeting(session_id: int) -> ResponseReturnValue:
    page = meeting_page(session_id, reader_id=signed_in().account_id, now=now())
    if page.held_at is not None:
        abort(404)
    form = LinkForm(join_url=page.join_url, needed=not makes_meetings())
    if form.validate_on_submit():
        try:
            with transaction():
                joining.use_link(session_id, form.join_url.data, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash("Everybody joins by this link." if form.join_url.data else "Zoom is asked for links.")
            return redirect(url_for("staff.register", session_id=session_id))
    return render_template("staff/sessions/meeting.html", page=page, form=form, by_zoom=makes_meetings())
