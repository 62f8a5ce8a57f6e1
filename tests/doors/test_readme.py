"""README's section for forces: every line that it shows is given to a shell, and answered as it shows.

The shell, curl, the server in its processes and the worker are real; ``…`` stands for what differs every time.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from provider.kernel.clock import SystemClock
from scripts.processes import stop_with_parent
from tests.builders import World, build_world
from tests.conftest import SECRETS
from tests.faults.serving import gunicorn

SECTION = "## For forces"
DONE = "-- done --"
PATIENCE = 60


@dataclass(frozen=True)
class Step:
    """A command as it is typed, and what the README shows that it says."""

    command: str
    shown: str


def section() -> str:
    text = (ROOT / "README.md").read_text()
    return text.partition(SECTION)[2].partition("\n## ")[0]


def steps(text: str) -> list[Step]:
    """The commands of every console block, in their order, each with the lines that stand below it."""
    found: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = part.rstrip("\n").split("\n")
            more = 0
            while more < len(rest) and rest[more].startswith(">"):
                more += 1
            typed = [first, *(line.removeprefix(">").removeprefix(" ") for line in rest[:more])]
            found.append(Step("\n".join(typed), "\n".join(rest[more:])))
    return found


class Shell:
    """One bash for all of it, so that what a line sets the next one has."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> str:
        """What the command says, on either stream, until it is done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\necho '{DONE}'\n")
        self.process.stdin.flush()
        lines: list[str] = []
        for line in self.process.stdout:
            if line.rstrip("\n").endswith(DONE):
                return "".join([*lines, line.rstrip("\n").removesuffix(DONE)])
            lines.append(line)
        raise AssertionError(f"the shell ended: {''.join(lines)}")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def as_shown(shown: str, said: str) -> bool:
    """Whether what was said is what is shown, where ``…`` is anything on its line. Empty lines do not matter."""
    wanted = "[^\n]*?".join(re.escape(part) for part in "\n".join(_lines(shown)).split("…"))
    return re.fullmatch(wanted, "\n".join(_lines(said))) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.fixture
def world(app: Flask) -> World:
    app.extensions["clock"] = SystemClock()
    return build_world(app)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Iterator[Path]:
    """A checkout as the section's reader has it: the demo's file, the environment, web and worker that run."""
    environment = {
        **os.environ,
        **{name.upper(): value for name, value in SECRETS.items()},
        "PROVIDER_ENV": "test",
        "DATABASE_URL": world.app.config["SQLALCHEMY_DATABASE_URI"],
    }
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "instance").mkdir()
    with gunicorn("provider:create_app()", environment, processes=2, threads=4) as port:
        handed = {
            "base_url": f"http://127.0.0.1:{port}",
            "forces": [{"code": "midshire", "api_key": world.keys["midshire"]}],
        }
        (tmp_path / "instance" / "demo.json").write_text(json.dumps(handed))
        with worker(environment):
            yield tmp_path


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """The worker, which sends what is owed to endpoints; stopped by its process id."""
    command = [sys.executable, "-m", "flask", "--app", "provider", "worker"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, preexec_fn=stop_with_parent(signal.SIGTERM)
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_what_the_section_shows_is_what_happens(folder: Path) -> None:
    said: list[str] = []
    shell = Shell(folder)
    try:
        for step in steps(section()):
            command = re.sub(r"^port=\d+$", f"port={free_port()}", step.command)
            said.append(shell.type(command))
            assert as_shown(step.shown, said[-1]), f"$ {command}\n{said[-1]}\ninstead of\n{step.shown}"
    finally:
        shell.close()
    assert len(said) > 25


def test_the_section_has_no_command_that_is_not_run() -> None:
    text = section()
    assert text.count("```") == 2 * text.count("```console\n")
    commands = [line for line in text.splitlines() if line.startswith("$ ")]
    assert len(commands) == len(steps(text)) > 25


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ('{"a":…}\n200', '{"a":1}\n200\n', True),
        ('{"a":…}\n200', '{"a":1}\n201\n', False),
        ('{"a":…}\n200', '{"a":1}\nmore\n200\n', False),
        ("", "\n", True),
        ("", "curl: no such host\n", False),
    ],
)
def test_what_differs_is_seen(shown: str, said: str, same: bool) -> None:
    assert as_shown(shown, said) is same
