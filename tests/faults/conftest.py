"""One world and one database a module, beside which several servers may be started."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from provider.kernel.database import db
from tests.builders import World
from tests.faults.served import ClockFile
from tests.faults.serving import new_world, own_database


@pytest.fixture(scope="module")
def place(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[World, ClockFile]]:
    folder = tmp_path_factory.mktemp("served")
    module = request.module.__name__.rpartition(".")[2]
    with own_database(database_url, folder, f"{module}_{os.getpid()}") as url:
        world, clock = new_world(url, folder)
        yield world, clock
        with world.app.app_context():
            db.engine.dispose()
