"""Cases with texts to send, for the tests of everything that texts go through. Functions commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.diary.queries import slots_between
from provider.domain.messaging.models import Text
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.builders import World
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY

MOBILE = "+447700900123"


def add_to_ring(world: World, **more: Any) -> Known:
    """Somebody accepted and to be rung, reached on a confirmed number."""
    return add_case(world, status=Status.ACCEPTED, course=None, pathway=None, **more)


def book(world: World, known: Known, *, now: datetime = A_TUESDAY, days: int = 8) -> datetime:
    """Book their assessment some days ahead, with the first drug worker; answers when."""
    with world.app.app_context(), transaction():
        day = now + timedelta(days=days)
        slot = slots_between(day, day + timedelta(days=5), minutes=45, now=now)[0]
        worker = world.accounts["drug_worker"]
        booking.book(
            known.case_id, starts_at=slot.starts_at, worker_id=worker, by=Actor("account", worker), now=now
        )
        return slot.starts_at


def texts_of(world: World, known: Known) -> list[Text]:
    """Every text of the case, in the order in which they are due."""
    with world.app.app_context():
        found = sa.select(Text).where(Text.case_id == known.case_id).order_by(Text.due_at, Text.id)
        return list(db.session.scalars(found))


def states(world: World, known: Known) -> dict[str, str]:
    """State by kind of text, with the reason where there is one."""
    return {
        text.kind: text.state if text.state_because is None else f"{text.state}: {text.state_because}"
        for text in texts_of(world, known)
    }


def change_number(world: World, known: Known, **values: Any) -> None:
    """Set columns of the number the person is reached on."""
    with world.app.app_context(), transaction():
        db.session.execute(
            sa.update(PhoneNumber).where(PhoneNumber.person_id == known.person_id).values(**values)
        )
