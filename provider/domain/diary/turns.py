"""One at a time changes a worker's diary: what was seen free stays free until it is taken."""

from __future__ import annotations

from collections.abc import Iterable

from provider.kernel.database import take_turns


def hold_diary(worker_id: int) -> None:
    """Wait for whoever else books with this worker, puts them to a session, or changes their hours or absences, until
    they are done.

    Held until the transaction ends, or the savepoint that it was taken in is rolled back. It comes after the lock of a
    case: an absence is entered, or hours are set, in one transaction, and calls are moved because of it in another.
    """
    take_turns("calendar", together=True)
    take_turns(f"diary:{worker_id}")


def hold_calendar() -> None:
    """Wait for everybody who holds a diary, and let nobody have one until this transaction ends: the days change on
    which anybody works. Taken before anything else.
    """
    take_turns("calendar")


def hold_diaries(worker_ids: Iterable[int]) -> None:
    """Hold several, in the one order in which everybody who needs more than one holds them."""
    for worker_id in sorted(set(worker_ids)):
        hold_diary(worker_id)
