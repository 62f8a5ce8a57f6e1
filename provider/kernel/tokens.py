"""Random tokens that whoever holds them proves themselves by; only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """A token nobody can guess: 256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored instead of a token. Fast on purpose: the token itself cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
