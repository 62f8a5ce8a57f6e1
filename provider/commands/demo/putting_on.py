"""The whole of ``flask --app provider demo``, from an empty database or from one that has the demo already."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from random import Random

import click
import sqlalchemy as sa

from provider.commands.demo import handed, looking_again, stage, timetable
from provider.commands.demo.directing import SEED, play_it_all
from provider.commands.door import now, plainly, recorded, secret_box, settings
from provider.domain.referrals.models import Referral
from provider.kernel.calendar import at_london
from provider.kernel.database import db, transaction


def put_on(file: Path | None) -> None:
    """Everything, once; a second time only what is missing."""
    if not settings().demo:
        raise click.ClickException("The demo is put on only where PROVIDER_ENV is demo.")
    file = file or handed.DEMO
    with plainly():
        put_on_at(file, now=now())
    click.echo(f"The demo is ready: {file} says what to sign in by.")


def put_on_at(file: Path, *, now: datetime) -> None:
    """The demo as it stands at ``now``, and ``file`` with what it hands out."""
    before = handed.read_handed(file)
    fresh = db.session.scalar(sa.select(Referral.id).limit(1)) is None
    opening = at_london(stage.first_day(now), time(8)) if fresh else now
    with recorded("demo"):
        forces = stage.put_up_forces(now=opening)
        courses = stage.put_up_courses()
        given = handed.fixed(settings())
        given |= handed.hand_out_accounts(before, forces, box=secret_box(), now=opening)
        given["forces"] = handed.hand_out_keys(before, forces, box=secret_box(), now=opening)
        set_up = stage.stage_of(forces, courses, now=now)
        sessions = _sessions(set_up, now=now, opening=opening) if fresh else []
    handed.write_handed(file, before | given)
    if fresh:
        play_it_all(set_up, sessions, public_url=settings().public_url, now=now)
        with transaction():
            stage.plan_ahead(set_up, now=now)
            looking_again.look_again(set_up, now=now)
    with transaction():
        given["participant_links"] = handed.hand_out_links(before, public_url=given["base_url"], now=now)
    handed.write_handed(file, given)


def _sessions(set_up: stage.Stage, *, now: datetime, opening: datetime) -> list[int]:
    today = stage.first_day(now)
    timetable.put_up_hours(set_up, today=today)
    return timetable.put_up_sessions(set_up, Random(SEED), now=opening, from_day=today)  # noqa: S311  # nosec B311
