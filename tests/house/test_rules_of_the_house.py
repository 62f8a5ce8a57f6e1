"""The rules that are worth writing down, held: one clock, one commit, doors shut, tables complete."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from config import ROOT, Settings
from provider.caseload.scheme_words import GROUPS, SAID_WITH
from provider.commands.demo.schemes import SCHEMES
from provider.domain.accounts.roles import MAY, Permission, Role
from provider.domain.compliance.outcomes import OUTCOMES
from provider.domain.referrals.status import ENDED, MOVES, OPEN, SENTENCES, Status
from provider.domain.schemes.terms import PathwayRules, Terms
from provider.pathway.steps import CONSEQUENCES
from provider.web.addresses import WholeNumber

SOURCES = sorted(path for path in (ROOT / "provider").rglob("*.py") if "static" not in path.parts)

OPEN_DOORS = {
    "static",
    "staff.sign_in",
    "staff.enter_code",
    "api.openapi",
    "reference.show",
    "health.healthz",
    "health.readyz",
    "participant.what_happens_next",
    "participant.number_to_save",
}
"""Views that anybody may open. What a machine or a participant proves in its own way is not among them."""


@cache
def code_of(path: Path) -> str:
    """A file without its comments and strings."""
    with tokenize.open(path) as file:
        kept = [
            token
            for token in tokenize.generate_tokens(file.readline)
            if token.type not in (tokenize.COMMENT, tokenize.STRING)
        ]
    return " ".join(token.string for token in kept)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files_with(pattern: str) -> set[str]:
    return {name(path) for path in SOURCES if re.search(pattern, code_of(path))}


def test_only_the_clock_reads_the_clock() -> None:
    found = files_with(r"datetime \. (now|utcnow|today)|date \. today|time \. time \(")
    assert found == {"provider/kernel/clock.py"}


def test_only_a_transaction_commits() -> None:
    assert files_with(r"\. commit \(") == {"provider/kernel/database.py"}


def test_below_the_doors_nobody_opens_a_transaction() -> None:
    floors = ("provider/pathway/", "provider/caseload/", "provider/reporting/")
    opened = {path for path in files_with(r"with transaction \(") if path.startswith(floors)}
    assert opened == set()


def test_nouns_have_no_relationships() -> None:
    assert files_with(r"\brelationship \(") == set()


def test_nothing_is_called_utils() -> None:
    banned = {"utils", "helpers", "manager", "common", "misc", "util", "helper"}
    assert not {name(path) for path in SOURCES if path.stem in banned}


def test_every_status_is_in_every_table() -> None:
    everything = set(Status)
    assert set(MOVES) - {None} == everything
    assert set(CONSEQUENCES) == everything
    assert set(OUTCOMES) == everything
    assert set(SENTENCES) == everything
    assert OPEN | ENDED | {Status.HELD} == everything


def test_a_referral_can_always_end() -> None:
    for status in OPEN:
        assert {Status.NOT_ENGAGED, Status.NOT_REACHED, Status.WITHDRAWN} <= set(MOVES[status])


def test_only_steps_writes_a_status() -> None:
    below_the_doors = ("provider/pathway", "provider/caseload", "provider/jobs", "provider/commands")
    writing = files_with(r"referral \. status = [^=]|update \( Referral \)")
    assert {path for path in writing if path.startswith(below_the_doors)} == {"provider/pathway/steps.py"}


def test_every_role_is_in_the_table_and_every_permission_is_given_to_somebody() -> None:
    assert set(MAY) == set(Role)
    assert set().union(*MAY.values()) == set(Permission)


def test_every_route_has_a_door_and_only_the_named_are_open(migrated_app: Flask) -> None:
    views = migrated_app.view_functions
    without = {endpoint for endpoint, view in views.items() if getattr(view, "door", None) is None}
    assert without == set()
    wide_open = {endpoint for endpoint, view in views.items() if getattr(view, "open_to_all", False)}
    assert wide_open == OPEN_DOORS


def test_a_number_in_an_address_is_one_that_the_database_can_hold(migrated_app: Flask) -> None:
    converters = [one for rule in migrated_app.url_map.iter_rules() for one in rule._converters.values()]
    numbers = [one for one in converters if isinstance(one, IntegerConverter)]
    assert len(numbers) > 50
    assert all(isinstance(one, WholeNumber) for one in numbers)
    bounded_there = {"provider/web/force/outcomes.py"}
    assert files_with(r"type = int\b") == bounded_there


def _public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("floor", ["pathway", "caseload"])
def test_below_the_doors_the_moment_and_the_actor_are_keywords_without_a_default(floor: str) -> None:
    loose = []
    for path in (ROOT / "provider" / floor).rglob("*.py"):
        for function in _public_functions(ast.parse(path.read_text())):
            positional = {argument.arg for argument in function.args.args[1:]}
            defaults = dict(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))
            defaulted = {argument.arg for argument, default in defaults.items() if default is not None}
            if {"by", "now"} & (positional | defaulted):
                loose.append(f"{name(path)} {function.name}")
    assert loose == []


def test_every_setting_is_in_the_readme_and_explained() -> None:
    readme = (ROOT / "README.md").read_text()
    for field, info in Settings.model_fields.items():
        assert info.description, field
        assert field.upper() in readme, field


def test_locks_carry_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"^[^#]*https?://", text, re.MULTILINE), lock
    assert "resolved" not in (ROOT / "assets" / "package-lock.json").read_text()


def test_every_template_is_used() -> None:
    templates = ROOT / "templates"
    pages = {path.relative_to(templates).as_posix(): path.read_text() for path in templates.rglob("*.html")}
    written = "\n".join(path.read_text() for path in SOURCES)
    unused = [
        page
        for page in pages
        if not page.startswith(("errors/", "officer/notices/"))
        and page not in written
        and f'"{Path(page).stem}"' not in written
        and not any(page in text for other, text in pages.items() if other != page)
    ]
    assert unused == []


SHOWN_ONLY = {
    "provider/domain/schemes/terms.py",
    "provider/domain/schemes/rules.py",
    "provider/caseload/scheme_words.py",
    "provider/web/staff/scheme_fields.py",
    "provider/web/staff/scheme_forms.py",
    "provider/commands/demo/schemes.py",
}
"""Where a setting of a scheme is named without anything being done by it."""


@pytest.mark.parametrize("setting", [*Terms.model_fields, *PathwayRules.model_fields])
def test_every_setting_of_a_scheme_is_read_by_what_it_is_for(setting: str) -> None:
    reading = {
        name(path)
        for path in SOURCES
        if re.search(rf"(?:\b(?:terms|pathways|each|self)|\)) \. {setting}\b", code_of(path))
        or (setting in PathwayRules.model_fields and f"Pathway.{setting.upper()}" in path.read_text())
    }
    assert reading - SHOWN_ONLY or setting in read_in_terms(), setting


def read_in_terms() -> set[str]:
    """Settings that the terms themselves answer questions from."""
    source = code_of(ROOT / "provider/domain/schemes/terms.py")
    return set(re.findall(r"\bself \. (\w+)", source))


def test_every_setting_of_a_scheme_is_said_in_words() -> None:
    said = {setting for group in GROUPS.values() for setting in group}
    assert said | set(SAID_WITH) == set(Terms.model_fields)


def test_no_code_knows_a_scheme_by_name() -> None:
    codes = {code for schemes in SCHEMES.values() for code in schemes} | set(SCHEMES)
    demo = ROOT / "provider" / "commands" / "demo"
    files = [*SOURCES, *(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    knowing = {
        f"{name(path)} {code}"
        for path in files
        if demo not in path.parents
        for code in codes
        if re.search(rf"[\"'`]{code}[\"'`]", path.read_text())
    }
    assert knowing <= {"provider/web/api/examples.py divert-adult"}
