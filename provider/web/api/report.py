"""A force's referrals and how far each came, as a sheet that is safe to open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import date, datetime

from flask import Response

from provider.caseload.force_view import Line, report_for_force
from provider.domain.audit.trail import record
from provider.kernel.answers import rfc3339
from provider.kernel.database import transaction
from provider.kernel.sheets import sheet as write_sheet
from provider.web.api.access import by, force_id
from provider.web.api.parameters import Period
from provider.web.api.replies import tagged
from provider.web.context import now

COLUMNS = tuple(field.name for field in fields(Line))


def download_report(asked: Period) -> Response:
    with transaction():
        lines = report_for_force(force_id(), from_at=asked.from_, until_at=asked.to)
        record("report.read", "force", force_id(), by=by(), now=now(), referrals=len(lines))
    response = Response(sheet(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=compliance-report.csv"
    return tagged(response)


def sheet(lines: Iterable[Line]) -> str:
    """The lines as CSV (RFC 4180), every field in quotes, nothing in it that a spreadsheet would carry out."""
    return write_sheet(COLUMNS, [[_cell(value) for value in astuple(line)] for line in lines])


def _cell(value: str | bool | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value)
