"""Each force's events are numbered and sent to its endpoints, oldest first."""

from __future__ import annotations

import secrets

from provider.domain.compliance import delivery, feed
from provider.domain.compliance.sending import send
from provider.jobs.shift import Shift
from provider.kernel.database import transaction


def send_notices(shift: Shift) -> None:
    """Number what is committed, and send what is due."""
    for force_id in delivery.forces_to_number():
        with transaction():
            feed.number(force_id)
    while not shift.over and _send_one(shift):
        pass


def _send_one(shift: Shift) -> bool:
    with transaction():
        notice = delivery.claim(now=shift.now())
    if notice is None:
        return False
    secret = shift.secret_box.open(notice.sealed_secret)
    outcome = send(notice, secret=secret, public_only=shift.settings.production, now=shift.now())
    with transaction():
        delivery.note(notice, outcome, jitter=secrets.randbelow(1000) / 1000, now=shift.now())
    return True
