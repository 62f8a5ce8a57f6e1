"""Wordings: what each scheme's texts say, a change with its preview, and every version."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.differences import differences
from provider.caseload.own_words import scheme_in_force
from provider.caseload.wording_page import WordingPage, wording_page
from provider.caseload.wording_preview import Preview, preview
from provider.caseload.wordings_page import wordings_overview, wordings_page
from provider.domain.accounts.roles import Permission
from provider.domain.messaging.kinds import KINDS, SPOKEN
from provider.domain.messaging.languages import languages
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, NotFound, Refusal
from provider.pathway import rewording
from provider.web.context import by, now, settings
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.wording_forms import WordingForm


@desk.get("/wordings")
@needs(Permission.READ_WORDINGS)
def wordings() -> ResponseReturnValue:
    return render_template("staff/wordings/overview.html", forces=wordings_overview(now=now()))


@desk.get("/wordings/<int:scheme_id>/<language>")
@needs(Permission.READ_WORDINGS)
def scheme_wordings(scheme_id: int, language: str) -> ResponseReturnValue:
    page = wordings_page(scheme_id, language, now=now())
    return render_template("staff/wordings/wordings.html", page=page)


@desk.get("/wordings/<int:scheme_id>/<language>/<kind>")
@needs(Permission.READ_WORDINGS)
def wording(scheme_id: int, language: str, kind: str) -> ResponseReturnValue:
    """``?version=2`` puts that version's words into the form, to be looked at and saved again."""
    page = _page(scheme_id, language, kind)
    asked = request.args.get("version", str(page.latest.number))
    said = next((one.said for one in page.versions if str(one.number) == asked), None)
    if said is None:
        raise NotFound
    return _show(page, WordingForm(data={"words": said, "seen": page.latest.number}))


@desk.post("/wordings/<int:scheme_id>/<language>/<kind>")
@needs(Permission.EDIT_WORDINGS)
def reword(scheme_id: int, language: str, kind: str) -> ResponseReturnValue:
    """Save the words, or only look at them as they would arrive."""
    form = WordingForm()
    if request.form.get("action") == "preview" or not form.validate_on_submit():
        return _show(_page(scheme_id, language, kind), form)
    try:
        with transaction():
            version = rewording.reword(
                scheme_id, kind, language, form.words.data, seen=form.began_from, by=by(), now=now()
            ).version
    except rewording.RewordedMeanwhile as refusal:
        form.add_refusal(refusal)
        return _overtaken(_page(scheme_id, language, kind), form)
    except Invalid as invalid:
        form.add_errors(invalid, {"/words": "words"})
    except Refusal as refusal:
        form.add_refusal(refusal)
    else:
        flash(f"Version {version} is saved. Every text that goes out from now on is worded by it.")
        return redirect(url_for("staff.wording", scheme_id=scheme_id, language=language, kind=kind))
    return _show(_page(scheme_id, language, kind), form)


@desk.post("/wordings/<int:scheme_id>/<language>/<kind>/preview")
@needs(Permission.EDIT_WORDINGS)
def preview_wording(scheme_id: int, language: str, kind: str) -> ResponseReturnValue:
    """The preview alone, for a page that shows it while somebody types."""
    if kind not in (*KINDS, *SPOKEN) or language not in languages():
        raise NotFound
    scheme = scheme_in_force(scheme_id, now=now())
    said = str(WordingForm().words.data or "")
    shown = preview(
        scheme, kind, language, said, public_url=settings().public_url, pence=settings().text_pence
    )
    return render_template("staff/wordings/preview.html", shown=shown)


def _page(scheme_id: int, language: str, kind: str) -> WordingPage:
    return wording_page(scheme_id, language, kind, public_url=settings().public_url, now=now())


def _preview(page: WordingPage, said: str) -> Preview:
    return preview(
        page.scheme,
        page.kind,
        page.language.code,
        said,
        public_url=settings().public_url,
        pence=settings().text_pence,
    )


def _show(page: WordingPage, form: WordingForm) -> ResponseReturnValue:
    shown = _preview(page, form.words.data or "")
    return render_template("staff/wordings/wording.html", page=page, form=form, shown=shown, meanwhile=None)


def _overtaken(page: WordingPage, form: WordingForm) -> ResponseReturnValue:
    """Somebody else saved first: their change is shown above what was typed, which is all still there."""
    began = next((one.said for one in page.versions if one.number == form.began_from), None)
    meanwhile = () if began is None else differences(began, page.latest.said)
    form.seen.data = str(page.latest.number)
    return render_template(
        "staff/wordings/wording.html",
        page=page,
        form=form,
        shown=_preview(page, form.words.data or ""),
        meanwhile=meanwhile,
    )
