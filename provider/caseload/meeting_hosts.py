"""Who may start a session's meeting at Zoom: whoever runs the session, as they came to it and stood down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.kernel.database import db

ENDED = SessionFacilitator.ended_at.is_not(None)


@dataclass(frozen=True)
class Runners:
    """``changes`` grows by one whenever somebody comes to the session or stands down; ``emails``: who runs it now."""

    changes: int
    emails: tuple[str, ...]


NOBODY = Runners(0, ())


def changes_of_runners() -> sa.ScalarSelect[Any]:
    """``Runners.changes`` of a ``CourseSession`` in a query."""
    counted = sa.select(sa.func.count() + sa.func.count(SessionFacilitator.ended_at))
    return (
        counted.where(SessionFacilitator.session_id == CourseSession.id)
        .correlate(CourseSession)
        .scalar_subquery()
    )


def runners_of(session_ids: Collection[int]) -> dict[int, Runners]:
    """Of each of these sessions, in one query: changes and people as of the same moment."""
    rows = db.session.execute(
        sa.select(SessionFacilitator.session_id, Account.email, ENDED.label("ended"))
        .join(Account, Account.id == SessionFacilitator.account_id)
        .where(SessionFacilitator.session_id.in_(session_ids))
        .order_by(SessionFacilitator.id)
    )
    found = dict.fromkeys(session_ids, NOBODY)
    for session_id, email, ended in rows:
        before = found[session_id]
        emails = before.emails if ended else (*before.emails, email)
        found[session_id] = Runners(before.changes + (2 if ended else 1), emails)
    return found
