"""Why an appointment has another time: who asked, and one of a few reasons. What is written beside it stays here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AskedBy(StrEnum):
    PARTICIPANT = "participant"
    STAFF = "staff"
    SERVICE = "service"


class MovedBecause(StrEnum):
    PERSON_ASKED = "person_asked"
    WORKER_AWAY = "worker_away"
    SERVICE_FAULT = "service_fault"
    CLASH = "clash"
    OTHER = "other"


@dataclass(frozen=True)
class Why:
    """``words`` are for who works the case: no force and no participant reads them."""

    asked_by: AskedBy
    because: MovedBecause
    words: str | None = None

    @property
    def uses_a_move(self) -> bool:
        """Whether it is one of the moves that a scheme allows a person."""
        return self.asked_by == AskedBy.PARTICIPANT


THEY_ASKED = Why(AskedBy.PARTICIPANT, MovedBecause.PERSON_ASKED)
WORKER_AWAY = Why(AskedBy.SERVICE, MovedBecause.WORKER_AWAY)
OUR_FAULT = Why(AskedBy.SERVICE, MovedBecause.SERVICE_FAULT)
AS_IT_WAS = Why(AskedBy.STAFF, MovedBecause.OTHER)
"""It took place at another time than was agreed."""
