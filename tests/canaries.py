"""Plants a word in every field that a force must never read, to be looked for in what one does read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from provider.kernel.database import Base, UtcDateTime, db
from tests.fakes import A_TUESDAY

CANARY = "cAnAry"

KEPT_FROM_FORCES = (
    "contact_attempts",
    "notes",
    "assessments",
    "assessed_substances",
    "advice_given",
    "texts",
    "replies",
    "tasks",
    "bar_reviews",
    "survey_answers",
)
"""Tables of what was said, written, texted and answered: every text and JSON column of theirs gets the word."""


ASKED_AT_THE_DESK: Mapping[str, Mapping[str, str]] = {
    "bar_reviews": {"asked_through": "desk", "decision": "keep"}
}
"""A review that the person asked for: of one that a force asked for, the words are its own."""


def plant(*, case_id: int, codes: Mapping[str, Mapping[str, Any]] | None = None, **ids: int) -> int:
    """Add a row full of canaries to each table, for one case; ``ids`` by table are for the other keys.

    A table of ours whose id is among them gets the words into that row instead. ``codes`` by table are what stands
    in columns that a page looks up, and so cannot be just any word.

    Answers how many fields hold the word. Needs a transaction.
    """
    known = {"cases": case_id, "referrals": _referral_of(case_id), **ids}
    planted = 0
    for name in KEPT_FROM_FORCES:
        table = Base.metadata.tables[name]
        values = {column.name: _value(column, known) for column in table.columns if not column.primary_key}
        values |= {**ASKED_AT_THE_DESK.get(name, {}), **(codes or {}).get(name, {})}
        known[name] = _write(table, values, into=known.get(name))
        planted += sum(CANARY in str(value) for value in values.values())
    case = Base.metadata.tables["cases"]
    said = {"next_call_why": CANARY, "pathway": CANARY, **(codes or {}).get("cases", {})}
    db.session.connection().execute(sa.update(case).where(case.c.id == case_id).values(said))
    return planted + len(said)


def _referral_of(case_id: int) -> int:
    referrals = Base.metadata.tables["referrals"]
    of_case = sa.select(sa.func.min(referrals.c.id)).where(referrals.c.case_id == case_id)
    return int(db.session.connection().execute(of_case).scalar_one())


def _write(table: sa.Table, values: dict[str, Any], *, into: int | None) -> int:
    """The id of the row that holds the values now: ``into``, or a new one."""
    if into is None:
        row = db.session.connection().execute(sa.insert(table).values(values).returning(table.c.id))
        return int(row.scalar_one())
    db.session.connection().execute(sa.update(table).where(table.c.id == into).values(values))
    return into


def _value(column: sa.Column[Any], known: dict[str, int]) -> Any:
    for key in column.foreign_keys:
        return known.get(key.column.table.name)
    if isinstance(column.type, UtcDateTime):
        return A_TUESDAY
    if isinstance(column.type, sa.JSON):
        return {CANARY: CANARY}
    kind = column.type.python_type
    if kind is str:
        return f"{CANARY}{column.name}"[: getattr(column.type, "length", None) or 200]
    plain: dict[type, Any] = {date: A_TUESDAY.date(), bool: False, int: 1}
    return plain[kind]
