"""Forces from the command line: terms from a file with every fault named, keys shown once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.commands.demo.schemes import SCHEMES
from provider.domain.accounts.secrets import token_hash
from provider.domain.forces.keys import holder_of
from provider.domain.schemes.models import SchemeTerms
from provider.kernel.database import db
from tests.builders import count
from tests.commands.running import run
from tests.fakes import A_TUESDAY

TERMS = SCHEMES["midshire"]["divert-adult"][1].model_dump(mode="json", exclude_none=True)


def written(folder: Path, **terms: object) -> str:
    scheme = {"code": "divert-adult", "name": "Divert", "terms": {**TERMS, **terms}}
    path = folder / "force.json"
    path.write_text(json.dumps({"code": "northshire", "name": "Northshire Police", "schemes": [scheme]}))
    return str(path)


def key_in(output: str) -> str:
    return next(line for line in output.splitlines() if "API key" in line).rpartition(" ")[2]


def works(app: Flask, key: str) -> bool:
    with app.app_context():
        return holder_of(token_hash(key), now=A_TUESDAY) is not None


def test_a_force_by_code_and_name_gets_a_key(app: Flask) -> None:
    result = run(app, "forces", "add", "northshire", "Northshire Police")
    assert works(app, key_in(result.output))
    assert run(app, "forces", "add", "northshire", "Northshire Police").exit_code == 1


def test_schemes_come_from_a_file(app: Flask, tmp_path: Path) -> None:
    assert "terms v1" in run(app, "forces", "add", "--file", written(tmp_path)).output
    assert "unchanged" in run(app, "forces", "add", "--file", written(tmp_path)).output
    assert "terms v2" in run(app, "forces", "add", "--file", written(tmp_path, bar_months=6)).output
    assert "divert-adult v2" in run(app, "forces", "list").output
    with app.app_context():
        versions = db.session.scalars(sa.select(SchemeTerms.version).order_by(SchemeTerms.version)).all()
        assert versions == [1, 2]


def test_every_fault_of_a_file_is_named_and_nothing_is_kept(app: Flask, tmp_path: Path) -> None:
    result = run(
        app, "forces", "add", "--file", written(tmp_path, offer_hours=0, no_such="x", age_from="old")
    )
    assert result.exit_code == 1
    for field in ("offer_hours", "no_such", "age_from"):
        assert f"/schemes/0/terms/{field}" in result.output
    with app.app_context():
        assert count("forces") == 0


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"service_name": "Police drugs line"}, "service_name"),
        ({"age_from": 20, "age_to": 19}, "age_to"),
        ({"repeat_rule": "up_to"}, "repeat_limit"),
        ({"intelligence_sentence": "{name} did not come"}, "intelligence_sentence"),
    ],
)
def test_terms_that_do_not_go_together_are_refused(
    app: Flask, tmp_path: Path, terms: dict[str, object], pointer: str
) -> None:
    result = run(app, "forces", "add", "--file", written(tmp_path, **terms))
    assert result.exit_code == 1
    assert f"/schemes/0/terms/{pointer}: " in result.output


def test_a_file_that_cannot_be_read_is_said_so(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "force.toml"
    path.write_text("code = ")
    assert "cannot be read" in run(app, "forces", "add", "--file", str(path)).output


def test_a_rotated_key_lives_on_until_it_is_ended(app: Flask) -> None:
    first = key_in(run(app, "forces", "add", "northshire", "Northshire Police").output)
    second = key_in(run(app, "forces", "rotate-key", "northshire").output)
    assert works(app, first)
    assert works(app, second)
    assert run(app, "forces", "rotate-key", "northshire").exit_code == 1
    assert run(app, "forces", "end-old-keys", "northshire").exit_code == 0
    assert (works(app, first), works(app, second)) == (False, True)
    third = key_in(run(app, "forces", "rotate-key", "northshire", "--end-old").output)
    assert (works(app, second), works(app, third)) == (False, True)
    assert run(app, "forces", "rotate-key", "nowhere").exit_code == 1
