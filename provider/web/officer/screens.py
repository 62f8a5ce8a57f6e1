"""The screens of a referral, one after the other. What was typed is kept with each of them, right or wrong."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from provider.domain.accounts.roles import Permission
from provider.domain.referrals.drafts import blank_draft, discard_draft, lock_draft, open_draft
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, Refusal
from provider.pathway.receiving import facts_of
from provider.web.context import now, signed_in
from provider.web.guard import needs
from provider.web.officer import access, door
from provider.web.officer.asking import Schemes, areas_of, ask, ask_again
from provider.web.officer.body import NOTICE_VERSION, body_of
from provider.web.officer.draft import FORMS, Draft, Screen, keep_screen, opened, typed_in
from provider.web.officer.phone import new_phone_key, on_phone, onward
from provider.web.officer.places import faults_on

SCREENS = tuple(FORMS)


class DraftGone(Refusal):
    code = "draft_gone"
    sentence = "This referral was sent or thrown away meanwhile. See My referrals before you start again."


@door.route("", methods=["GET", "POST"])
@needs(Permission.REFER)
def start() -> ResponseReturnValue:
    """The first screen; a draft begins when it is sent and right."""
    schemes = _schemes()
    form = _first_form(schemes)
    if form.validate_on_submit() and _stands("event", form, {}, schemes):
        return onward(_after(_begun(form)))
    return _drawn("event", form, _blank(), schemes, unsent=access.own_unsent())


@door.route("/draft/<token>/<any(event, person, contact, agreement):name>", methods=["GET", "POST"])
@needs(Permission.REFER)
def screen(token: str, name: str) -> ResponseReturnValue:
    draft = access.own_draft(token)
    if draft.sent_as is not None or _is_early(name, draft):
        return redirect(url_for(".check", token=token))
    schemes = _schemes()
    form = ask(name, kept=draft.screens.get(name), schemes=schemes, scheme=draft.scheme)
    if form.is_submitted():
        kept = _keep(name, form, draft)
        if kept is not None and _stands(name, form, kept.forms, schemes):
            return onward(_after(kept))
    return _drawn(name, form, draft, schemes)


@door.post("/draft/<token>/discard")
@needs(Permission.REFER)
def discard(token: str) -> ResponseReturnValue:
    draft = access.own_draft(token)
    with transaction():
        discard_draft(draft.token, account_id=signed_in().account_id)
    flash("That referral was thrown away. Nothing was sent.", "info")
    return redirect(url_for(".start"))


def _blank() -> Draft:
    """The draft that the first screen is opened with: it holds nothing, but its key."""
    with transaction():
        return opened(blank_draft(signed_in().account_id, phone_key=new_phone_key(), now=now()))


def _begun(form: Any) -> Draft:
    """The draft with its first screen. The same screen sent twice, for want of an answer, begins one draft."""
    me, sent = signed_in().account_id, Screen(typed_in(form), sound=True)
    with transaction():
        row = open_draft(access.token_sent(), account_id=me, phone_key=new_phone_key(), now=now())
        return keep_screen(row, "event", sent, now=now())


def _schemes() -> Schemes:
    return schemes_of(access.force_id(), at=now())


def _first_form(schemes: Schemes) -> Any:
    shared = request.args.get("with")
    if shared and request.method == "GET":
        return ask_again(access.sent_by_me(shared).incident, schemes=schemes)
    return ask("event", kept=None, schemes=schemes, scheme=None)


def _is_early(name: str, draft: Draft) -> bool:
    """Whether a screen before this one is still to be filled in."""
    unfilled = draft.unfilled
    return unfilled is not None and SCREENS.index(unfilled) < SCREENS.index(name)


def _keep(name: str, form: Any, draft: Draft) -> Draft | None:
    """Keep what this screen sent beside what the others sent; None, and why on the form, where that is no longer so."""
    sent = Screen(typed_in(form), sound=form.validate())
    with transaction():
        row = lock_draft(draft.token, account_id=signed_in().account_id, now=now())
        if row is not None:
            return keep_screen(row, name, sent, now=now())
    form.add_refusal(DraftGone())
    return None


def _stands(name: str, form: Any, forms: dict[str, Any], schemes: Schemes) -> bool:
    """Whether what this screen says would be taken, beside what the others say; each fault goes to its field."""
    if form.errors:
        return False
    forms = forms | {name: form}
    try:
        parse_submission(body_of(forms, officer=signed_in()), schemes=facts_of(schemes), now=now())
    except Invalid as invalid:
        here = faults_on(name, invalid.errors, forms)
        form.add_errors(Invalid(here), {fault.pointer: fault.pointer[1:] for fault in here})
        return not here
    return True


def _after(draft: Draft) -> str:
    name = draft.unfilled
    if name is None:
        return url_for(".check", token=draft.token)
    return url_for(".screen", token=draft.token, name=name)


def _drawn(
    name: str, form: Any, draft: Draft, schemes: Schemes, *, unsent: tuple[Draft, ...] = ()
) -> ResponseReturnValue:
    """The page of a screen: ``scheme`` is the one chosen, where it is known by then."""
    place = SCREENS.index(name)
    back = url_for(".screen", token=draft.token, name=SCREENS[place - 1]) if place else None
    return render_template(
        f"officer/{name}.html",
        form=form,
        step=place + 1,
        back=back,
        child=draft.is_child,
        scheme=schemes.get(draft.scheme) if draft.scheme else None,
        draft=draft,
        phone=on_phone(draft.token, name, phone_key=draft.phone_key, restore=not form.is_submitted()),
        unsent=unsent,
        areas=areas_of(schemes),
        ask_collar=signed_in().collar_number is None,
        notice=NOTICE_VERSION,
    )
