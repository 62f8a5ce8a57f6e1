"""The journey in numbers, month by month: for the team lead in full, for the commissioner without small counts."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.reporting.months import read_month
from provider.reporting.numbers_page import numbers_page, numbers_sheet
from provider.web.context import now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk


@desk.get("/numbers")
@needs(Permission.READ_NUMBERS)
def numbers() -> ResponseReturnValue:
    month = read_month(request.args.get("month"), now=now())
    page = numbers_page(month, small_hidden=_small_hidden(), now=now())
    return render_template("staff/numbers/numbers.html", page=page)


@desk.get("/numbers.csv")
@needs(Permission.READ_NUMBERS)
def numbers_csv() -> ResponseReturnValue:
    month = read_month(request.args.get("month"), now=now())
    answer = Response(
        numbers_sheet(month, small_hidden=_small_hidden()), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f"attachment; filename=numbers-{month}.csv"
    return answer


def _small_hidden() -> bool:
    """Whoever may not read who the people are learns of no small group either."""
    return not signed_in().may(Permission.READ_CASELOAD)
