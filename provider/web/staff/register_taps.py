"""One press on an open register, and the part of the page that is fetched anew while a session runs."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.register_page import RegisterPage
from provider.domain.accounts.roles import Permission
from provider.domain.courses.comings import Tap
from provider.kernel.database import transaction
from provider.kernel.errors import NotFound, Refusal
from provider.pathway import registering, tapping
from provider.pathway.tapping import Press
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.ids import number
from provider.web.staff.register import draw, page_of
from provider.web.staff.register_forms import RegisterForm, register_form
from provider.web.staff.ways import done
from provider.web.words import london_time

LONGEST_AGO = timedelta(hours=4)
"""How long ago a press may have been: no session is longer, and no line is down longer and then remembered."""


@dataclass(frozen=True)
class Conflict:
    """Somebody else marked otherwise, and that stands; ``taps`` has what was pressed, to be pressed again."""

    place_id: int
    words: str
    taps: tuple[Tap, ...]


@desk.get("/sessions/<int:session_id>/register/live")
@needs(Permission.RUN_REGISTER)
def register_live(session_id: int) -> ResponseReturnValue:
    """What a page that is open already has not got yet. That it was opened stands in the trail."""
    return _part(page_of(session_id))


@desk.post("/sessions/<int:session_id>/register/tap")
@needs(Permission.RUN_REGISTER)
def tap_register(session_id: int) -> ResponseReturnValue:
    press = _press()
    if "X-Register" not in request.headers:
        return _with_the_page(session_id, press)
    try:
        with transaction():
            stands = tapping.tap(session_id, press, by=by(), now=now())
    except Refusal as refusal:
        return _part(page_of(session_id), refused=refusal.sentence), 409
    page = page_of(session_id)
    return _part(page) if stands else (_part(page, conflict=_conflict(page, press)), 409)


@desk.post("/sessions/<int:session_id>/register/unmark")
@needs(Permission.RUN_REGISTER)
def unmark(session_id: int) -> ResponseReturnValue:
    """The mark that stands is taken back."""
    place_id = number(request.form.get("unmark"))
    seen = number(request.form.get(f"lines-{place_id}-seen"))
    done(
        lambda: tapping.unmark(session_id, place_id, seen=seen, by=by(), now=now()),
        said="The mark is taken back.",
    )
    return redirect(url_for("staff.register", session_id=session_id, _anchor=f"place-{place_id}"))


def _with_the_page(session_id: int, press: Press) -> ResponseReturnValue:
    """Without a script the whole form is sent with the press: what was chosen beside others is kept as well."""
    form = RegisterForm()
    if not form.validate():
        return draw(page_of(session_id), form)
    others = [line for line in form.sent if line.place_id != press.place_id]
    try:
        with transaction():
            outcome = registering.mark_lines(session_id, others, rest=None, by=by(), now=now())
            stands = tapping.tap(session_id, press, by=by(), now=now())
    except Refusal as refusal:
        form.add_refusal(refusal)
        return draw(page_of(session_id), form)
    if stands and not outcome.overtaken:
        return redirect(url_for("staff.register", session_id=session_id, _anchor=f"place-{press.place_id}"))
    page = page_of(session_id)
    form.add_overtaken(outcome, page)
    if not stands:
        form.add_conflict(press.place_id, _conflict(page, press).words, page)
    return draw(page, form)


def _part(page: RegisterPage, *, conflict: Conflict | None = None, refused: str | None = None) -> str:
    lines = register_form(page, formdata=None).by_place()
    return render_template(
        "staff/register/fragment.html", page=page, lines=lines, conflict=conflict, refused=refused
    )


def _conflict(page: RegisterPage, press: Press) -> Conflict:
    row = page.row(press.place_id)
    said = "The mark you saw was taken back since."
    if row.mark is not None:
        said = f"{row.mark.by} marked “{row.mark.code.label}” at {london_time(row.mark.at)}, after you last looked."
    words = f"{said} You pressed “{press.tap.words}”: press it again if yours is right."
    return Conflict(press.place_id, words, tuple(dict.fromkeys((press.tap, *row.taps))))


def _press() -> Press:
    """What was pressed, as our page sends it. Raises NotFound for anything else."""
    place, _, what = request.form.get("tap", "").partition(".")
    place_id = number(place)
    seen = request.form.get(f"lines-{place_id}-seen")
    if what not in set(Tap):
        raise NotFound
    return Press(
        place_id=place_id,
        tap=Tap(what),
        seen=number(seen) if seen else None,
        at=now() - _ago(request.form.get("ago", "0")),
        token=_token(request.form.get("token")),
    )


def _ago(seconds: str) -> timedelta:
    if not re.fullmatch("[0-9]{1,6}", seconds):
        raise NotFound
    return min(timedelta(seconds=int(seconds)), LONGEST_AGO)


def _token(text: str | None) -> str | None:
    try:
        return str(uuid.UUID(text)) if text else None
    except ValueError:
        raise NotFound from None
