"""The quarter hours of whoever rings people or runs sessions. The database gives each to one call or one session."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from provider.domain.diary.models import DiaryCell
from provider.kernel.database import db


def take_cells(
    worker_id: int, cells: Iterable[int], *, appointment_id: int | None = None, session_id: int | None = None
) -> None:
    """Take them for a call, or for a session that they run. Raises IntegrityError where one is taken already."""
    db.session.add_all(
        DiaryCell(worker_id=worker_id, cell=cell, appointment_id=appointment_id, session_id=session_id)
        for cell in cells
    )
    db.session.flush()


def free_session(session_id: int, *, worker_id: int | None = None) -> None:
    """Give back the time of whoever runs a session, or of one of them."""
    whose = sa.true() if worker_id is None else DiaryCell.worker_id == worker_id
    db.session.execute(sa.delete(DiaryCell).where(DiaryCell.session_id == session_id, whose))


def taken_by(worker_id: int, cells: range) -> frozenset[str]:
    """What stands in these quarter hours of theirs: ``call``, ``session``, both or nothing."""
    rows = db.session.scalars(
        sa.select(DiaryCell.session_id.is_(None))
        .where(DiaryCell.worker_id == worker_id, DiaryCell.cell >= cells.start, DiaryCell.cell < cells.stop)
        .distinct()
    )
    return frozenset("call" if call else "session" for call in rows)
