"""A tester that knows nothing of us but the OpenAPI document, against a real server: it finds nothing.

It lives in .venv-contract, which scripts/test makes. A longer run of it: ``python -m benchmarks.contract``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from provider.web.api.openapi import document
from scripts.environment import CONTRACT_VENV
from tests.contracts.live import live
from tests.contracts.tester_world import send_tester, world_for_the_tester

EXAMPLES = 12
"""Of each operation, beside those at every edge of what the document allows."""


@pytest.fixture(scope="module")
def programs() -> Path:
    """Where the tester's programs are."""
    folder = CONTRACT_VENV / "bin"
    if (folder / "schemathesis").exists():
        return folder
    if os.environ.get("CI"):
        pytest.fail("no .venv-contract: in CI the contract tester is never skipped")
    pytest.skip("NO .venv-contract HERE (scripts/setup test MAKES IT): THE CONTRACT TESTER DID NOT RUN")


@pytest.mark.slow
def test_the_generic_tester_finds_nothing(
    app: Flask, database_url: str, programs: Path, tmp_path: Path
) -> None:
    world = world_for_the_tester(app)
    with live(database_url) as url:
        found = send_tester(
            programs, url, world, folder=tmp_path, examples=EXAMPLES, seed=2026, stateful=False
        )
    assert found.returncode == 0, found.stdout
    assert "No issues found" in found.stdout


def test_the_document_is_openapi_3_1(programs: Path, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document()))
    command = [str(programs / "openapi-spec-validator"), "--schema", "3.1", str(path)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
