"""An officer's own drafts and referrals, and nobody else's: another's and a missing one are not told apart."""

from __future__ import annotations

import re

from flask import request

from provider.caseload.officer_pages import OwnReferral, own_referral
from provider.domain.audit.trail import record
from provider.domain.referrals.drafts import find_draft, unsent_drafts
from provider.kernel.database import transaction
from provider.kernel.errors import NotFound
from provider.kernel.references import normal_reference
from provider.web.context import by, now, signed_in
from provider.web.officer.draft import Draft, opened

_TOKEN = re.compile(r"[A-Za-z0-9_-]{24}", re.ASCII)


def force_id() -> int:
    """The force of whoever is signed in. Raises NotFound where they have none."""
    found = signed_in().force_id
    if found is None:
        raise NotFound
    return found


def own_draft(token: str) -> Draft:
    """The officer's draft. Raises NotFound."""
    me = signed_in().account_id
    kept = find_draft(token, account_id=me, now=now()) if _TOKEN.fullmatch(token) else None
    if kept is None:
        raise NotFound
    return opened(kept)


def token_sent() -> str | None:
    """The draft that the first screen was opened with, as the screen says; it is looked up as the officer's own."""
    token = request.form.get("draft", "")
    return token if _TOKEN.fullmatch(token) else None


def own_unsent() -> tuple[Draft, ...]:
    return tuple(opened(kept) for kept in unsent_drafts(signed_in().account_id, now=now()))


def sent_by_me(reference: str) -> OwnReferral:
    """A referral that the officer sent. Raises NotFound."""
    known = normal_reference(reference)
    found = (
        own_referral(known, account_id=signed_in().account_id, force_id=force_id())
        if known is not None
        else None
    )
    if found is None:
        raise NotFound
    return found


def look_at(reference: str) -> OwnReferral:
    """The same, to be read: who looked, and when, is kept in the audit trail."""
    found = sent_by_me(reference)
    with transaction():
        record("referral.read", "referral", found.referral_id, by=by(), now=now(), person_id=found.person_id)
    return found


def about_to_be_rung(reference: str) -> OwnReferral:
    """A referral that the officer sent, while the person may expect calls. Raises NotFound."""
    found = sent_by_me(reference)
    if found.status != "accepted":
        raise NotFound
    return found


def is_mine(reference: str) -> bool:
    """Whether the officer sent this referral, and so may follow it."""
    return own_referral(reference, account_id=signed_in().account_id, force_id=force_id()) is not None
