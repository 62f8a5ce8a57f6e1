"""The administrator's own force and what belongs to it: another force's and a missing one are not told apart."""

from __future__ import annotations

import re

from provider.caseload.force_pages import Key, Officer, key, officer
from provider.domain.forces.endpoints import find_endpoint
from provider.domain.forces.models import WebhookEndpoint
from provider.domain.uploads.models import Upload
from provider.domain.uploads.queries import find_upload
from provider.kernel.errors import NotFound
from provider.web.context import now, signed_in

LARGEST_ID = 2**63 - 1
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
    found = key(key_id, force_id=force_id(), now=now()) if key_id <= LARGEST_ID else None
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
    found = officer(account_id, force_id=force_id()) if account_id <= LARGEST_ID else None
    if found is None:
        raise NotFound
    return found


def own_upload(upload_id: str) -> Upload:
    """One of the force's uploads. Raises NotFound."""
    found = find_upload(upload_id, force_id=force_id()) if _UPLOAD.fullmatch(upload_id) else None
    if found is None:
        raise NotFound
    return found
