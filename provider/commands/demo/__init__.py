"""``flask --app provider demo``: two forces, four schemes made by settings alone, and hundreds of referrals."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext


def register(app: Flask) -> None:
    app.cli.add_command(demo)


@click.command("demo")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Instead of instance/demo.json."
)
@with_appcontext
def demo(file: Path | None) -> None:
    """Fill an empty database with the demo, and write what to sign in by to instance/demo.json."""
    from provider.commands.demo.putting_on import put_on  # many modules that no other command needs

    put_on(file)
