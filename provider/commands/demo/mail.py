"""The texts of the demo's last weeks: worded and recorded by the functions that send real ones, and sent nowhere.

Those of the last days can be read in the sandbox, as on the phones they went to, and some are answered.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from provider.commands.demo.play import Scene
from provider.domain.courses.offers import courses_waited_for, passed_offers
from provider.domain.messaging import dispatch
from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import SandboxText, Text
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import POLITE_FROM, at_london, london, london_date, next_polite
from provider.kernel.database import db
from provider.pathway import hearing, sending
from provider.pathway.offering import end_offer
from provider.pathway.scheduling import offer_course_places

SENT_SINCE = timedelta(days=16)
SHOWN_SINCE = timedelta(days=4)
EVERY = timedelta(minutes=20)
MOST_AT_ONCE = 200
ANSWERED = 0.15
_ANSWERS = (
    ("1", 8),
    ("ok thanks", 3),
    ("👍", 2),
    ("2", 2),
    ("can u ring after 5 pls", 2),
    ("is this about the other night??", 1),
    ("STOP", 1),
)


def mail(random: Random, *, until: datetime, public_url: str) -> Scene:
    """Every twenty minutes of the day, what is due goes out; what was due before is dropped."""
    now = next_polite(until - SENT_SINCE)
    yield now
    for text in db.session.scalars(sa.select(Text).where(Text.state == "planned", Text.due_at <= now)).all():
        dispatch.drop(text, because="before_the_demo", now=now)
    answers: list[str] = []
    while now <= until:
        for e164 in answers:
            _answer(e164, random, now=now)
        answers = []
        if dispatch.anything_due(now=now):
            reached = _send(now=now, public_url=public_url, shown=now > until - SHOWN_SINCE)
            answers = (
                [e164 for e164 in reached if random.random() < ANSWERED] if now > until - SHOWN_SINCE else []
            )
        now = next_polite(now + EVERY)
        yield now


def _answer(e164: str, random: Random, *, now: datetime) -> None:
    body = random.choices([words for words, _ in _ANSWERS], [often for _, often in _ANSWERS])[0]
    hearing.reply("SM" + secrets.token_hex(16), from_e164=e164, body=body, opt_out=None, now=now)


def _send(*, now: datetime, public_url: str, shown: bool) -> list[str]:
    """The numbers that were sent something."""
    claimed = sending.claim_due(limit=MOST_AT_ONCE, worker="demo", public_url=public_url, now=now)
    for ready in claimed.ready:
        sid = "SM" + secrets.token_hex(16)
        sending.sent(ready, Sent(sid, "delivered"), now=now)
        if shown:
            db.session.add(SandboxText(sid=sid, to_e164=ready.to, body=ready.body, arrived_at=now))
    return [ready.to for ready in claimed.ready]


def offers(*, until: datetime, since: datetime) -> Scene:
    """Twice a day offers that have passed are ended, and free places are offered."""
    now = since
    while now <= until:
        yield now
        for waiting_id in passed_offers(now=now):
            end_offer(waiting_id, now=now)
        for course_id in courses_waited_for():
            offer_course_places(course_id, by=SYSTEM, now=now)
        now += timedelta(hours=6)
        if london(now).time() < POLITE_FROM:
            now = at_london(london_date(now), POLITE_FROM)
