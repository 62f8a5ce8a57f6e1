"""Who did it: one small value that every change carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """An account, a force's API key, a person by their link, or the system itself."""

    kind: Literal["account", "key", "participant", "system"]
    id: int | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @property
    def account_id(self) -> int:
        """The account behind this actor. Raises ValueError for any other kind: only a named person may do that."""
        if self.kind != "account" or self.id is None:
            raise ValueError(f"{self} is not an account")
        return self.id


SYSTEM = Actor("system")
