"""An officer's question, matched, answered, audited and committed, beside 20,000 and 200,000 people; against a bare
lookup of one person by name key and date of birth, in alternating rounds. Prints milliseconds and the ratio.

``python -m benchmarks.eligibility [--people 20000 200000] [--checks 400] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from benchmarks.databases import each_engine
from provider.domain.people.matching import Identity, name_key
from provider.domain.people.models import Person
from provider.domain.referrals.requests import EligibilityCheck
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.parsing import parse
from provider.pathway.checking import check_eligibility
from tests.builders import World, build_world
from tests.crowd import identities, lay_down
from tests.fakes import A_TUESDAY


def questions(crowd: Sequence[Identity], how_many: int) -> list[Identity]:
    """A third about somebody known, a third about somebody like them, a third about a stranger of a common name."""
    dice, asked = random.Random(2), []
    for number in range(how_many):
        one = dice.choice(crowd)
        if number % 3 == 1:
            one = replace(one, given_name=one.family_name, family_name=one.given_name)
        elif number % 3 == 2:
            one = replace(one, date_of_birth=one.date_of_birth + timedelta(days=4_000))
        asked.append(one)
    return asked


def ask(world: World, one: Identity) -> str:
    """What the API does once a body is JSON: read it, match, answer, audit, commit."""
    person = {
        "given_name": one.given_name,
        "family_name": one.family_name,
        "date_of_birth": one.date_of_birth.isoformat(),
        "postcode": one.postcode,
    }
    check = parse(EligibilityCheck, {"scheme": "divert-adult", "person": person})
    with transaction():
        force_id = world.forces["midshire"]
        return check_eligibility(check, force_id=force_id, by=Actor("key", 1), now=A_TUESDAY).answer


def look_up(one: Identity) -> int | None:
    """The peer: one row by an index, and nothing kept."""
    key = name_key(one.given_name, one.family_name)
    same = sa.select(Person.id).where(Person.name_key == key, Person.date_of_birth == one.date_of_birth)
    found = db.session.scalars(same).first()
    db.session.rollback()
    return found


def measure(engine: str, app: Flask, world: World, crowd: Sequence[Identity], checks: int) -> None:
    checked, looked_up, answers = [], [], {"offer": 0, "do_not_offer": 0, "ask_provider": 0}
    with app.app_context():
        for one in questions(crowd, checks + 30):
            start = time.perf_counter()
            answers[ask(world, one)] += 1
            between = time.perf_counter()
            look_up(one)
            checked.append((between - start) * 1000)
            looked_up.append((time.perf_counter() - between) * 1000)
    ours, bare = sorted(checked[30:]), statistics.median(looked_up[30:])
    p50, p95 = statistics.median(ours), ours[int(len(ours) * 0.95)]
    print(
        f"{engine}, {len(crowd):,} people: a check {p50:.1f} ms (p95 {p95:.1f} ms), bare lookup {bare:.2f} ms,"
        f" ratio {p50 / bare:.1f}; {answers}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--checks", type=int, default=400)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for how_many in given.people:
        for engine, app in each_engine(only=given.only):
            world, crowd = build_world(app), list(identities(how_many))
            lay_down(world, crowd)
            with app.app_context(), db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
            measure(engine, app, world, crowd, given.checks)


if __name__ == "__main__":
    main()
