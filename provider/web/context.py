"""What a request knows: the moment it came, who it comes from, and the settings of this installation."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import current_app, g
from flask_login import current_user

from config import Settings
from provider.domain.accounts.secrets import SecretBox
from provider.domain.accounts.sign_in import SignedIn
from provider.domain.meetings.gateways import Meetings
from provider.kernel.actors import Actor


def now() -> datetime:
    """The moment of this request: read once, so that everything it does happened at one time."""
    if "now" not in g:
        g.now = current_app.extensions["clock"].now()
    return cast("datetime", g.now)


def settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])


def secret_box() -> SecretBox:
    return cast("SecretBox", current_app.extensions["secret_box"])


def makes_meetings() -> bool:
    """Whether Zoom makes meetings here, with a link for each person."""
    return isinstance(current_app.extensions["meeting_gateway"], Meetings)


def signed_in() -> SignedIn:
    """Who is signed in. Only behind a door that asks for it."""
    who = current_user._get_current_object()
    if not isinstance(who, SignedIn):
        raise RuntimeError("nobody is signed in: the door should have said so")
    return who


def signed_in_or_none() -> SignedIn | None:
    who = current_user._get_current_object() if current_user else None
    return who if isinstance(who, SignedIn) else None


def by() -> Actor:
    return signed_in().actor
