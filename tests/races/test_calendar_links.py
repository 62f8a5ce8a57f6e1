"""Links of one diary made at the same moment: the one that was made last works, and no other."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from provider.domain.accounts import calendar_links
from provider.domain.accounts.calendar_links import whose_link
from provider.domain.accounts.models import CalendarLink
from provider.domain.audit.models import AuditEntry
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import linking
from tests.builders import World, build_world
from tests.fakes import A_TUESDAY
from tests.races.test_receiving import lingering
from tests.races.together import at_once

FOUR = 4


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture(autouse=True)
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between ending the old one and making the new one a while goes by."""
    monkeypatch.setattr(calendar_links, "end_link", lingering(calendar_links.end_link, 0.1))


def make(worker_id: int) -> str:
    with transaction():
        return linking.make_link(worker_id, by=Actor("account", worker_id), now=A_TUESDAY)


def live(world: World) -> int:
    with world.app.app_context():
        which = sa.select(sa.func.count()).where(CalendarLink.ended_at.is_(None))
        return db.session.scalar(which) or 0


def test_of_those_made_at_once_one_works(world: World) -> None:
    worker = world.accounts["drug_worker"]
    tokens = at_once(world.app, [partial(make, worker)] * FOUR)
    assert live(world) == 1
    with world.app.app_context():
        assert Counter(whose_link(token) for token in tokens) == {worker: 1, None: FOUR - 1}
        actions = db.session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action.like("calendar_link.%"))
        )
        assert Counter(actions) == {"calendar_link.made": 1, "calendar_link.replaced": FOUR - 1}


def test_control_without_turns_the_database_refuses_the_second(
    world: World, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "take_turns", lambda key: None)
    several = [partial(make, world.accounts["drug_worker"])] * FOUR
    if engine_name == "sqlite":  # its writers take turns by nature
        at_once(world.app, several)
    else:
        with pytest.raises(IntegrityError):
            at_once(world.app, several)
    assert live(world) == 1


def test_two_that_work_are_no_rows_of_the_table(world: World) -> None:
    with world.app.app_context():
        with transaction():
            calendar_links.add_link(world.accounts["drug_worker"], now=A_TUESDAY)
            calendar_links.add_link(world.accounts["drug_worker_2"], now=A_TUESDAY)
        with pytest.raises(IntegrityError), transaction():
            calendar_links.add_link(world.accounts["drug_worker"], now=A_TUESDAY)
