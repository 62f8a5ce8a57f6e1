"""Forces from the command line: terms from a file with every fault named, keys shown once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.commands.demo.schemes import SCHEMES
from provider.domain.accounts.secrets import token_hash
from provider.domain.forces.keys import SCOPES, holder_of
from provider.domain.forces.models import ApiKey
from provider.domain.schemes.models import SchemeTerms
from provider.kernel.database import db, transaction
from tests.builders import count
from tests.commands.running import run
from tests.fakes import A_TUESDAY, MovableClock

TERMS = SCHEMES["midshire"]["divert-adult"][1].model_dump(mode="json", exclude_none=True)


def written(folder: Path, **terms: object) -> str:
    scheme = {"code": "divert-adult", "name": "Divert", "terms": {**TERMS, **terms}}
    path = folder / "force.json"
    path.write_text(json.dumps({"code": "northshire", "name": "Northshire Police", "schemes": [scheme]}))
    return str(path)


def key_in(output: str) -> str:
    return next(line for line in output.splitlines() if "API key" in line).rpartition(" ")[2]


def works(app: Flask, key: str, *, at: datetime = A_TUESDAY) -> bool:
    with app.app_context():
        return holder_of(token_hash(key), now=at) is not None


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


def test_a_rotated_key_works_on_until_a_date_that_is_said_or_it_is_ended(app: Flask) -> None:
    first = key_in(run(app, "forces", "add", "northshire", "Northshire Police").output)
    rotated = run(app, "forces", "rotate-key", "northshire", "--days", "3").output
    second = key_in(rotated)
    assert f"The old key {first[:8]}… works until Friday 27 November 2026 at 9:30am." in rotated
    assert (works(app, first), works(app, second)) == (True, True)
    assert works(app, first, at=A_TUESDAY + timedelta(days=3)) is False
    refused = run(app, "forces", "rotate-key", "northshire")
    assert refused.exit_code == 1
    assert "Two keys are live already. End one before you make another." in refused.output
    assert run(app, "forces", "end-old-keys", "northshire").exit_code == 0
    assert (works(app, first), works(app, second)) == (False, True)
    third = key_in(run(app, "forces", "rotate-key", "northshire", "--end-old").output)
    assert (works(app, second), works(app, third)) == (False, True)
    assert run(app, "forces", "rotate-key", "nowhere").exit_code == 1
    assert run(app, "forces", "rotate-key", "northshire", "--days", "-1").exit_code == 2


def test_two_keys_end_at_once_for_a_new_one_and_a_force_without_gets_one(app: Flask) -> None:
    first = key_in(run(app, "forces", "add", "northshire", "Northshire Police").output)
    second = key_in(run(app, "forces", "rotate-key", "northshire").output)
    ended = run(app, "forces", "rotate-key", "northshire", "--end-old").output
    assert "2 ended." in ended
    assert [works(app, key) for key in (first, second, key_in(ended))] == [False, False, True]
    with app.app_context(), transaction():
        db.session.execute(sa.update(ApiKey).values(ends_at=A_TUESDAY))
    assert works(app, key_in(run(app, "forces", "rotate-key", "northshire").output))


def test_a_rotated_key_may_do_what_the_old_one_might(app: Flask) -> None:
    run(app, "forces", "add", "northshire", "Northshire Police")
    with app.app_context(), transaction():
        db.session.execute(sa.update(ApiKey).values(scopes=["compliance:read"], name="Reader"))
    key = key_in(run(app, "forces", "rotate-key", "northshire").output)
    with app.app_context():
        holder = holder_of(token_hash(key), now=A_TUESDAY)
        assert holder is not None
        assert holder.scopes == {"compliance:read"}
        assert count("api_keys", name="Reader") == 2


def test_the_keys_that_work_are_listed_with_their_age_and_last_use(app: Flask, clock: MovableClock) -> None:
    first = key_in(run(app, "forces", "add", "northshire", "Northshire Police").output)
    clock.advance(days=5)
    asked = {"Authorization": f"Bearer {first}"}
    assert app.test_client().get("/api/v1/schemes", headers=asked).status_code == 200
    second = key_in(run(app, "forces", "rotate-key", "northshire").output)
    listed = run(app, "forces", "list").output
    used = "last used Sunday 29 November 2026 at 9:30am"
    until = "works until Sunday 13 December 2026 at 9:30am"
    assert f"key {first[:8]}…  first key: made 5 days ago, {used}, {until}; {' '.join(SCOPES)}" in listed
    assert f"key {second[:8]}…  first key: made just now, never used; " in listed
    assert first not in listed
    clock.advance(days=14)
    assert first[:8] not in run(app, "forces", "list").output
