"""The texts of a case of which only a person may still find out whether they went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.caseload.timeline import text_title
from provider.domain.messaging import dispatch
from provider.domain.messaging.models import Text
from provider.domain.people.models import PhoneNumber
from provider.kernel.database import db


@dataclass(frozen=True)
class AskedText:
    """``body`` has ``[link]`` for its link; ``at`` is when it was on its way, ``to`` None where the number is gone."""

    id: int
    title: str
    body: str
    to: str | None
    at: datetime


def asked_texts(case_id: int) -> tuple[AskedText, ...]:
    """Oldest first, in one query."""
    found = dispatch.asked_about(case_id).outerjoin(PhoneNumber, PhoneNumber.id == Text.to_number_id)
    return tuple(
        AskedText(text.id, text_title(text.kind), text.body or "", e164, text.claimed_at or text.due_at)
        for text, e164 in db.session.execute(found.add_columns(PhoneNumber.e164))
    )
