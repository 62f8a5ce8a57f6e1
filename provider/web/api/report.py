"""A force's referrals and how far each came, as a sheet that is safe to open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import date, datetime

from flask import Response

from provider.caseload.force_view import ReportLine, report_for_force
from provider.domain.audit.trail import record
from provider.kernel.answers import rfc3339
from provider.kernel.database import transaction
from provider.web.api.access import by, force_id
from provider.web.api.parameters import Period
from provider.web.api.replies import tagged
from provider.web.context import now

COLUMNS = tuple(field.name for field in fields(ReportLine))
# What spreadsheets take for the beginning of a formula, wide forms and leading space included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def download_report(asked: Period) -> Response:
    with transaction():
        lines = report_for_force(force_id(), from_at=asked.from_, until_at=asked.to)
        record("report.read", "force", force_id(), by=by(), now=now(), referrals=len(lines))
    response = Response(sheet(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=compliance-report.csv"
    return tagged(response)


def sheet(lines: Iterable[ReportLine]) -> str:
    """The lines as CSV (RFC 4180), every field in quotes, nothing in it that a spreadsheet would carry out."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in astuple(line)] for line in lines)
    return written.getvalue()


def _cell(value: str | bool | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return rfc3339(value)
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text
