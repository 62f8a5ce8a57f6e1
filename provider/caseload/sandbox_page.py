"""The texts of the sandbox, as the phones they arrived on show them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.models import SandboxText
from provider.domain.messaging.segments import count
from provider.kernel.database import db

PHONES = 30
TEXTS = 20
_LINK = re.compile(r"https?://\S+/p/[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: words, or an address that can be followed."""

    words: str
    is_link: bool


@dataclass(frozen=True)
class ShownText:
    pieces: tuple[Piece, ...]
    parts: int
    at: datetime
    from_person: bool = False


@dataclass(frozen=True)
class Phone:
    number: str
    texts: tuple[ShownText, ...]
    total: int


@dataclass(frozen=True)
class SandboxPage:
    """``number`` is the phone asked for, or none for the phones that something arrived on last."""

    number: str
    phones: tuple[Phone, ...]
    total: int


def sandbox_page(*, number: str) -> SandboxPage:
    """The phones with their newest texts, the phone that got one last at the top; or one phone with more of them."""
    last = sa.func.max(SandboxText.id).label("last")
    rows = sa.select(SandboxText.to_e164, sa.func.count().label("total"), last).group_by(SandboxText.to_e164)
    if number:
        rows = rows.where(SandboxText.to_e164 == number)
    phones = db.session.execute(rows.order_by(last.desc()).limit(PHONES)).all()
    texts = _newest([phone.to_e164 for phone in phones], 500 if number else TEXTS)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(SandboxText)) or 0
    return SandboxPage(
        number,
        tuple(Phone(row.to_e164, tuple(texts.get(row.to_e164, ())), row.total) for row in phones),
        total,
    )


def _newest(numbers: Sequence[str], each: int) -> dict[str, list[ShownText]]:
    place = sa.func.row_number().over(partition_by=SandboxText.to_e164, order_by=SandboxText.id.desc())
    ranked = (
        sa.select(SandboxText.id, place.label("place")).where(SandboxText.to_e164.in_(numbers)).subquery()
    )
    rows = db.session.scalars(
        sa.select(SandboxText)
        .join(ranked, ranked.c.id == SandboxText.id)
        .where(ranked.c.place <= each)
        .order_by(SandboxText.id.desc())
    )
    found: dict[str, list[ShownText]] = {}
    for row in rows:
        shown = ShownText(_pieces(row.body), count(row.body).parts, row.arrived_at)
        found.setdefault(row.to_e164, []).append(shown)
    return found


def _pieces(body: str) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for match in _LINK.finditer(body):
        pieces += [Piece(body[at : match.start()], False), Piece(match[0], True)]
        at = match.end()
    return (*pieces, Piece(body[at:], False))
