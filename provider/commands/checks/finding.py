"""One line of the doctor's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """``missing`` is not set and need not be; ``doubtful`` works and may not be meant; ``wrong`` has to be mended."""

    OK = "ok"
    MISSING = "missing"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    name: str
    state: State
    words: str
