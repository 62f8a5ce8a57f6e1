"""Two who word one text at the same moment; and a version that nobody can change afterwards."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import versions_of
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import rewording
from tests.builders import World, build_world
from tests.fakes import A_TUESDAY
from tests.races.together import at_once

SAID = "{{greeting}}, {{service}} rings you on {{day}} {{date}} at {{time}}. Take {} minutes. {{link}} or {{phone}}"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def reword(world: World, number: int, *, seen: int = 0) -> int:
    with transaction():
        return rewording.reword(
            world.schemes["divert-adult"],
            "assessment_booked",
            "en",
            SAID.format(number),
            seen=seen,
            by=Actor("account", number),
            now=A_TUESDAY,
        ).version


def test_of_many_who_save_at_once_one_is_first_and_all_others_are_told(app: Flask, world: World) -> None:
    for seen in range(3):
        answers = at_once(app, [partial(reword, world, n + 10 * seen, seen=seen) for n in range(6)])
        assert [answer for answer in answers if not isinstance(answer, Refusal)] == [seen + 1]
        refused = {answer.code for answer in answers if isinstance(answer, Refusal)}
        assert refused == {"reworded_meanwhile"}
    with app.app_context():
        versions = versions_of(world.schemes["divert-adult"], "assessment_booked", "en")
        assert [version.version for version in versions] == [1, 2, 3]


@pytest.mark.parametrize("change", ["UPDATE wordings SET words = 'Other'", "DELETE FROM wordings"])
def test_a_version_is_never_changed_or_removed_whoever_connects(
    app: Flask, world: World, change: str
) -> None:
    with app.app_context():
        reword(world, 1)
        with pytest.raises(sa.exc.DBAPIError, match="only ever added to"), transaction() as session:
            session.execute(sa.text(change))
        assert db.session.scalars(sa.select(Wording.words)).all() == [SAID.format(1)]


def test_the_database_takes_a_number_once(app: Flask, world: World) -> None:
    with app.app_context():
        reword(world, 1)
        row = {
            column.key: getattr(db.session.scalars(sa.select(Wording)).one(), column.key)
            for column in sa.inspect(Wording).column_attrs
            if column.key != "id"
        }
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.add(Wording(**row))
