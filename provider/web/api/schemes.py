"""What a force may refer to, and when a first call could be."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Response

from provider.domain.diary.queries import slots_between
from provider.domain.diary.rules import OFFERED_AHEAD, OpenSlot, slot_id
from provider.domain.schemes.queries import schemes_of
from provider.kernel.errors import NotFound
from provider.web.api import answers
from provider.web.api.access import force_id
from provider.web.api.parameters import Period
from provider.web.api.replies import reply
from provider.web.context import now

SHOWN_UNLESS_SAID = timedelta(days=14)


def list_schemes() -> Response:
    schemes = schemes_of(force_id(), at=now()).values()
    return reply(answers.Schemes(schemes=tuple(answers.Scheme.of(scheme) for scheme in schemes)))


def list_slots(code: str, asked: Period) -> Response:
    scheme = schemes_of(force_id(), at=now()).get(code)
    if scheme is None:
        raise NotFound
    first, last = _stretch(asked)
    found: tuple[OpenSlot, ...] = ()
    if first < last and scheme.terms.offers_first_call_at_roadside:
        found = slots_between(first, last, minutes=scheme.terms.assessment_minutes, now=now())
    slots = (_slot(code, slot) for slot in found if slot.starts_at < last)
    return reply(answers.Slots(slots=tuple(slots)))


def _slot(code: str, slot: OpenSlot) -> answers.Slot:
    return answers.Slot(id=slot_id(code, slot.starts_at), starts_at=slot.starts_at, minutes=slot.minutes)


def _stretch(asked: Period) -> tuple[datetime, datetime]:
    """From when until when to look: from now on, and not further than a diary is kept."""
    first = max(asked.from_ or now(), now())
    return first, min(asked.to or _later(first, SHOWN_UNLESS_SAID), _later(now(), OFFERED_AHEAD))


def _later(moment: datetime, by: timedelta) -> datetime:
    return moment + by if moment.year < 9000 else moment
