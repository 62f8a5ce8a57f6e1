"""What every test stands on: the rows of the first world, stored again, are the world that is built thing by thing."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from provider.domain.forces.models import Force
from provider.kernel.database import Base, db, transaction
from tests.builders import LONG_AGO, World, build_world, built_anew, rows_of
from tests.conftest import empty


def everything() -> dict[str, list[dict[str, object]]]:
    return rows_of(mapper.class_ for mapper in Base.registry.mappers)


def ids_of(world: World) -> dict[str, object]:
    return {name: ids for name, ids in vars(world).items() if name != "app"}


def test_stored_again_it_is_the_world_that_was_built(app: Flask) -> None:
    with app.app_context(), transaction():
        built, rows = built_anew(app), everything()
    for _ in range(2):
        empty(app)
        again = build_world(app)
        with app.app_context():
            assert everything() == rows
        assert ids_of(again) == ids_of(built)


def test_what_comes_after_it_is_numbered_after_it(app: Flask) -> None:
    for _ in range(2):
        empty(app)
        world = build_world(app)
        with app.app_context(), transaction():
            db.session.add(Force(code="another", name="Another", created_at=LONG_AGO))
            db.session.flush()
            assert db.session.scalar(sa.select(sa.func.max(Force.id))) == max(world.forces.values()) + 1


def test_what_a_test_does_to_its_world_no_other_sees(app: Flask) -> None:
    world = build_world(app)
    world.forces.clear()
    empty(app)
    assert build_world(app).forces
