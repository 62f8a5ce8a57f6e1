"""Asked of courses."""

from __future__ import annotations

import sqlalchemy as sa

from provider.domain.courses.models import AttendanceMark, MarkTakenBack, Place, Waiting


def on_the_register(session_id: int) -> sa.ColumnElement[bool]:
    """Whether a ``Place`` is on the register of a session: it has a holder, and is not merely offered."""
    offered = sa.select(Waiting.offered_place_id).where(
        Waiting.offered_place_id.is_not(None), Waiting.left_at.is_(None)
    )
    return sa.and_(Place.session_id == session_id, Place.released_at.is_(None), Place.id.not_in(offered))


def stands() -> sa.ColumnElement[bool]:
    """Whether an ``AttendanceMark`` was not taken back."""
    return sa.not_(sa.exists().where(MarkTakenBack.mark_id == AttendanceMark.id))
