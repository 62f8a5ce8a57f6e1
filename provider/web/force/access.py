"""The administrator's own force and what belongs to it: another force's and a missing one are not told apart."""

from __future__ import annotations

import re

from provider.caseload.force_corrections import correction_of
from provider.caseload.force_officers import Officer, officer
from provider.caseload.force_pages import Key, key
from provider.domain.audit.trail import record
from provider.domain.compliance import feed
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.forces.endpoints import find_endpoint
from provider.domain.forces.models import WebhookEndpoint
from provider.domain.referrals.models import Referral
from provider.domain.referrals.queries import find_referral
from provider.domain.uploads.models import Upload
from provider.domain.uploads.queries import find_upload
from provider.kernel.database import transaction
from provider.kernel.errors import NotFound
from provider.kernel.references import normal_reference
from provider.web.context import by, now, signed_in

_EVENT = re.compile(r"evt_[0-9a-f]{24}", re.ASCII)
_ENDPOINT = re.compile(r"whe_[0-9a-f]{24}", re.ASCII)
_UPLOAD = re.compile(r"upl_[0-9a-f]{24}", re.ASCII)


def force_id() -> int:
    """The force of whoever is signed in. Raises NotFound where they have none."""
    found = signed_in().force_id
    if found is None:
        raise NotFound
    return found


def own_key(key_id: int) -> Key:
    """One of the force's keys that works. Raises NotFound."""
    found = key(key_id, force_id=force_id(), now=now())
    if found is None or not found.live:
        raise NotFound
    return found


def own_endpoint(public_id: str) -> WebhookEndpoint:
    """One of the force's endpoints. Raises NotFound."""
    found = find_endpoint(public_id, force_id=force_id()) if _ENDPOINT.fullmatch(public_id) else None
    if found is None:
        raise NotFound
    return found


def own_officer(account_id: int) -> Officer:
    """One of the force's officers. Raises NotFound."""
    found = officer(account_id, force_id=force_id())
    if found is None:
        raise NotFound
    return found


def own_upload(upload_id: str) -> Upload:
    """One of the force's uploads. Raises NotFound."""
    found = find_upload(upload_id, force_id=force_id()) if _UPLOAD.fullmatch(upload_id) else None
    if found is None:
        raise NotFound
    return found


def own_referral(reference: str) -> Referral:
    """One of the force's referrals, by whichever officer or system. Raises NotFound."""
    known = normal_reference(reference)
    found = find_referral(known, force_id=force_id()) if known is not None else None
    if found is None:
        raise NotFound
    return found


def look_at(reference: str) -> Referral:
    """The same, to be read: who looked, and when, is kept in the audit trail."""
    found = own_referral(reference)
    with transaction():
        record("referral.read", "referral", found.id, by=by(), now=now(), person_id=found.person_id)
    return found


def own_event(event_id: str) -> ComplianceEvent:
    """One of the events that the force was told of. Raises NotFound."""
    found = feed.event(event_id, force_id=force_id()) if _EVENT.fullmatch(event_id) else None
    if found is None:
        raise NotFound
    return found


def own_correction(event_id: str) -> ComplianceEvent:
    """One of the corrections that the force was told of. Raises NotFound."""
    found = correction_of(force_id(), event_id) if _EVENT.fullmatch(event_id) else None
    if found is None:
        raise NotFound
    return found


def number_events() -> None:
    """What the force is to be told has its number before it is shown: in a short transaction of its own."""
    if feed.has_unnumbered(force_id()):
        with transaction():
            feed.number(force_id())
