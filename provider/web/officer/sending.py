"""The last screen: the answers read back, what is doubtful about them, and the one press that sends them, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from provider.caseload.officer_pages import open_calls
from provider.domain.accounts.roles import Permission
from provider.domain.diary.appointments import SlotTaken
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.drafts import lock_draft, spend_draft
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.domain.schemes.queries import SchemeNow, schemes_of
from provider.kernel.database import transaction
from provider.kernel.errors import FieldError, Invalid
from provider.pathway.receiving import DuplicateReferral, facts_of, receive
from provider.web.context import by, now, signed_in
from provider.web.forms import options
from provider.web.guard import needs
from provider.web.officer import access, door
from provider.web.officer.answers import Part, read_back
from provider.web.officer.asking import Schemes
from provider.web.officer.body import body_of
from provider.web.officer.draft import Draft, opened
from provider.web.officer.forms import SendForm
from provider.web.officer.phone import on_phone, onward
from provider.web.officer.places import place_of
from provider.web.officer.ringing import doubt_of_number
from provider.web.words import london_day, london_time

TAKEN = "That time has just been taken. Choose another."


@dataclass(frozen=True)
class Remark:
    """Something to put right, or to look at again; ``href`` leads to the field it is about."""

    text: str
    href: str | None


@dataclass(frozen=True)
class CheckPage:
    """``problems`` stand in the way of sending; ``doubts`` do not."""

    token: str
    parts: tuple[Part, ...]
    problems: tuple[Remark, ...]
    doubts: tuple[Remark, ...]


@door.route("/draft/<token>/check", methods=["GET", "POST"])
@needs(Permission.REFER)
def check(token: str) -> ResponseReturnValue:
    draft = access.own_draft(token)
    elsewhere = _elsewhere(draft)
    if elsewhere is not None:
        return redirect(elsewhere)
    schemes = schemes_of(access.force_id(), at=now())
    page = _page(draft, schemes)
    form = _send_form(schemes.get(draft.scheme or ""))
    sent = _sent(draft, schemes, form) if form.is_submitted() and not page.problems else None
    phone = on_phone(token, "check", phone_key=draft.phone_key, restore=not form.is_submitted())
    return sent or render_template("officer/check.html", form=form, page=page, phone=phone, step=5)


def _elsewhere(draft: Draft) -> str | None:
    """Where to go instead: what is sent already is read, what is not filled in yet is filled in."""
    if draft.sent_as is not None:
        return url_for(".sent", reference=draft.sent_as)
    if draft.unfilled is not None:
        return url_for(".screen", token=draft.token, name=draft.unfilled)
    return None


def _sent(draft: Draft, schemes: Schemes, form: Any) -> ResponseReturnValue | None:
    """Send it and go on to what it became; None, with the reason on the form, where that cannot be."""
    if not _may_send(form):
        return None
    try:
        _send(draft, schemes, slot_id=form.slot.data)
    except DuplicateReferral as duplicate:
        return _duplicate(duplicate.reference, draft)
    except (SlotTaken, Invalid):
        form.slot.errors = [TAKEN]
        return None
    return onward(url_for(".check", token=draft.token))


def _page(draft: Draft, schemes: Schemes) -> CheckPage:
    parts = read_back(draft.forms, schemes=schemes, child=draft.is_child)
    try:
        submission = _submission(draft, schemes, slot_id=None)
    except Invalid as invalid:
        return CheckPage(draft.token, parts, _remarks(invalid.errors, draft), ())
    return CheckPage(draft.token, parts, (), (*_of_number(draft), *_remarks(warnings_of(submission), draft)))


def _of_number(draft: Draft) -> tuple[Remark, ...]:
    """That the number was not heard to ring: for the officer alone, while the person is still there."""
    doubt = doubt_of_number(draft.forms["contact"])
    href = url_for(".screen", token=draft.token, name="contact", _anchor="mobile")
    return (Remark(doubt, href),) if doubt is not None else ()


def _submission(draft: Draft, schemes: Schemes, *, slot_id: str | None) -> ReferralSubmission:
    body = body_of(draft.forms, officer=signed_in(), slot_id=slot_id)
    return parse_submission(body, schemes=facts_of(schemes), now=now())


def _remarks(faults: Iterable[FieldError], draft: Draft) -> tuple[Remark, ...]:
    return tuple(Remark(fault.detail, _field_of(fault, draft)) for fault in faults)


def _field_of(fault: FieldError, draft: Draft) -> str | None:
    place = place_of(fault, draft.forms)
    if place is None:
        return None
    return url_for(".screen", token=draft.token, name=place.screen, _anchor=place.field)


def _send_form(scheme: SchemeNow | None) -> Any:
    """The open times come in groups by day; without any, nothing is asked."""
    form = SendForm()
    form.slot.choices = options({}, blank="No, ring them to arrange it")
    for call in open_calls(scheme, now=now()) if scheme is not None else ():
        words = f"{london_day(call.starts_at)}, {london_time(call.starts_at)}"
        form.slot.choices += options({call.id: words})
    return form


def _may_send(form: Any) -> bool:
    if form.validate():
        return True
    if form.slot.errors:
        form.slot.errors = [TAKEN]
    return False


def _send(draft: Draft, schemes: Schemes, *, slot_id: str | None) -> None:
    """Send what was kept, and spend the draft with it: who comes second finds nothing left to send."""
    with transaction():
        row = lock_draft(draft.token, account_id=signed_in().account_id, now=now())
        if row is None:
            return
        submission = _submission(opened(row), schemes, slot_id=slot_id)
        received = receive(
            submission,
            force_id=access.force_id(),
            warnings=warnings_of(submission),
            received_by="officer",
            officer_account_id=signed_in().account_id,
            by=by(),
            now=now(),
        )
        spend_draft(row, referral_id=received.referral_id, now=now())


def _duplicate(reference: str, draft: Draft) -> ResponseReturnValue:
    """This force sent the same person with this crime number before; perhaps this officer did."""
    mine = access.is_mine(reference)
    return render_template("officer/duplicate.html", reference=reference, mine=mine, token=draft.token), 409
