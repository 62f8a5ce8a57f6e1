"""``flask --app provider doctor``: one line for each setting, and for what the service needs to do its work."""

from __future__ import annotations

import sys
from collections import Counter

import click
from flask import Flask
from flask.cli import with_appcontext

from provider.commands.checks import Finding, State, installation_findings, settings_findings
from provider.commands.door import now, secret_box, settings

_COLOURS = {State.OK: "green", State.MISSING: "yellow", State.DOUBTFUL: "yellow", State.WRONG: "red"}


def register(app: Flask) -> None:
    app.cli.add_command(doctor)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say what is misconfigured, one line each. The exit code is 1 where something is wrong."""
    findings = [
        *settings_findings(settings()),
        *installation_findings(box=secret_box(), now=now()),
    ]
    for finding in findings:
        _say(finding)
    count = Counter(finding.state for finding in findings)
    wrong, doubtful = count[State.WRONG], count[State.DOUBTFUL]
    click.echo(
        f"{wrong} wrong, {doubtful} doubtful, {count[State.MISSING]} not set."
        if wrong or doubtful
        else "All is well."
    )
    sys.exit(1 if wrong else 0)


def _say(finding: Finding) -> None:
    state = click.style(f"{finding.state:<9}", fg=_COLOURS[finding.state])
    click.echo(f"{state} {finding.name:<29} {finding.words}")
