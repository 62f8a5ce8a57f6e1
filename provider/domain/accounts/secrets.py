"""Random tokens that are kept only as hashes, and secrets that must be read again and so are encrypted."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet

from provider.kernel.tokens import new_token, token_hash

__all__ = ["SecretBox", "new_token", "token_hash"]


class SecretBox:
    """Encrypts with the newest of the data keys and reads what any of them wrote, so that keys can be rotated."""

    def __init__(self, data_keys: str) -> None:
        keys = [key.strip() for key in data_keys.split(",") if key.strip()]
        self._box = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def seal(self, secret: str) -> str:
        return self._box.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        return self._box.decrypt(sealed.encode()).decode()


def _fernet_key(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
