"""The trail is sealed: every entry once, whatever order they are committed in and however many seal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.audit import sealing
from provider.domain.audit.chain import verify
from provider.domain.audit.sealing import seal_trail, sealed_trail
from provider.domain.audit.trail import record
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from tests.builders import build_world, count
from tests.fakes import A_TUESDAY
from tests.races.together import at_once


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def add(number: int) -> None:
    with transaction():
        for each in range(number):
            record("thing.done", "thing", each, by=SYSTEM, now=A_TUESDAY, person_id=7, code="a", on=True)


def seal(*, everything: bool = False, limit: int = 500) -> int:
    with transaction():
        return seal_trail(limit=limit, everything=everything, now=A_TUESDAY)


def test_every_entry_is_sealed_once_and_the_chain_holds(context: Flask) -> None:
    add(30)
    assert [seal(limit=20), seal(limit=20), seal()] == [20, 10, 0]
    assert verify(sealed_trail()) is None
    assert count("audit_seals") == count("audit_entries") == 30


def test_the_job_does_it(context: Flask) -> None:
    build_world(context)
    add(3)
    run_all_once(context)
    assert count("audit_seals") == 3


def test_a_change_is_noticed(context: Flask) -> None:
    add(5)
    seal()
    taken_away = "DROP TRIGGER audit_entries_no_update"
    if db.engine.dialect.name == "postgresql":
        taken_away = "ALTER TABLE audit_entries DISABLE TRIGGER USER"
    with transaction():
        db.session.execute(sa.text(taken_away))
        db.session.execute(sa.text("UPDATE audit_entries SET action = 'thing.undone' WHERE subject_id = 2"))
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sa.text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))
    broken = verify(sealed_trail())
    assert broken is not None
    assert broken.at == 3


def test_two_who_seal_at_once_make_one_chain(context: Flask) -> None:
    add(200)
    at_once(context, [lambda: seal(limit=90)] * 4)
    seal()
    assert verify(sealed_trail()) is None
    assert count("audit_seals") == 200


def test_one_that_was_committed_late_is_sealed_late(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        for number in (2, 1):
            db.session.execute(
                sa.insert(db.metadata.tables["audit_entries"]).values(
                    id=number * 100, at=A_TUESDAY, actor="system", action="x", subject="x", detail={}
                )
            )
            db.session.flush()
            if number == 2:
                seal_trail(limit=10, now=A_TUESDAY)
    monkeypatch.setattr(sealing, "BEHIND", 50)
    assert seal() == 0
    assert seal(everything=True) == 1
    assert verify(sealed_trail()) is None
