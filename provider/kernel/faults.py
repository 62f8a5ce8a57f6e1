"""A fault as it may stand in a log: what kind it is and where it happened, without the values that were at hand."""

from __future__ import annotations

import logging
from typing import Any


def note_fault(log: logging.Logger, sentence: str, fault: BaseException, **about: int | str) -> None:
    """Log a fault. Its message is left out: it may repeat a name or a number, as a driver's or a parser's does."""
    bare: Any = (type(fault), None, fault.__traceback__)
    log.error("%s: %s", sentence, type(fault).__name__, extra=about, exc_info=bare)
