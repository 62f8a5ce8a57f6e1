"""Builds the world a test lives in: the demo's forces, schemes and courses, and people to do the work.

Everything is committed for real. Functions need an application context; ``World`` opens its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from provider.commands.demo.schemes import COURSES, FORCES, SCHEMES
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
from provider.domain.accounts.secrets import token_hash
from provider.domain.courses.kinds import add_course
from provider.domain.courses.models import Course, CourseSession, SessionFacilitator
from provider.domain.diary.models import DiaryCell, WorkingPattern
from provider.domain.forces.keys import add_key
from provider.domain.forces.models import ApiKey, Force
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import Base, db, insert_or, transaction

PASSWORD = "correct horse battery staple"
LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
OF_A_WORLD: tuple[type[Base], ...] = (Force, ApiKey, Scheme, SchemeTerms, Course, Account, WorkingPattern)
"""What a world is stored in, each after what it points to."""


@cache
def password_hash() -> str:
    """Made with hardly any work, and so checked with hardly any: a hash names its own costs."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class World:
    """Ids of what was built, by code or by role."""

    app: Flask
    forces: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    schemes: dict[str, int] = field(default_factory=dict)
    courses: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)


def build_world(app: Flask) -> World:
    """Both demo forces with their schemes and an API key each, every course, and one account of every role.

    The drug worker, a second one (``drug_worker_2``) and the team lead work Monday to Friday, 9:00–17:00. The first
    world of a process is built thing by thing; its rows are what every other is.
    """
    with app.app_context(), transaction():
        if _first:
            return _again(app, _first[0])
        world = built_anew(app)
        ids = {name: ids for name, ids in vars(world).items() if name != "app"}
        _first.append(Stored(deepcopy(ids), rows_of(OF_A_WORLD)))
    return world


def built_anew(app: Flask) -> World:
    """Needs a transaction."""
    world = World(app)
    _forces(world)
    _courses(world)
    _accounts(world)
    return world


@dataclass(frozen=True)
class Stored:
    """A world's ids, and its rows by table."""

    ids: Mapping[str, Any]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]


_first: list[Stored] = []


def rows_of(models: Iterable[type[Base]]) -> dict[str, list[dict[str, Any]]]:
    """Every row of these, as the database has it, in order. Needs an application context."""
    tables = [db.metadata.tables[model.__tablename__] for model in models]
    asked = {table.name: sa.select(table).order_by(*table.primary_key) for table in tables}
    return {
        name: [dict(row) for row in db.session.execute(every).mappings()] for name, every in asked.items()
    }


def _again(app: Flask, stored: Stored) -> World:
    connection = db.session.connection()
    for name, rows in stored.rows.items():
        connection.execute(sa.insert(db.metadata.tables[name]), rows)
    if connection.dialect.name == "postgresql":
        used = [sa.func.setval(f"{name}_id_seq", rows[-1]["id"]) for name, rows in stored.rows.items()]
        connection.execute(sa.select(*used))
    return World(app, **deepcopy(stored.ids))


def _forces(world: World) -> None:
    for code, name in FORCES.items():
        force = Force(code=code, name=name, created_at=LONG_AGO)
        db.session.add(force)
        db.session.flush()
        world.forces[code] = force.id
        world.keys[code] = f"key-of-{code}"
        add_key(
            force.id, key=world.keys[code], key_hash=token_hash(world.keys[code]), name="test", now=LONG_AGO
        )
        for scheme_code, (scheme_name, terms) in SCHEMES[code].items():
            scheme = Scheme(force_id=force.id, code=scheme_code, name=scheme_name)
            db.session.add(scheme)
            db.session.flush()
            world.schemes[scheme_code] = scheme.id
            stored = terms.model_dump(mode="json")
            db.session.add(SchemeTerms(scheme_id=scheme.id, version=1, in_force_from=LONG_AGO, terms=stored))


def _courses(world: World) -> None:
    for kind in COURSES:
        world.courses[kind.code] = add_course(kind).id


def _accounts(world: World) -> None:
    for role in Role:
        force_id = world.forces["midshire"] if role in {Role.OFFICER, Role.FORCE_ADMINISTRATOR} else None
        add_account(world, role.value, role, force_id=force_id)
    add_account(world, "drug_worker_2", Role.DRUG_WORKER)
    for who in ("drug_worker", "drug_worker_2", "team_lead"):
        for weekday in range(5):
            db.session.add(
                WorkingPattern(
                    worker_id=world.accounts[who],
                    weekday=weekday,
                    from_minute=9 * 60,
                    until_minute=17 * 60,
                    valid_from=date(2026, 1, 1),
                )
            )


def add_account(world: World, key: str, role: Role, *, force_id: int | None = None) -> int:
    account = Account(
        email=f"{key}@provider.example",
        name=f"{key.replace('_', ' ').title()} Example",
        role=role,
        force_id=force_id,
        collar_number="4312" if role == Role.OFFICER else None,
        password_hash=password_hash(),
        created_at=LONG_AGO,
    )
    db.session.add(account)
    db.session.flush()
    world.accounts[key] = account.id
    world.emails[key] = account.email
    return account.id


def add_session(
    world: World,
    *,
    course: str,
    starts_at: datetime,
    capacity: int = 12,
    minutes: int = 150,
    held_at: str | None = None,
    dial_in: str | None = None,
) -> int:
    """A session of a course, run by the facilitator; answers its id. Commits."""
    with world.app.app_context(), transaction():
        session = CourseSession(
            course_id=world.courses[course],
            starts_at=starts_at,
            minutes=minutes,
            capacity=capacity,
            join_url="" if held_at else "https://meet.example/j/123",
            meeting_number=None if held_at else "123456789",
            held_at=held_at,
            dial_in=dial_in,
        )
        db.session.add(session)
        db.session.flush()
        _run_by(world.accounts["facilitator"], session)
        return session.id


def _run_by(account_id: int, session: CourseSession) -> None:
    """Time they have in another session already stays there: a test may have as many at once as it likes."""
    db.session.add(
        SessionFacilitator(
            session_id=session.id, account_id=account_id, role="lead", since=LONG_AGO, by="system"
        )
    )
    db.session.flush()
    cells = [
        {"worker_id": account_id, "cell": cell, "session_id": session.id}
        for cell in quarter_hours(session.starts_at, session.minutes)
    ]
    db.session.connection().execute(insert_or(DiaryCell).on_conflict_do_nothing(), cells)


def referral_body(**changes: Any) -> dict[str, Any]:
    """A valid body for POST /api/v1/referrals. ``person`` and other objects given are merged in; the rest replaces."""
    body: dict[str, Any] = {
        "force_reference": f"20/{uuid.uuid4().int % 10**6:06d}/26",
        "scheme": "divert-adult",
        "occurred_at": "2026-11-23T21:40:00+00:00",
        "setting": "stop_and_search",
        "area": "Birmingham",
        "disposal": {"outcome": "8", "responsibility_accepted": True},
        "officer": {"collar_number": "4312", "name": "PC Example", "email": "4312@force.example"},
        "person": {
            "given_name": "Sam",
            "family_name": "Example",
            "date_of_birth": "2003-05-14",
            "gender": "male",
            "mobile": "07700 900123",
            "address": {"line_1": "1 Example Street", "town": "Birmingham", "postcode": "B1 1AA"},
            "contact": {"voicemail_ok": True, "text_ok": True, "number_checked": False, "best_times": None},
        },
        "offence": {
            "code": "possession_controlled_drug",
            "drugs": [{"substance": "cannabis", "class": "B", "quantity": "2 g"}],
        },
        "agreement": {"given": True, "at": "2026-11-23T21:45:00+00:00", "notice_version": "2026-1"},
    }
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(body.get(name), dict):
            body[name] = {**body[name], **value}
        else:
            body[name] = value
    return body


def count(table: str, **where: Any) -> int:
    """How many rows a table holds. Needs an application context."""
    found = db.metadata.tables[table]
    rows = (
        sa.select(sa.func.count())
        .select_from(found)
        .where(*[found.c[name] == value for name, value in where.items()])
    )
    return int(db.session.execute(rows).scalar_one())
