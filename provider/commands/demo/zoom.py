"""The participant report that Zoom would give for one of the demo's sessions: people under the names they like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.domain.courses.models import Place
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.calendar import london
from provider.kernel.database import db

_HEAD = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),"
    "Guest,Recording Consent,In Waiting Room"
)


def participant_report(
    places: Sequence[Place], random: Random, *, starts_at: datetime, minutes: int
) -> bytes:
    """Some by the name we know, some by a nickname, one who fell out and came back, one who never came."""
    lines = [_HEAD]
    for number, place in enumerate(places):
        given, family = _name(place)
        joined = starts_at + timedelta(minutes=random.randint(-4, 9))
        if number == 1:
            lines.append(_line(f"{given}’s iPhone ({given})", joined, joined + timedelta(minutes=31)))
            lines.append(_line(given, joined + timedelta(minutes=38), starts_at + timedelta(minutes=minutes)))
        elif number != 2:
            shown = random.choice((f"{given} {family[0]}", given, f"{given} {family}", "Galaxy A14"))
            lines.append(_line(shown, joined, starts_at + timedelta(minutes=minutes - random.randint(0, 6))))
    return "\r\n".join(lines).encode()


def _name(place: Place) -> tuple[str, str]:
    row = db.session.execute(
        sa.select(Person.given_name, Person.family_name)
        .join(Case, Case.person_id == Person.id)
        .where(Case.id == place.case_id)
    ).one()
    return row.given_name, row.family_name


def _line(name: str, joined: datetime, left: datetime) -> str:
    minutes = int((left - joined).total_seconds() // 60)
    return f"{name},,{_said(joined)},{_said(left)},{minutes},Yes,,No"


def _said(moment: datetime) -> str:
    return f"{london(moment):%d/%m/%Y %I:%M:%S %p}"
