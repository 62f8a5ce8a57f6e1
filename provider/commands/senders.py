"""``flask --app provider senders …``: what texts go out by, and which of them rest."""

from __future__ import annotations

import click
from flask import Flask

from provider.caseload.text_senders import SenderNow, senders_now
from provider.commands.door import Commands, recorded
from provider.kernel.actors import SYSTEM
from provider.pathway.giving_senders import give_sender

senders = Commands("senders", help="What texts go out by.")


def register(app: Flask) -> None:
    app.cli.add_command(senders)


@senders.command("list")
def show() -> None:
    """Every sender that texts have gone out by, the schemes that have it as their own, and whether it rests."""
    for sender in senders_now():
        click.echo(f"{sender.address:<36} {', '.join(sender.schemes) or 'usual':<30} {_how(sender)}")


def _how(sender: SenderNow) -> str:
    if sender.rests_since is None or sender.rests_until is None:
        return "sends"
    since = f"rests since {sender.rests_since:%F %H:%M}Z ({sender.rests_because})"
    return f"{since}, next try {sender.rests_until:%H:%M:%S}Z"


@senders.command("use")
@click.argument("force")
@click.argument("scheme")
@click.argument("address", required=False)
def use(force: str, scheme: str, address: str | None) -> None:
    """Let the SCHEME of a FORCE send by ADDRESS; without one, by what the settings name."""
    with recorded("senders use") as moment:
        give_sender(force, scheme, address, by=SYSTEM, now=moment)
    click.echo(f"{scheme} sends by {address or 'the usual sender'}.")
