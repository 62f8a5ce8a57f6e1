"""Referrals as a file: the template, what its columns take, and a file that is read before anything is sent."""

from __future__ import annotations

from contextlib import closing

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.uploads_page import uploads as uploads_of
from provider.domain.accounts.roles import Permission
from provider.domain.referrals.sheet.columns import COLUMNS, DRUGS
from provider.domain.referrals.sheet.rows import MOST_ROWS, read_rows
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import transaction
from provider.kernel.sheet_files import SheetUnreadable, read_records
from provider.kernel.sheets import sheet
from provider.pathway.previewing import keep_upload, look_at
from provider.pathway.uploading import MOST_AT_ONCE
from provider.web.addresses import a_page
from provider.web.context import by, now, secret_box
from provider.web.force import door
from provider.web.force.access import force_id
from provider.web.force.upload_forms import UploadForm, explained, upload_form
from provider.web.guard import needs

LAST_PAGE = 10_000
UTF_8_MARK = "\ufeff"


@door.route("/uploads", methods=["GET", "POST"])
@needs(Permission.MANAGE_FORCE)
def uploads() -> ResponseReturnValue:
    form = upload_form(_schemes())
    if form.validate_on_submit():
        try:
            upload_id = _keep(form)
        except SheetUnreadable as refusal:
            form.file.errors = [refusal.sentence]
        else:
            return redirect(url_for(".upload", upload_id=upload_id))
    page = request.args.get("page", default=1, type=a_page)
    listed = uploads_of(force_id(), page=page)
    return render_template(
        "force/uploads.html", form=form, listed=listed, most_rows=MOST_ROWS, most_at_once=MOST_AT_ONCE
    )


@door.get("/uploads/columns")
@needs(Permission.MANAGE_FORCE)
def upload_columns() -> ResponseReturnValue:
    return render_template("force/upload_columns.html", columns=explained(), drugs=DRUGS, schemes=_schemes())


@door.get("/uploads/template.csv")
@needs(Permission.MANAGE_FORCE)
def upload_template() -> ResponseReturnValue:
    """With the mark by which Excel knows UTF-8, so that names keep their accents on the way back."""
    return as_file(UTF_8_MARK + sheet([column.name for column in COLUMNS], []), name="referrals.csv")


def as_file(text: str, *, name: str) -> Response:
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _schemes() -> dict[str, str]:
    return {code: scheme.name for code, scheme in schemes_of(force_id(), at=now()).items()}


def _keep(form: UploadForm) -> str:
    """Read the file and keep what was found; the upload's public id. Raises SheetUnreadable."""
    with closing(form.file.data) as file:
        records = read_records(file.read())
    rows = read_rows(records, scheme=form.scheme.data, leave_out=form.leave_out.data)
    looked = look_at(rows, force_id=force_id(), now=now())
    with transaction():
        return keep_upload(looked, force_id=force_id(), box=secret_box(), by=by(), now=now())
