"""``flask --app provider forces …``: forces, the terms of their schemes, and the keys of their systems."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import click
import sqlalchemy as sa
from flask import Flask
from pydantic import BaseModel, ConfigDict, Field

from provider.commands.door import Commands, now, recorded
from provider.commands.force_keys import end_old_keys, key_lines, rotate_key
from provider.domain.assessments.reading import read_settings
from provider.domain.forces.models import Force
from provider.domain.schemes.queries import schemes_of
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid
from provider.pathway import agreeing, commissioning

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class SchemeFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: Name
    terms: Terms


class ForceFile(BaseModel):
    """A force and its schemes, as a file says them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: Name
    schemes: tuple[SchemeFile, ...] = ()


forces = Commands("forces", help="Forces, their schemes and their keys.")
forces.add_command(rotate_key)
forces.add_command(end_old_keys)


def register(app: Flask) -> None:
    app.cli.add_command(forces)


@forces.command("add")
@click.argument("code", required=False)
@click.argument("name", required=False)
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML or JSON."
)
def add(code: str | None, name: str | None, path: Path | None) -> None:
    """Add a force by CODE and NAME, or with its schemes from a file; the first API key is shown once.

    Of a force that is there already, schemes whose terms in the file differ get a new version of them.
    """
    data = _read(path) if path else {}
    given = {key: value for key, value in (("code", code), ("name", name)) if value}
    wanted = read_settings(ForceFile, {**data, **given})
    _refuse_faults(wanted)
    with recorded("forces add") as moment:
        known = db.session.scalars(sa.select(Force).where(Force.code == wanted.code)).one_or_none()
        if known is not None and not wanted.schemes:
            raise commissioning.ForceExists
        force = known or commissioning.add_force(wanted.code, wanted.name, by=SYSTEM, now=moment)
        for scheme in wanted.schemes:
            version = agreeing.set_terms(
                force.id, scheme.code, scheme.name, scheme.terms, by=SYSTEM, now=moment
            )
            click.echo(f"{scheme.code}: {'unchanged' if version is None else f'terms v{version}'}")
        key = None if known else commissioning.issue_key(force.id, name="first key", by=SYSTEM, now=moment)
    click.echo(f"{force.code}: {'brought up to date' if known else 'added'}.")
    if key is not None:
        click.echo(f"API key, shown this once: {key}")


def _read(path: Path) -> dict[str, Any]:
    """A file as plain values. Raises Invalid where it is neither TOML nor JSON."""
    text = path.read_text(encoding="utf-8")
    try:
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid([FieldError("/", "malformed", f"{path.name} cannot be read: {error}.")]) from error
    if not isinstance(data, dict):
        raise Invalid([FieldError("/", "malformed", f"{path.name} holds no force.")])
    return data


def _refuse_faults(wanted: ForceFile) -> None:
    faults = [
        fault
        for place, scheme in enumerate(wanted.schemes)
        for fault in agreeing.faults_of(scheme.terms, at=f"/schemes/{place}/terms")
    ]
    if faults:
        raise Invalid(faults)


@forces.command("list")
def show() -> None:
    """Every force with its schemes, the version of their terms, and the keys that work."""
    for force in db.session.scalars(sa.select(Force).order_by(Force.code)).all():
        click.echo(f"{force.code}  {force.name}")
        for scheme in schemes_of(force.id, at=now()).values():
            click.echo(f"  {scheme.rule:<34} {scheme.name}")
        for line in key_lines(force.id, now=now()):
            click.echo(f"  {line}")
