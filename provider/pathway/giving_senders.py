"""A scheme gets a sender of its own for its texts, or goes back to the usual one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.forces.models import Force
from provider.domain.messaging.senders import is_sender
from provider.domain.schemes.models import Scheme
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal


class NotASender(Refusal):
    code = "not_a_sender"
    sentence = (
        "A sender is a messaging service (MG and 32 characters), a number such as +447700900999, "
        "or a name of up to eleven letters and digits."
    )


def give_sender(force_code: str, scheme_code: str, address: str | None, *, by: Actor, now: datetime) -> None:
    """From the next text on. What is planned goes out by it too. Raises NotASender, or NotFound."""
    if address is not None and not is_sender(address):
        raise NotASender
    found = (
        sa.select(Scheme)
        .join(Force, Force.id == Scheme.force_id)
        .where(Force.code == force_code, Scheme.code == scheme_code)
        .with_for_update(of=[Scheme])
    )
    scheme = db.session.scalars(found).one_or_none()
    if scheme is None:
        raise NotFound
    scheme.text_sender = address
    record("scheme.sender", "scheme", scheme.id, by=by, now=now, sender=address)
