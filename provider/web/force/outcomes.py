"""What came of a force's referrals."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.force_outcomes import Outcomes, find_outcomes, outcomes
from provider.caseload.force_pages import force_name
from provider.domain.accounts.roles import Permission
from provider.domain.audit.trail import record
from provider.domain.schemes.queries import schemes_of
from provider.kernel.calendar import london_date
from provider.kernel.database import transaction
from provider.web.context import by, now
from provider.web.force import door
from provider.web.force.access import force_id
from provider.web.force.forms import FilterForm, FindForm, filter_form
from provider.web.guard import needs

LAST_PAGE = 10_000


@door.get("")
@needs(Permission.MANAGE_FORCE)
def home() -> ResponseReturnValue:
    chosen = _filters()
    page = request.args.get("page", default=1, type=int)
    found = None
    if chosen.validate() and 1 <= page <= LAST_PAGE:
        found = _shown(outcomes(force_id(), chosen.filters, page=page))
    return _drawn(FindForm(), chosen, found, searched=False)


@door.post("")
@needs(Permission.MANAGE_FORCE)
def find() -> ResponseReturnValue:
    form, found = FindForm(), None
    if form.validate_on_submit():
        found = _shown(find_outcomes(force_id(), form.what.data))
    return _drawn(form, _filters(), found, searched=True)


def _filters() -> FilterForm:
    schemes = {code: scheme.name for code, scheme in schemes_of(force_id(), at=now()).items()}
    return filter_form(request.args, schemes=schemes, today=london_date(now()))


def _shown(found: Outcomes) -> Outcomes:
    """That the force read them, and how many, is kept in the trail."""
    with transaction():
        record("outcomes.read", "force", force_id(), by=by(), now=now(), referrals=len(found.lines))
    return found


def _drawn(
    form: FindForm, chosen: FilterForm, found: Outcomes | None, *, searched: bool
) -> ResponseReturnValue:
    chosen_now: dict[str, Any] = {name: value for name, value in chosen.data.items() if value}
    return render_template(
        "force/outcomes.html",
        force=force_name(force_id()),
        form=form,
        chosen=chosen,
        page_forms=[form, chosen],
        address=chosen_now,
        found=found,
        searched=searched,
    )
