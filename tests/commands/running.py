"""Runs a command as the terminal would, on the application of the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask


def run(app: Flask, *arguments: str, answers: str = "") -> Result:
    """What a command said, and how it ended. What it raises beyond a plain *no* is a failure of the test."""
    result = app.test_cli_runner().invoke(args=arguments, input=answers)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def read(path: Path) -> Any:
    return json.loads(path.read_text())
