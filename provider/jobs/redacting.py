"""The words of what is over are taken from the network, where the setting says so and there is a network."""

from __future__ import annotations

from collections.abc import Sequence

from provider.domain.messaging import redactions
from provider.domain.messaging.gateways import NotRedacted, Redactor
from provider.domain.messaging.redactions import ToRedact
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction

BATCH = 20


def redact(shift: Shift) -> None:
    """Everything that is due, a few at a time; no transaction is open while the network is asked."""
    network = shift.texts
    if not shift.settings.twilio_redact or not isinstance(network, Redactor):
        return
    while not shift.over and redactions.anything_to_redact(now=shift.now()):
        with transaction():
            batch = redactions.take(limit=BATCH, now=shift.now())
        if not batch or not _all_done(shift, network, batch):
            return


def note_what_nobody_told(shift: Shift) -> None:
    """Texts whose end the network kept to itself are over all the same, days later."""
    if shift.settings.twilio_redact and isinstance(shift.texts, Redactor):
        with transaction():
            redactions.note_never_told(now=shift.now())


def _all_done(shift: Shift, network: Redactor, batch: Sequence[ToRedact]) -> bool:
    """Whether the network took every one; where it did not it is left alone until the next time."""
    done, lost, failed = [], [], False
    for one in batch:
        if shift.over:
            break
        try:
            network.redact(one.provider_id)
        except NotRedacted:
            failed = True
            if one.tries >= redactions.MOST_TRIES:
                lost.append(one.id)
        else:
            done.append(one.id)
    db.session.rollback()
    with transaction():
        redactions.redacted(done, now=shift.now())
        redactions.gave_up(lost, now=shift.now())
    return not failed
