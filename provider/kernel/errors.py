"""The three ways a request is answered with *no*. Anything else that is raised is a bug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class Refusal(Exception):
    """What was asked for is understood and cannot be done now.

    ``code`` is stable and for machines; ``sentence`` is one sentence that a person can act on. Each refusal is a
    subclass that stands beside the function raising it.
    """

    code: str = "refused"
    sentence: str = "That cannot be done."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        super().__init__(self.sentence)


@dataclass(frozen=True)
class FieldError:
    """One fault in what was sent: ``pointer`` as in ``/person/date_of_birth``; nothing that was sent is repeated."""

    pointer: str
    code: str
    detail: str


class Invalid(Exception):
    """What was sent is not valid; ``errors`` holds every fault at once, in the order of the fields."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__(", ".join(f"{error.pointer} {error.code}" for error in self.errors))


class NotFound(Exception):
    """There is no such record for whoever asks: another's record and a missing one look the same."""
