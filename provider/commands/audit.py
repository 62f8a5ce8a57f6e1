"""``flask --app provider audit …``: does the trail still say what it said?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from flask import Flask

from provider.commands.door import Commands
from provider.domain.audit.chain import SealedEntry, verify
from provider.domain.audit.queries import entries_waiting
from provider.domain.audit.sealing import sealed_trail

audit = Commands("audit", help="The trail of who saw and did what.")


def register(app: Flask) -> None:
    app.cli.add_command(audit)


class Counted:
    """Entries as they are read, counted on the way; remembers the last seal."""

    def __init__(self) -> None:
        self.count, self.last = 0, ""

    def through(self, entries: Iterator[SealedEntry]) -> Iterator[SealedEntry]:
        for entry in entries:
            self.count, self.last = self.count + 1, entry.hash
            yield entry


@audit.command("verify")
@click.option("--last", metavar="SEAL", help="The seal it must end with, where you kept one.")
def verify_trail(last: str | None) -> None:
    """Walk the whole chain. Says where it is broken, with the exit code 1."""
    counted = Counted()
    broken = verify(counted.through(sealed_trail()), last=last)
    if broken is not None:
        click.echo(f"BROKEN at {broken.at}: {broken.why}", err=True)
        sys.exit(1)
    click.echo(f"OK: {counted.count} entries hold. {entries_waiting()} wait to be sealed.")
    if counted.last:
        click.echo(f"Last seal, to be kept elsewhere: {counted.last}")
