"""Restricted people are masked wherever they would be shown, except to those named as their readers."""

from __future__ import annotations

import sqlalchemy as sa

from provider.domain.people.models import Person, RestrictedReader

MASKED = "Restricted record"


def readable_by(account_id: int) -> sa.ColumnElement[bool]:
    """Whether the account may read the ``Person`` of this row: for a SELECT that has ``Person`` in it."""
    named = sa.exists().where(
        RestrictedReader.person_id == Person.id, RestrictedReader.account_id == account_id
    )
    return sa.or_(Person.restricted.is_(False), named)


def shown_name(given_name: str, family_name: str, *, readable: bool) -> str:
    """A name as a list shows it."""
    return f"{given_name} {family_name}" if readable else MASKED
