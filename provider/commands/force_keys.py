"""The keys of a force's systems from the command line: which there are, rotated, ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext

from provider.commands.door import recorded
from provider.domain.forces.keys import ROTATION, live_keys
from provider.domain.forces.models import ApiKey
from provider.kernel.actors import SYSTEM
from provider.pathway import commissioning
from provider.web.words import ago, london_datetime


def key_lines(force_id: int, *, now: datetime) -> Iterator[str]:
    """A line for each key of a force that works, the newest first: how old, last used when, until when, for what."""
    for key in live_keys(force_id, now=now):
        used = f"last used {london_datetime(key.last_used_at)}" if key.last_used_at else "never used"
        until = f", works until {london_datetime(key.ends_at)}" if key.ends_at else ""
        scopes = " ".join(key.scopes)
        yield f"key {key.prefix}…  {key.name}: made {ago(key.created_at, now)}, {used}{until}; {scopes}"


@click.command("rotate-key")
@click.argument("code")
@click.option(
    "--days",
    type=click.IntRange(0, 365),
    default=ROTATION.days,
    show_default=True,
    help="How long the old key works on.",
)
@click.option("--end-old", is_flag=True, help="End the keys there are now at once.")
@with_appcontext
def rotate_key(code: str, days: int, end_old: bool) -> None:
    """Make a new API key for the force CODE, shown once; the old one works on for some days, then ends."""
    with recorded("forces rotate-key") as moment:
        force_id = commissioning.force_of(code).id
        old = live_keys(force_id, now=moment)
        until = moment if end_old else moment + timedelta(days=days)
        key = _rotated(force_id, old, until=until, now=moment)
        works_on = [(one.prefix, one.ends_at) for one in live_keys(force_id, now=moment) if one.ends_at]
    click.echo(f"API key of {code}, shown this once: {key}")
    for prefix, ends_at in works_on:
        click.echo(f"The old key {prefix}… works until {london_datetime(ends_at)}.")
        click.echo(f"To end it sooner: forces end-old-keys {code}")
    if old and not works_on:
        click.echo(f"{len(old)} ended.")


def _rotated(force_id: int, old: Sequence[ApiKey], *, until: datetime, now: datetime) -> str:
    """One key is succeeded by its like; of two that must both end at once, or of none, follows a key for everything."""
    if len(old) == 1:
        return commissioning.rotate_key(old[0].id, force_id=force_id, until=until, by=SYSTEM, now=now)
    if until <= now:
        commissioning.end_old_keys(force_id, keep=0, by=SYSTEM, now=now)
    return commissioning.issue_key(force_id, name="rotated", by=SYSTEM, now=now)


@click.command("end-old-keys")
@click.argument("code")
@with_appcontext
def end_old_keys(code: str) -> None:
    """End every key of the force CODE but the newest."""
    with recorded("forces end-old-keys") as moment:
        force = commissioning.force_of(code)
        ended = commissioning.end_old_keys(force.id, keep=1, by=SYSTEM, now=moment)
    click.echo(f"{ended} ended; the newest key works.")
