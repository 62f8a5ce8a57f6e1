"""Zoom's participant report on a register: brought in, and settled by a named person."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.kernel.calendar import LONDON
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway import reporting_in
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.ids import number, numbers
from provider.web.staff.register import draw, page_of
from provider.web.staff.register_forms import ReportForm
from provider.web.staff.ways import done
from provider.web.words import count


@desk.post("/sessions/<int:session_id>/register/report")
@needs(Permission.RUN_REGISTER)
def import_report(session_id: int) -> ResponseReturnValue:
    form = ReportForm()
    if form.validate():
        try:
            with transaction():
                imported = reporting_in.import_report(session_id, form.report.data.read(), by=by(), now=now())
        except Invalid as invalid:
            form.add_errors(invalid, {"/rows": "report"})
        except Refusal as refusal:
            form.report.errors = [refusal.sentence]
        else:
            flash(_said(imported))
            return _zoom(session_id)
    return draw(page_of(session_id), report=form)


@desk.post("/sessions/<int:session_id>/register/certain")
@needs(Permission.RUN_REGISTER)
def settle_certain(session_id: int) -> ResponseReturnValue:
    """Say yes to every suggestion that is certain."""
    done(
        lambda: reporting_in.settle_certain(session_id, by=by(), now=now()),
        said="The certain ones are accepted.",
    )
    return _zoom(session_id)


@desk.post("/sessions/<int:session_id>/register/settle")
@needs(Permission.RUN_REGISTER)
def settle_participant(session_id: int) -> ResponseReturnValue:
    """Say whose place a participant was, or that they are nobody's on this register."""
    joins, whose = numbers(request.form.get("joins")), request.form.get("place", "")
    if not whose:
        flash("Choose whose place it was, or nobody’s.", "error")
        return _zoom(session_id)
    place_id = None if whose == "nobody" else number(whose)
    done(
        lambda: reporting_in.settle_participant(session_id, joins, place_id, by=by(), now=now()),
        said="Settled.",
    )
    return _zoom(session_id)


@desk.post("/sessions/<int:session_id>/register/take-back")
@needs(Permission.RUN_REGISTER)
def take_join_back(session_id: int) -> ResponseReturnValue:
    """Whose a participant was is open again."""
    joins = numbers(request.form.get("joins"))
    done(
        lambda: reporting_in.take_back(session_id, joins, by=by(), now=now()), said="It can be settled anew."
    )
    return _zoom(session_id)


def _zoom(session_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff.register", session_id=session_id, _anchor="zoom"))


def _said(imported: reporting_in.Imported) -> str:
    if not imported.added:
        return "Every line of this report was here already: nothing is added."
    known = f", {imported.known} were here already" if imported.known else ""
    clock = "" if imported.zone == LONDON else " Its times are not London’s but UTC, and were read so."
    return f"{count(imported.added, 'line')} added{known}.{clock} Say whose each was, below."
