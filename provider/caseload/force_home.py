"""What needs a force's administrator today, and what came to an end last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.force_corrections import outstanding_since
from provider.caseload.force_numbers import needed_since
from provider.caseload.force_outcomes import latest_endings
from provider.caseload.force_pages import Key, force_name, keys
from provider.caseload.force_view import Line
from provider.domain.forces.models import WebhookEndpoint
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import OVERTAKEN
from provider.domain.uploads.models import Upload, UploadState
from provider.kernel.database import db

LATEST = 8
NEWS = timedelta(days=7)
LONG_UNUSED = timedelta(days=30)
ENDS_SOON = timedelta(days=7)
UNFINISHED = (UploadState.READ, UploadState.CHECKING, UploadState.SENDING)
Part = str
"""A part of this door, by the name of its page: corrections, reviews, numbers, webhooks, keys or uploads."""


@dataclass(frozen=True)
class ToDo:
    """One thing that needs somebody: what, where it is done, and since or until when. ``late``: it should be done."""

    what: str
    part: Part
    why: str
    at: datetime | None = None
    late: bool = False


@dataclass(frozen=True)
class ForceHome:
    force: str
    to_do: tuple[ToDo, ...]
    latest: tuple[Line, ...]


def force_home(force_id: int, *, now: datetime) -> ForceHome:
    """Ten queries, however much there is."""
    to_do = (
        *_corrections(force_id),
        *_reviews(force_id, now=now),
        *_numbers(force_id),
        *_webhooks(force_id),
        *_keys(keys(force_id, now=now), now=now),
        *_uploads(force_id),
    )
    return ForceHome(force_name(force_id), to_do, latest_endings(force_id, most=LATEST))


def _corrections(force_id: int) -> Iterator[ToDo]:
    total, oldest = outstanding_since(force_id)
    if total:
        what = f"{_counted(total, 'correction')} to carry out in your own records"
        yield ToDo(what, "corrections", "The oldest was told", oldest, late=True)


def _reviews(force_id: int, *, now: datetime) -> Iterator[ToDo]:
    open_ones, due = _open_reviews(force_id)
    decided = _decided_reviews(force_id, since=now - NEWS)
    if decided:
        yield ToDo(f"{_counted(decided, 'review')} of a bar decided", "reviews", "In the last 7 days")
    if open_ones:
        what = f"{_counted(open_ones, 'review')} of a bar with the provider"
        yield ToDo(what, "reviews", "The next answer is due", due, late=due is not None and due < now)


def _open_reviews(force_id: int) -> tuple[int, datetime | None]:
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(BarReview.due_at))
        .join(Referral, Referral.id == BarReview.referral_id)
        .where(Referral.force_id == force_id, BarReview.decided_at.is_(None))
    ).one()
    return row[0], row[1]


def _decided_reviews(force_id: int, *, since: datetime) -> int:
    decided = (
        sa.select(sa.func.count())
        .select_from(BarReview)
        .join(Referral, Referral.id == BarReview.referral_id)
        .where(Referral.force_id == force_id, BarReview.decided_at >= since, BarReview.decision != OVERTAKEN)
    )
    return db.session.scalar(decided) or 0


def _numbers(force_id: int) -> Iterator[ToDo]:
    total, oldest = needed_since(force_id)
    if total:
        what = f"Another number is needed for {_counted(total, 'referral')}"
        yield ToDo(what, "numbers", "The first was asked for", oldest, late=True)


def _webhooks(force_id: int) -> Iterator[ToDo]:
    whys = {
        "failing": "Events do not get through. Nothing is lost: they wait, and the feed has them.",
        "disabled": "The address answered that it is gone. Add the new one.",
    }
    rows = db.session.execute(
        sa.select(WebhookEndpoint.url, WebhookEndpoint.state)
        .where(
            WebhookEndpoint.force_id == force_id,
            WebhookEndpoint.removed_at.is_(None),
            WebhookEndpoint.state.in_(whys),
        )
        .order_by(WebhookEndpoint.id)
    )
    for row in rows:
        yield ToDo(f"Webhook {row.state}: {row.url}", "webhooks", whys[row.state], late=True)


def _keys(keys: Iterable[Key], *, now: datetime) -> Iterator[ToDo]:
    for one in keys:
        if not one.live:
            continue
        if one.ended_at is not None and one.ended_at - now <= ENDS_SOON:
            used = one.last_used_at is not None and now - one.last_used_at < ENDS_SOON
            why = "Something still uses it. It ends" if used else "It ends"
            yield ToDo(f"API key “{one.name}” is about to end", "keys", why, one.ended_at, late=used)
        elif now - (one.last_used_at or one.made_at) > LONG_UNUSED:
            why = "Last used" if one.last_used_at is not None else "Never used. It was made"
            what = f"API key “{one.name}” is not used: end it if nothing needs it"
            yield ToDo(what, "keys", why, one.last_used_at or one.made_at)


def _uploads(force_id: int) -> Iterator[ToDo]:
    unfinished = sa.select(sa.func.count(), sa.func.min(Upload.read_at)).where(
        Upload.force_id == force_id, Upload.state.in_(UNFINISHED)
    )
    count, oldest = db.session.execute(unfinished).one()
    if count:
        yield ToDo(f"{_counted(count, 'upload')} not finished", "uploads", "The oldest was read", oldest)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
