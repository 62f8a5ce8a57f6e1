"""``flask --app provider people …``: a person's own rights to what is held about them."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask

from provider.caseload.subject_access import Held, held_about, without
from provider.caseload.whole_person import whole_person
from provider.commands.door import Commands, recorded, write_private
from provider.domain.audit.trail import record
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import london_date
from provider.kernel.references import normal_reference
from provider.pathway import erasing

people = Commands(
    "people", help="What is held about a person: export, erase, hold. REFERENCE is any referral's."
)


def register(app: Flask) -> None:
    app.cli.add_command(people)


@people.command("export")
@click.argument("reference")
@click.option("--reviewed", is_flag=True, help="It was looked through: write what may be given out.")
@click.option(
    "--leave-out",
    multiple=True,
    metavar="KIND:ID",
    help="What the review found must stay here; may be repeated.",
)
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to; in this folder unless said."
)
def export(reference: str, reviewed: bool, leave_out: tuple[str, ...], file: Path | None) -> None:
    """Write everything held about a person as JSON.

    It pauses first: the file is for review, and what has to be looked at is named. Once that is done, --reviewed
    writes what may leave, without what --leave-out names.
    """
    with recorded("people export") as moment:
        who = whole_person(reference)
        held = held_about(who, today=london_date(moment))
        try:
            rows = without(held, leave_out)
        except ValueError as unknown:
            raise click.BadParameter(str(unknown), param_hint="--leave-out") from unknown
        action = "subject_access.exported" if reviewed else "subject_access.paused"
        record(
            action,
            "person",
            who.person_id,
            by=SYSTEM,
            now=moment,
            person_id=who.person_id,
            left_out=len(leave_out),
        )
    state = "reviewed" if reviewed else "FOR REVIEW, NOT TO BE GIVEN OUT"
    content = {"made_at": moment.isoformat(), "state": state, "left_out": len(leave_out), "held": rows}
    file = file or Path(f"{normal_reference(reference)}-{'export' if reviewed else 'for-review'}.json")
    write_private(file, json.dumps(content, indent=2, ensure_ascii=False).encode())
    _say(held, file, reviewed=reviewed)


def _say(held: Held, file: Path, *, reviewed: bool) -> None:
    count = sum(len(rows) for rows in held.rows.values())
    click.echo(f"{count} records are in {file}, for your eyes only.")
    if reviewed:
        return
    click.echo("Paused for review: nothing may be given out yet. Look at:")
    for one in held.to_review:
        click.echo(f"  {one.what:<16} {one.why}")
    click.echo("Then: people export … --reviewed [--leave-out KIND:ID]")


@people.command("erase")
@click.argument("reference")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(reference: str, yes: bool) -> None:
    """Erase who a person is and every word about them. Counts stay. Refused under legal hold or with an open case."""
    if not yes:
        click.confirm(f"Erase the person of {reference}? This cannot be undone", abort=True)
    with recorded("people erase") as moment:
        erased = erasing.erase(reference, by=SYSTEM, now=moment)
    click.echo(
        f"Erased. {erased.referrals} referrals and {erased.cases} cases still count, and say nothing of whom."
    )


@people.command("hold")
@click.argument("reference")
def hold(reference: str) -> None:
    """Put a person's record under legal hold: it cannot be erased."""
    with recorded("people hold") as moment:
        erasing.hold(reference, by=SYSTEM, now=moment)
    click.echo("Held.")


@people.command("release")
@click.argument("reference")
def release(reference: str) -> None:
    """End a legal hold."""
    with recorded("people release") as moment:
        erasing.release(reference, by=SYSTEM, now=moment)
    click.echo("Released.")
