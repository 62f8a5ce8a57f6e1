"""What a screen tells the phone that it is read on, so that what is typed there outlives the tab and the signal."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from flask import redirect, request
from flask.typing import ResponseReturnValue

from provider.web.context import secret_box, signed_in

BRIEFLY = "X-Roadside"
"""Sent by ``roadside.js``, which sends a form without leaving its page."""


@dataclass(frozen=True)
class Phone:
    """``name``: under what the phone keeps this screen, which says whose it is. ``key`` opens it, and it alone.

    ``restore``: whether what was kept is put back, which an answer that shows what was just sent does not want.
    """

    name: str
    key: str | None
    restore: bool


def on_phone(token: str, screen: str, *, phone_key: str | None, restore: bool) -> Phone:
    key = secret_box().open(phone_key) if phone_key is not None else None
    return Phone(f"refer/{signed_in().account_id}/{token}/{screen}", key, restore)


def new_phone_key() -> str:
    """A new key of 256 bits, sealed."""
    return secret_box().seal(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def onward(address: str) -> ResponseReturnValue:
    """Go on to another page: by a redirect, or by telling the address to a page that sent its form by itself."""
    if BRIEFLY in request.headers:
        return "", 204, {"Location": address}
    return redirect(address)
