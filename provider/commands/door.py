"""What every command shares: the moment, one transaction that says who ran what, and a *no* said in one line."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from provider.domain.audit.trail import record
from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid, NotFound, Refusal
from provider.web.context import now, secret_box, settings

__all__ = ["Commands", "now", "plainly", "recorded", "secret_box", "settings", "write_private"]


@contextmanager
def recorded(command: str) -> Iterator[datetime]:
    """One transaction, at one moment, with a line in the trail: which command, and run by which user of the machine."""
    moment = now()
    with transaction():
        record("command.run", "command", None, by=SYSTEM, now=moment, command=command, operator=_operator())
        yield moment


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        return f"uid {os.getuid()}"


@contextmanager
def plainly() -> Iterator[None]:
    """Say a *no* in a line, with the exit code 1, instead of a traceback."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    except NotFound as missing:
        raise click.ClickException("There is no such record.") from missing
    except Invalid as invalid:
        raise click.ClickException(
            "\n".join(f"{fault.pointer}: {fault.detail}" for fault in invalid.errors)
        ) from invalid
    except (OperationalError, ProgrammingError) as away:
        hint = (
            "The database cannot be used: see flask --app provider doctor (flask --app provider db upgrade?)"
        )
        raise click.ClickException(hint) from away


class Commands(AppGroup):
    """A group of commands that say a *no* plainly."""

    def invoke(self, ctx: click.Context) -> Any:
        with plainly():
            return super().invoke(ctx)


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for our own eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.replace(path)
