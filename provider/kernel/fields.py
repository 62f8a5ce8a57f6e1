"""What may stand in a field of a JSON body: text of a length, a date, a moment, yes or no.

Each refuses what is merely convertible: a number is never text, a date or a yes. Text has been stripped by
``parsing.cleaned``; empty text has become null there.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+-]\d{2}:[0-5]\d)?", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def fault(code: str, sentence: str) -> PydanticCustomError:
    """A fault at the field being read, with one of the contract's codes."""
    return PydanticCustomError(code, sentence)  # type: ignore[arg-type]
