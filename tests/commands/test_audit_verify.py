"""``audit verify``: OK with counts, or exactly where the chain is broken."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.audit.models import AuditSeal
from provider.domain.audit.sealing import seal_trail
from provider.domain.audit.trail import record
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from tests.commands.running import run
from tests.fakes import A_TUESDAY


@pytest.fixture
def sealed(app: Flask) -> None:
    """Five entries in the chain, and one that waits."""
    with app.app_context():
        with transaction():
            for number in range(5):
                record("tried", "test", number, by=SYSTEM, now=A_TUESDAY)
        with transaction():
            seal_trail(limit=10, now=A_TUESDAY)
        with transaction():
            record("tried", "test", 6, by=SYSTEM, now=A_TUESDAY)


def tampered(app: Flask, sql: str) -> None:
    """Changes what only a database administrator could, by taking the guard away."""
    with app.app_context(), transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            connection.execute(sa.text(sql))
            return
        (create,) = connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE name = 'audit_entries_no_update'")
        ).scalars()
        connection.execute(sa.text("DROP TRIGGER audit_entries_no_update"))
        connection.execute(sa.text(sql))
        connection.exec_driver_sql(create)


@pytest.mark.usefixtures("sealed")
def test_a_whole_chain_is_ok_with_counts(app: Flask) -> None:
    result = run(app, "audit", "verify")
    assert result.exit_code == 0
    assert "OK: 5 entries hold. 1 wait" in result.output


@pytest.mark.usefixtures("sealed")
def test_a_changed_entry_is_found_at_its_place(app: Flask) -> None:
    tampered(app, "UPDATE audit_entries SET actor = 'account:9' WHERE id = 3")
    result = run(app, "audit", "verify")
    assert result.exit_code == 1
    assert "BROKEN at 3" in result.output


@pytest.mark.usefixtures("sealed")
def test_an_end_cut_off_is_found_by_the_seal_kept_elsewhere(app: Flask) -> None:
    with app.app_context():
        last = db.session.scalar(sa.select(AuditSeal.hash).order_by(AuditSeal.sequence.desc()).limit(1))
    assert run(app, "audit", "verify", "--last", str(last)).exit_code == 0
    result = run(app, "audit", "verify", "--last", "0" * 64)
    assert (result.exit_code, "BROKEN at 6" in result.output) == (1, True)
