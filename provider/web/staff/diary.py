"""The diary: a week of one worker, or of all."""

from __future__ import annotations

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from provider.caseload.diary_page import diary_page
from provider.domain.accounts.roles import Permission
from provider.kernel.calendar import london_date
from provider.web.addresses import a_day, a_number
from provider.web.context import now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk

EVERYBODY = "all"


@desk.get("/diary")
@needs(Permission.BOOK)
def diary() -> ResponseReturnValue:
    me = signed_in().account_id
    everybody = request.args.get("worker") == EVERYBODY
    worker_id = None if everybody else request.args.get("worker", me, type=a_number)
    page = diary_page(_day_asked(), worker_id=worker_id, reader_id=me, now=now())
    return render_template("staff/diary.html", page=page, now=now())


def _day_asked() -> date:
    """The day in the address; today where there is none, or none that a diary could be about."""
    return a_day(request.args.get("day")) or london_date(now())
