"""A fault as it may stand in a log: what kind it is and where it happened, without the values that were at hand."""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger("provider.jobs")


def note_fault(sentence: str, fault: BaseException, **about: int | str) -> None:
    """Log a fault. Its message is left out: it may repeat a name or a number, as a database driver's does."""
    bare: Any = (type(fault), None, fault.__traceback__)
    log.error("%s: %s", sentence, type(fault).__name__, extra=about, exc_info=bare)
