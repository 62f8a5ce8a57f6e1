"""Two writers and one reader of a force's feed, moment by moment; and a reader that trusts plain ids instead.

For many at once see ``test_feed_storm``.
"""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance import feed
from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, at_once


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_case(world)


def publish(world: World, known: Known, *, force: str = "midshire") -> str:
    told = feed.Told(
        type="assessment.attended",
        reference=known.reference,
        force_reference=None,
        scheme="divert-adult",
        compliance={"level": "assessment"},
    )
    return feed.publish(
        told,
        force_id=world.forces[force],
        referral_id=known.referral_id,
        occurred_at=A_TUESDAY,
        now=A_TUESDAY,
    )


def test_an_event_that_is_committed_later_gets_a_later_number(
    world: World, known: Known, engine_name: str
) -> None:
    """It began first; by the time it is there a cursor behind the other has been handed out."""
    if engine_name == "sqlite":
        pytest.skip("SQLite's writers take turns: none begins before another has ended")
    early, late, after = begun_first_committed_last(world, known)
    with world.app.app_context():
        with transaction():
            assert feed.number(world.forces["midshire"]) == 1
        page = feed.page(world.forces["midshire"], after=after, limit=10)
        assert [event.public_id for event in page.events] == [early]
        numbers = db.session.execute(sa.select(ComplianceEvent.public_id, ComplianceEvent.sequence))
        assert {row.public_id: row.sequence for row in numbers} == {late: 1, early: 2}


def test_control_a_reader_that_goes_by_ids_never_sees_it(
    world: World, known: Known, engine_name: str
) -> None:
    """What is usually written: everything with an id above the last one that was read."""
    if engine_name == "sqlite":
        pytest.skip("SQLite's writers take turns: none begins before another has ended")
    early, late, _ = begun_first_committed_last(world, known)
    with world.app.app_context():
        ids = {row.public_id: row.id for row in db.session.scalars(sa.select(ComplianceEvent))}
        above = sa.select(ComplianceEvent.public_id).where(ComplianceEvent.id > ids[late])
        assert ids[early] < ids[late]
        assert db.session.scalars(above).all() == []


def begun_first_committed_last(world: World, known: Known) -> tuple[str, str, str]:
    """Two events and the cursor that a reader was given between their commits."""
    begun, read_by_then = threading.Event(), threading.Event()
    between: list[str] = []

    def slow() -> str:
        with transaction():
            event = publish(world, known)
            db.session.flush()
            begun.set()
            assert read_by_then.wait(PATIENCE)
        return event

    def quick() -> str:
        assert begun.wait(PATIENCE)
        with transaction():
            event = publish(world, known)
        with transaction():
            feed.number(world.forces["midshire"])
        page = feed.page(world.forces["midshire"], after=None, limit=10)
        assert [each.public_id for each in page.events] == [event]
        between.append(page.next)
        read_by_then.set()
        return event

    early, late = at_once(world.app, [slow, quick])
    return early, late, between[0]


def test_writers_do_not_wait_for_who_numbers(world: World, known: Known, engine_name: str) -> None:
    """The force's row is held, and an event that points at it is written all the same."""
    if engine_name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    numbering, written = threading.Event(), threading.Event()

    def number() -> bool:
        with transaction():
            feed.number(world.forces["midshire"])
            numbering.set()
            return written.wait(PATIENCE)

    def writer() -> bool:
        assert numbering.wait(PATIENCE)
        with transaction(wait=2):
            publish(world, known)
        written.set()
        return True

    assert at_once(world.app, [number, writer]) == [True, True]


def test_each_force_has_numbers_of_its_own(world: World, known: Known) -> None:
    with world.app.app_context():
        for force in ("midshire", "thamesford", "midshire"):
            with transaction():
                publish(world, known, force=force)
        for force, how_many in (("midshire", 2), ("thamesford", 1)):
            with transaction():
                assert feed.number(world.forces[force]) == how_many
                assert feed.number(world.forces[force]) == 0
            page = feed.page(world.forces[force], after=None, limit=10)
            assert [event.sequence for event in page.events] == list(range(1, how_many + 1))
