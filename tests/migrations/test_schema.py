"""One schema: what the migrations build is what the models say, on both engines."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from provider.domain.audit.trail import record
from provider.kernel.actors import SYSTEM
from provider.kernel.database import Base, db, transaction
from tests.fakes import A_TUESDAY


def test_the_migrations_build_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_foreign_key_and_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name


@pytest.mark.parametrize("change", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_the_trail_can_only_be_added_to(app: Flask, change: str) -> None:
    with app.app_context():
        with transaction():
            record("tried", "test", 1, by=SYSTEM, now=A_TUESDAY)
        with pytest.raises(sa.exc.DBAPIError, match="only ever added to"), transaction() as session:
            session.connection().execute(sa.text(change))


def test_a_change_outside_a_transaction_is_refused(app: Flask) -> None:
    with app.app_context():
        record("tried", "test", 1, by=SYSTEM, now=A_TUESDAY)
        with pytest.raises(RuntimeError, match="outside transaction"):
            db.session.flush()
