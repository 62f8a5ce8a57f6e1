"""Words in a reply suggest danger: somebody is asked to look at once, and whom to ring is answered at any hour."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.messaging.answers import answer_by_text
from provider.domain.messaging.danger import ACKNOWLEDGED_WITHIN
from provider.domain.messaging.models import Reply
from provider.domain.referrals.models import Case
from provider.kernel.actors import SYSTEM


def raise_alarm(case: Case, reply: Reply, *, number_id: int | None, now: datetime) -> None:
    """An urgent task, late when nobody has acknowledged it in its time; a second one is not added while one waits."""
    raise_task("danger", case_id=case.id, due_at=now + ACKNOWLEDGED_WITHIN, now=now)
    record("danger.suggested", "case", case.id, by=SYSTEM, now=now, person_id=case.person_id)
    if number_id is not None:
        answer_by_text("reply_danger", reply, case_id=case.id, number_id=number_id, now=now)
