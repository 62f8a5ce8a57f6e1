"""A run of sessions: looked at, and then put on, all of it or nothing."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.series_page import SeriesPage, series_page
from provider.caseload.sessions_page import session_choices
from provider.domain.accounts.roles import Permission
from provider.pathway import scheduling
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.series_forms import SeriesForm
from provider.web.staff.sessions import like_another
from provider.web.staff.ways import carried_out
from provider.web.words import count


@desk.route("/sessions/run", methods=["GET", "POST"])
@needs(Permission.MANAGE_SESSIONS)
def add_sessions() -> ResponseReturnValue:
    """A first press shows the days; a second, on the days that were seen, puts them on."""
    form = SeriesForm(session_choices(), data=like_another())
    page: SeriesPage | None = None
    if form.validate_on_submit():
        page = series_page(form.run, form.days, names={int(one): name for one, name in form.names.items()})
        if _is_meant(form, page) and carried_out(
            form, lambda: scheduling.put_sessions_on(form.run, by=by(), now=now())
        ):
            flash(f"{count(len(page.lines), 'session')} added.")
            return redirect(url_for("staff.sessions"))
    return render_template("staff/sessions/run.html", form=form, page=page)


def _is_meant(form: SeriesForm, page: SeriesPage) -> bool:
    """Whether these very days were seen, and nothing stands in the way that was not seen too."""
    asked = request.form.get("press") == "put_on" and form.seen.data == form.fingerprint
    return asked and page.possible and (not page.clashing or bool(form.anyway.data))
