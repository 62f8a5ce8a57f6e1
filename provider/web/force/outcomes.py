"""What came of a force's referrals: found, and taken away as a sheet.

A crime number and an officer's number have no place in an address: what is looked for is sent by POST, and only the
rest of it is repeated in the address of a page that can be kept.
"""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.force_outcomes import LAST_PAGE, Outcomes, all_outcomes
from provider.caseload.force_outcomes import outcomes as outcomes_of
from provider.caseload.force_sheet import outcomes_sheet
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.schemes.queries import schemes_of
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.web.context import by, now
from provider.web.force import door
from provider.web.force.access import force_id
from provider.web.force.filters import FilterForm, filter_form
from provider.web.guard import needs


@door.get("/outcomes")
@needs(Permission.MANAGE_FORCE)
def outcomes() -> ResponseReturnValue:
    return _listed(_asked(request.args.to_dict() | dict.fromkeys(FilterForm.PRIVATE, "")))


@door.post("/outcomes")
@needs(Permission.MANAGE_FORCE)
def find() -> ResponseReturnValue:
    form = _asked(request.form.to_dict())
    if form.validate() and not form.is_private and "page" not in request.form:
        return redirect(url_for(".outcomes", **dict[str, Any](form.given)))
    return _listed(form)


@door.post("/outcomes.csv")
@needs(Permission.MANAGE_FORCE)
def outcomes_csv() -> ResponseReturnValue:
    """Exactly what the filters find, however many pages that is."""
    form = _asked(request.form.to_dict())
    if not form.validate():
        return _listed(form)
    lines = all_outcomes(force_id(), form.filters, today=london_date(now()))
    with transaction():
        record("report.read", "force", force_id(), by=by(), now=now(), referrals=len(lines))
    answer = Response(outcomes_sheet(lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=outcomes.csv"
    return answer


def _asked(sent: dict[str, str]) -> FilterForm:
    schemes = {code: scheme.name for code, scheme in schemes_of(force_id(), at=now()).items()}
    return filter_form(sent, schemes=schemes)


def _listed(form: FilterForm) -> ResponseReturnValue:
    page = request.values.get("page", default=1, type=int)
    found = _found(form, page=page) if form.validate() and 1 <= page <= LAST_PAGE else None
    return render_template(
        "force/outcomes.html", form=form, found=found, last_page=LAST_PAGE, today=london_date(now())
    )


def _found(form: FilterForm, *, page: int) -> Outcomes:
    """That the force read them, and how many, is kept in the trail."""
    found = outcomes_of(force_id(), form.filters, page=page, today=london_date(now()))
    with transaction():
        record("outcomes.read", "force", force_id(), by=by(), now=now(), referrals=len(found.lines))
    return found
