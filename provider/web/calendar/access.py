"""Whose diary a calendar may read: whoever's link it knows."""

from __future__ import annotations

from typing import cast

from flask import abort, g, request

from provider.domain.accounts.calendar_links import whose_link
from provider.web.guard import door


def _link_works() -> None:
    """An unknown link, an ended one and one of a closed account are the same 404."""
    g.calendar_of = whose_link(str((request.view_args or {})["token"])) or abort(404)


link_works = door(_link_works)


def whose() -> int:
    """The account whose diary is asked for. Behind this door."""
    return cast("int", g.calendar_of)
