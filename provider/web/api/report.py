"""A force's referrals and how far each came, as a sheet that is safe to open."""

from __future__ import annotations

from flask import Response

from provider.caseload.force_sheet import report_sheet
from provider.caseload.force_view import report_for_force
from provider.domain.audit.trail import record
from provider.kernel.database import transaction
from provider.web.api.access import by, force_id
from provider.web.api.parameters import Period
from provider.web.api.replies import tagged
from provider.web.context import now


def download_report(asked: Period) -> Response:
    lines = report_for_force(force_id(), from_at=asked.from_, until_at=asked.to)
    with transaction():
        record("report.read", "force", force_id(), by=by(), now=now(), referrals=len(lines))
    response = Response(report_sheet(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=compliance-report.csv"
    return tagged(response)
