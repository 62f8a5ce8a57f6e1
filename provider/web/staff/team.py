"""The team: who has how much, what is late, and giving cases to somebody."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.team import team_page, workers_by_id, workload
from provider.caseload.team_cases import cases_of
from provider.domain.accounts.roles import Permission
from provider.kernel.errors import NotFound
from provider.pathway.contacting import assign
from provider.web.context import by, now, signed_in
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.access import open_referral
from provider.web.staff.team_forms import SpreadForm
from provider.web.staff.ways import done
from provider.web.words import count


@desk.route("/team", methods=["GET", "POST"])
@needs(Permission.SPREAD_WORK)
def team() -> ResponseReturnValue:
    """The whole team; what nobody has taken, or was not rung in time, is given to somebody from here."""
    page = team_page(reader_id=signed_in().account_id, now=now())
    form = SpreadForm([*page.unassigned.lines, *page.late_first_contacts.lines], workers_by_id())
    if form.validate_on_submit():
        _give(form)
        return redirect(url_for("staff.team"))
    return render_template("staff/team/team.html", page=page, form=form, now=now())


@desk.route("/team/<int:worker_id>", methods=["GET", "POST"])
@needs(Permission.SPREAD_WORK)
def team_member(worker_id: int) -> ResponseReturnValue:
    """One worker's cases, to be given to somebody else: for holidays, and for when somebody leaves."""
    worker = next((line for line in workload(now=now()) if line.id == worker_id), None)
    if worker is None:
        raise NotFound
    cases = cases_of(worker_id, reader_id=signed_in().account_id, now=now())
    others = {key: name for key, name in workers_by_id().items() if key != worker_id}
    form = SpreadForm(cases.lines, others)
    if form.validate_on_submit():
        _give(form)
        return redirect(url_for("staff.team_member", worker_id=worker_id))
    return render_template("staff/team/member.html", worker=worker, cases=cases, form=form)


def _give(form: SpreadForm) -> None:
    """All of them, or, where one was closed meanwhile, none."""
    case_ids = [open_referral(reference).case for reference in form.cases.data]
    worker_id = int(form.worker.data)

    def give() -> None:
        for case_id in case_ids:
            assign(case_id, worker_id, by=by(), now=now())

    name = workers_by_id()[worker_id]
    done(give, said=f"{count(len(case_ids), 'case')} given to {name}.")
