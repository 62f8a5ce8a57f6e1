"""What a force was told is written, numbered once, and stays: the database refuses all else, whoever connects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance import feed
from provider.kernel.database import Base, db, transaction
from provider.pathway import erasing
from tests.builders import build_world
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, events

TABLE = Base.metadata.tables["compliance_events"]
COLUMNS = [column.name for column in TABLE.columns]


@pytest.fixture
def walk(app: Flask, clock: MovableClock) -> Any:
    with app.app_context():
        yield Walk(build_world(app), clock)


@pytest.fixture
def numbered(walk: Walk) -> int:
    return told(walk, number=True)


@pytest.fixture
def unnumbered(walk: Walk) -> int:
    return told(walk, number=False)


def told(walk: Walk, *, number: bool) -> int:
    event = events(walk.referred())[0]
    if number:
        with transaction():
            assert feed.number(event.force_id) == 1
    return event.id


def other(value: Any) -> Any:
    """Something of the same kind that is not the same."""
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1] != "x" else "y")
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {**value, "level": "assessment"}
    return {"text": "another"} if value is None else value + timedelta(seconds=1)


def change(event_id: int, **values: Any) -> None:
    with transaction() as session:
        session.connection().execute(sa.update(TABLE).where(TABLE.c.id == event_id).values(**values))


def row(event_id: int) -> dict[str, Any]:
    found = db.session.execute(sa.select(TABLE).where(TABLE.c.id == event_id)).mappings().one()
    db.session.rollback()
    return dict(found)


def refused() -> Any:
    return pytest.raises(sa.exc.DBAPIError, match="only ever added to")


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_of_a_numbered_event_can_be_changed(numbered: int, column: str) -> None:
    before = row(numbered)
    with refused():
        change(numbered, **{column: other(before[column]) if column != "corrects" else "evt_x"})
    with refused():
        change(numbered, sequence=None)
    assert row(numbered) == before


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "sequence"])
def test_numbering_an_event_changes_nothing_else_of_it(unnumbered: int, column: str) -> None:
    before = row(unnumbered)
    changed = {column: other(before[column]) if column != "corrects" else "evt_x"}
    with refused():
        change(unnumbered, **changed)
    with refused():
        change(unnumbered, **changed, sequence=1)
    assert row(unnumbered) == before
    change(unnumbered, sequence=1)
    assert row(unnumbered) == {**before, "sequence": 1}


@pytest.mark.parametrize("kind", ["numbered", "unnumbered"])
def test_no_event_can_be_removed(request: pytest.FixtureRequest, kind: str) -> None:
    event_id = request.getfixturevalue(kind)
    with refused(), transaction() as session:
        session.connection().execute(sa.delete(TABLE).where(TABLE.c.id == event_id))
    assert row(event_id)


def test_no_event_is_written_with_a_number_of_its_own(numbered: int) -> None:
    """It could stand behind a cursor that a reader was given already."""
    copy = {**row(numbered), "public_id": "evt_copy", "sequence": 7}
    del copy["id"]
    with refused(), transaction() as session:
        session.connection().execute(sa.insert(TABLE).values(copy))
    with transaction() as session:
        session.connection().execute(sa.insert(TABLE).values({**copy, "sequence": None}))


def test_no_two_events_of_a_force_have_one_number(walk: Walk) -> None:
    referral = walk.referred()
    walk.withdrawn(referral)
    first, second = (event.id for event in events(referral))
    change(first, sequence=1)
    with pytest.raises(sa.exc.IntegrityError):
        change(second, sequence=1)


def test_who_is_erased_is_in_no_event_and_none_is_touched(walk: Walk) -> None:
    referral = walk.referred()
    walk.withdrawn(referral)
    with transaction():
        feed.number(referral.force_id)
    ids = [event.id for event in events(referral)]
    before = [row(event_id) for event_id in ids]
    with transaction():
        erasing.erase(referral.reference, by=walk.lead, now=walk.now)
    assert [row(event_id) for event_id in ids] == before
    assert not any(word in str(before) for word in ("Sam", "Example", "2003", "900123"))
