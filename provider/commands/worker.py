"""``flask --app provider worker``: sends texts and notices, ends offers, seals the trail. Several may run at once."""

from __future__ import annotations

import click
from flask import Flask, current_app

from provider.commands.door import plainly, recorded
from provider.jobs.pausing import paused_since, resume
from provider.jobs.run import work

PAUSED = "This is a restored copy: nothing is sent before somebody starts a worker with --resume."


def register(app: Flask) -> None:
    app.cli.add_command(worker)


@click.command("worker")
@click.option("--resume", "go", is_flag=True, help="After a restore: send again from now on.")
def worker(go: bool) -> None:
    """Do what has to be done by itself, until told to stop."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with plainly(), app.app_context():
        if go:
            with recorded("worker --resume"):
                resume()
        if paused_since() is not None:
            click.echo(PAUSED)
    work(app)
