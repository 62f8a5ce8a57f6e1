"""Plants a word in every field that a force must never read, found from the tables themselves.

Every table is named below: as one that no force ever reads from, as one of which a force may read some columns, or as
machinery that is about nobody. One that is new belongs to none, and a test says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from provider.kernel.database import Base, UtcDateTime, db
from tests.canaries import CANARY
from tests.fakes import A_TUESDAY

NEVER_READ = frozenset(
    {
        *("people", "phone_numbers", "restricted_readers", "possible_matches", "needs"),
        "non_associations",
        *("cases", "contact_attempts", "notes", "tasks", "referral_events"),
        *("assessments", "assessed_substances", "advice_given"),
        *("courses", "sessions", "places", "waiting_list", "attendance_marks", "marks_taken_back"),
        *("meetings", "registrants", "meeting_joins", "meeting_runs", "meeting_reports", "join_presses"),
        "session_facilitators",
        *(
            "appointments",
            "diary_cells",
            "appointment_outcomes",
            "calls_of_day",
            "working_patterns",
            "call_layouts",
            "worker_languages",
            "absences",
            "closures",
        ),
        *("texts", "wordings", "replies", "callbacks", "sandbox_texts", "text_links", "participant_sessions"),
        *("bar_reviews", "survey_answers", "audit_entries", "audit_seals"),
        "letters",
    }
)
"""What the provider does and hears: not one column."""

READ_IN_PART: Mapping[str, frozenset[str]] = {
    "referrals": frozenset({"ended_reason", "received_by"}),
    "scheme_terms": frozenset({"set_by", "withdrawn_by"}),
    "referral_changes": frozenset({"before"}),
    **dict.fromkeys(
        (
            "accounts",
            "forces",
            "schemes",
            "compliance_events",
            "corrections_done",
            "eligibility_checks",
            "notice_attempts",
        ),
        frozenset(),
    ),
    **dict.fromkeys(("api_keys", "webhook_endpoints"), frozenset()),
    **dict.fromkeys(("referral_drafts", "uploads", "upload_rows"), frozenset()),
}
"""What a force sent itself, or is told; and what it never reads of that."""

MACHINERY = frozenset(
    {
        *("installation", "rate_windows", "worker_heartbeats", "idempotency_keys", "sign_in_sessions"),
        *("text_senders", "redactions", "alarms", "job_runs", "calendar_links"),
    }
)

ONLY_ADDED_TO = frozenset({"notes", "referral_events", "referral_changes", "attendance_marks"}) | {
    "marks_taken_back",
    "audit_entries",
    "audit_seals",
    "wordings",
}
"""A trigger keeps a row as it is: the word comes in a new one."""

AS_THEY_ARE: Mapping[str, Mapping[str, Any]] = {
    "waiting_list": {"rank": 0},
    "phone_numbers": {"state": "good"},
    "non_associations": {
        "first_id": sa.literal_column("(SELECT min(id) FROM people)"),
        "second_id": sa.literal_column("(SELECT max(id) FROM people)"),
    },
    "bar_reviews": {"asked_through": "desk", "decision": "keep", "decided_at": A_TUESDAY},
    "referral_changes": {"by": "key:1", "field": "mobile", "after": "07700 900124"},
}
"""What a row holds beside the word so that it is looked at where it could be shown.

A change of a number was sent by the force; what stood there before may be what the person told the provider.
"""


def named_tables() -> frozenset[str]:
    return NEVER_READ | READ_IN_PART.keys() | MACHINERY


def kept() -> Iterator[tuple[sa.Table, list[sa.Column[Any]]]]:
    """Every column of words, by table, of which no byte may reach a force; parents before children."""
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if _takes_a_word(column)]
        if table.name in READ_IN_PART:
            columns = [column for column in columns if column.name in READ_IN_PART[table.name]]
        elif table.name not in NEVER_READ:
            columns = []
        coded = AS_THEY_ARE.get(table.name, {})
        columns = [column for column in columns if column.name not in coded]
        if columns:
            yield table, columns


def _takes_a_word(column: sa.Column[Any]) -> bool:
    """A column too narrow for it holds a code of one to five letters."""
    narrow = isinstance(column.type, sa.String) and (column.type.length or 200) < len(CANARY)
    return isinstance(column.type, sa.String | sa.JSON) and not narrow


def plant_everywhere(known: Mapping[str, int]) -> int:
    """Put the word into every such column, in the rows that are there and in one that is new, where one may be.

    ``known`` are the rows, by table, that a new one points at. Answers how many columns hold it. Needs a transaction.
    """
    ids = dict(known)
    for table, columns in kept():
        here = _first(table)
        if here is None or table.name in ONLY_ADDED_TO:
            here = _add(table, columns, ids)
        else:
            _overwrite(table, columns)
        if here is not None:
            ids.setdefault(table.name, here)
    return sum(len(columns) for _, columns in kept())


def unplanted() -> list[str]:
    """The columns that hold no canary: the rest of the test would say nothing about them."""
    return [
        f"{table.name}.{column.name}"
        for table, columns in kept()
        for column in columns
        if not _holds_it(table, column)
    ]


def _holds_it(table: sa.Table, column: sa.Column[Any]) -> bool:
    rows = db.session.execute(sa.select(column).select_from(table)).scalars()
    return any(CANARY in str(value) for value in rows)


def _first(table: sa.Table) -> int | None:
    if "id" not in table.columns:
        return db.session.execute(sa.select(sa.literal(1)).select_from(table)).scalar()
    found: int | None = db.session.execute(sa.select(sa.func.min(table.c.id))).scalar()
    return found


def _overwrite(table: sa.Table, columns: list[sa.Column[Any]]) -> None:
    """Every row that is there; in a column whose values must differ, one row."""
    unique = {column.name for column in table.columns if column.unique or column in _in_a_constraint(table)}
    words = {column.name: _planted(column) for column in columns}
    everywhere = {name: word for name, word in words.items() if name not in unique}
    connection = db.session.connection()
    if everywhere:
        connection.execute(sa.update(table).values(everywhere))
    once = {name: word for name, word in words.items() if name in unique}
    if once:
        connection.execute(sa.update(table).where(table.c.id == _first(table)).values(once))


def _in_a_constraint(table: sa.Table) -> set[sa.Column[Any]]:
    constraints = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    return {column for one in constraints for column in one.columns}


def _add(table: sa.Table, columns: list[sa.Column[Any]], ids: Mapping[str, int]) -> int | None:
    names = {column.name for column in columns}
    values = {
        column.name: _planted(column) if column.name in names else _value(column, ids)
        for column in table.columns
        if column.name != "id"
    }
    values |= AS_THEY_ARE.get(table.name, {})
    row = sa.insert(table).values(values)
    connection = db.session.connection()
    if "id" not in table.columns:
        connection.execute(row)
        return None
    return int(connection.execute(row.returning(table.c.id)).scalar_one())


def _planted(column: sa.Column[Any]) -> Any:
    return {CANARY: CANARY} if isinstance(column.type, sa.JSON) else _word(column)


def _word(column: sa.Column[Any]) -> str:
    """The word and which column it is in, as far as it fits."""
    return f"{CANARY}{column.table.name}{column.name}"[: getattr(column.type, "length", None) or 200]


def _value(column: sa.Column[Any], ids: Mapping[str, int]) -> Any:
    for key in column.foreign_keys:
        return (
            None if column.nullable and key.column.table is column.table else ids.get(key.column.table.name)
        )
    if isinstance(column.type, UtcDateTime):
        return None if column.nullable else A_TUESDAY
    if isinstance(column.type, sa.JSON):
        return {}
    plain: dict[type, Any] = {date: A_TUESDAY.date(), bool: False, int: 1, str: "x"}
    return plain[column.type.python_type]
