"""Schemes: each force's, the terms of one and every version they have had, a change, a version taken back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.accounts_page import forces_by_id
from provider.caseload.scheme_page import SchemePage, scheme_page, schemes_page
from provider.caseload.scheme_words import changes
from provider.domain.accounts.roles import Permission
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, NotFound, Refusal
from provider.pathway import agreeing
from provider.web.context import by, now
from provider.web.guard import needs
from provider.web.staff import desk
from provider.web.staff.scheme_forms import BLANK, ChangeForm, NewSchemeForm
from provider.web.staff.ways import done


@desk.get("/schemes")
@needs(Permission.READ_SCHEMES)
def schemes() -> ResponseReturnValue:
    return render_template("staff/schemes/schemes.html", forces=schemes_page(now=now()))


@desk.get("/schemes/<int:scheme_id>")
@needs(Permission.READ_SCHEMES)
def scheme(scheme_id: int) -> ResponseReturnValue:
    return render_template("staff/schemes/scheme.html", page=scheme_page(scheme_id, now=now()))


@desk.route("/schemes/add", methods=["GET", "POST"])
@needs(Permission.MANAGE_SCHEMES)
def add_scheme() -> ResponseReturnValue:
    form = NewSchemeForm.showing(BLANK)
    form.offer(forces_by_id())
    if form.validate_on_submit():
        new = form.new
        try:
            with transaction():
                added = agreeing.add_scheme(new.force_id, new.code, new.name, new.terms, by=by(), now=now())
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            flash(f"{new.name} is added, and in force.")
            return redirect(url_for("staff.scheme", scheme_id=added.id))
    return render_template("staff/schemes/add.html", form=form)


@desk.route("/schemes/<int:scheme_id>/change", methods=["GET", "POST"])
@needs(Permission.MANAGE_SCHEMES)
def change_scheme(scheme_id: int) -> ResponseReturnValue:
    """What a change says otherwise is shown before it is saved."""
    page = scheme_page(scheme_id, now=now())
    if page.latest is None:
        raise NotFound
    form = ChangeForm.showing(page.latest.terms, seen=page.latest.number)
    if not form.validate_on_submit():
        return _form(page, form)
    if not form.was_checked:
        return _form(page, form, shown=True)
    try:
        with transaction():
            version = agreeing.change_terms(
                scheme_id, form.terms, from_day=form.from_day.data, seen=form.began_from, by=by(), now=now()
            ).version
    except agreeing.ChangedMeanwhile as refusal:
        form.add_refusal(refusal)
        return _overtaken(scheme_id, form)
    except Invalid as invalid:
        form.add_errors(invalid, {**form.pointers(), "/from_day": "from_day"})
    except Refusal as refusal:
        form.add_refusal(refusal)
    else:
        flash(f"Version {version} is saved.")
        return redirect(url_for("staff.scheme", scheme_id=scheme_id))
    return _form(page, form)


def _form(page: SchemePage, form: ChangeForm, *, shown: bool = False) -> ResponseReturnValue:
    """``shown``: with what these terms say otherwise than the version they began from."""
    began = next((one.terms for one in page.versions if one.number == form.began_from), None)
    changed = changes(began, form.terms) if shown and began is not None else None
    return render_template("staff/schemes/change.html", page=page, form=form, changed=changed, meanwhile=None)


def _overtaken(scheme_id: int, form: ChangeForm) -> ResponseReturnValue:
    """Somebody else saved first: what they changed is shown above what was typed, which is all still there."""
    page = scheme_page(scheme_id, now=now())
    began = next((one.terms for one in page.versions if one.number == form.began_from), None)
    latest = page.latest
    meanwhile = changes(began, latest.terms) if began is not None and latest is not None else ()
    form.look_again(latest.number if latest is not None else 0)
    return render_template(
        "staff/schemes/change.html", page=page, form=form, changed=None, meanwhile=meanwhile
    )


@desk.post("/schemes/<int:scheme_id>/versions/<int:version>/withdraw")
@needs(Permission.MANAGE_SCHEMES)
def withdraw_terms(scheme_id: int, version: int) -> ResponseReturnValue:
    done(
        lambda: agreeing.withdraw_terms(scheme_id, version, by=by(), now=now()),
        said=f"Version {version} is withdrawn. It never comes into force.",
    )
    return redirect(url_for("staff.scheme", scheme_id=scheme_id))
