"""Every reason that is kept of a text, found in the code that gives it, has words on the thread."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from config import ROOT
from provider.caseload.text_words import WAITS, WHY
from provider.domain.alarms.kinds import KINDS
from provider.domain.messaging.receipts import SENTENCES, Action
from provider.domain.people.number_states import TEXTED, NumberState
from provider.reporting.meeting_troubles import MEETING_TROUBLES

GIVEN_BY = {
    *("cancel_texts", "forget_first_call", "forget_appointment", "forget_place", "give_back", "take_back"),
    *("drop", "plan_again", "record_failed", "About", "TextNow", "_Drop", "_Later"),
}
"""What a reason is handed to."""

SOURCES = [
    *(ROOT / "provider" / "pathway").glob("*.py"),
    *(ROOT / "provider" / "caseload").glob("text_*.py"),
    *(ROOT / "provider" / "domain" / "messaging").glob("*.py"),
]
OF_LANGUAGES = {"en"}


def words_in(node: ast.AST) -> Iterator[str]:
    """The codes written in an expression: not its questions, not the parts of a name put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*words_in(node.body), *words_in(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from words_in(value)


def reasons() -> set[str]:
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name_of(node.func) in GIVEN_BY:
                named = [keyword.value for keyword in node.keywords if keyword.arg in {"because", "gone"}]
                given = node.args if name_of(node.func) in {"_Drop", "_Later", "TextNow"} else []
                for value in (*named, *given):
                    found.update(words_in(value))
            elif isinstance(node, ast.FunctionDef) and node.name == "_nowhere":
                for said in ast.walk(node):
                    if isinstance(said, ast.Return) and said.value is not None:
                        found.update(words_in(said.value))
    return found - OF_LANGUAGES


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_reason_that_is_given_has_words() -> None:
    found = reasons()
    assert {"polite_hours", "too_late", "booking_changed", "opted_out", "words_filtered"} <= found
    assert found - {*WHY, *WAITS} == set()


def test_every_state_of_a_number_that_is_not_texted_has_words() -> None:
    assert {f"number_{state}" for state in set(NumberState) - TEXTED} <= set(WHY)


def test_no_words_stand_there_for_nothing() -> None:
    made = {f"number_{state}" for state in NumberState}
    assert {*WHY, *WAITS} - reasons() - made == set()


def test_every_action_is_said_with_what_follows() -> None:
    assert set(SENTENCES) == set(Action)
    assert all(": " in sentence for sentence in SENTENCES.values())


def test_every_alarm_that_is_raised_has_words_and_every_one_with_words_is_raised() -> None:
    tree = ast.parse((ROOT / "provider" / "reporting" / "troubles.py").read_text())
    written = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)} | {*MEETING_TROUBLES}
    assert set(KINDS) - written == {"no_worker"}
    raised = {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) == "Trouble"
        for word in words_in(node.args[0])
    }
    assert raised | {*MEETING_TROUBLES} <= set(KINDS)
