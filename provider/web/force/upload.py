"""One uploaded file: looked at row by row, sent or thrown away, watched on its way, and what became of it."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.upload_page import SHOWN, UploadPage, upload_page, upload_results
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway.uploading import MOST_AT_ONCE, discard_upload, start_upload
from provider.web.addresses import a_page
from provider.web.context import by, now
from provider.web.force import access, door
from provider.web.force.uploads import as_file
from provider.web.guard import needs

AGAIN_AFTER = 2
"""Seconds after which a page that shows progress is asked for again."""


@door.get("/uploads/<upload_id>")
@needs(Permission.MANAGE_FORCE)
def upload(upload_id: str) -> ResponseReturnValue:
    """By a header the page comes again by itself while rows are being sent, unless it was asked to keep still."""
    shown = _page(upload_id)
    still = "still" in request.args
    page = render_template(
        "force/upload.html", page=shown, shown=SHOWN, still=still, most_at_once=MOST_AT_ONCE
    )
    answer = make_response(page)
    if shown.under_way and not still:
        answer.headers["Refresh"] = str(AGAIN_AFTER)
    return answer


def _page(upload_id: str) -> UploadPage:
    number = request.args.get("page", default=1, type=a_page)
    return upload_page(access.own_upload(upload_id), show=request.args.get("show"), page=number)


@door.post("/uploads/<upload_id>/start")
@needs(Permission.MANAGE_FORCE)
def start(upload_id: str) -> ResponseReturnValue:
    """Pressed twice, or by two people, it is started once."""
    try:
        with transaction():
            found = access.own_upload(upload_id)
            started = start_upload(found, mode=request.form.get("mode"), by=by(), now=now())
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        if not started:
            flash("This file had been started already. It is sent once.", "info")
    return redirect(url_for(".upload", upload_id=upload_id))


@door.post("/uploads/<upload_id>/discard")
@needs(Permission.MANAGE_FORCE)
def discard(upload_id: str) -> ResponseReturnValue:
    try:
        with transaction():
            discard_upload(access.own_upload(upload_id), by=by(), now=now())
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for(".upload", upload_id=upload_id))
    flash("The file is thrown away. Nothing of it was sent.")
    return redirect(url_for(".uploads"))


@door.get("/uploads/<upload_id>/results.csv")
@needs(Permission.MANAGE_FORCE)
def upload_results_csv(upload_id: str) -> ResponseReturnValue:
    with transaction():
        found = access.own_upload(upload_id)
        record("upload.results_read", "upload", found.id, by=by(), now=now())
        results = upload_results(found)
    return as_file(results, name="results.csv")
