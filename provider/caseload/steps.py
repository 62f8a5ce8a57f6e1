"""What can be asked of somebody about a referral, where it is done, and which step a waiting task asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provider.domain.referrals.status import Status


class Go(StrEnum):
    """Where a step is done; the door knows the address of each."""

    TAKE = "take"
    MATCH = "match"
    CALL = "call"
    TEXTS = "texts"
    ARRIVED = "arrived"
    NUMBER = "number"
    WHOSE_TEXTS = "whose_texts"
    NEEDS = "needs"
    LETTERS = "letters"
    TASKS = "tasks"
    BOOK = "book"
    APPOINTMENT = "appointment"
    ASSESSMENT = "assessment"
    COURSE = "course"
    CLOSE = "close"
    REOPEN = "reopen"
    REVIEW = "review"


@dataclass(frozen=True)
class Step:
    """``words`` is what its link or button says; ``go`` None where there is only to wait."""

    words: str
    go: Go | None


TASK_STEPS = {
    "same_person": Step("Say who this is", Go.MATCH),
    "responsible_adult": Step("Ask who could be", Go.CALL),
    "call_me": Step("Ring them", Go.CALL),
    "wrong_person": Step("Check the number", Go.NUMBER),
    "link_locked": Step("Ring them", Go.CALL),
    "number_suspect": Step("Change the number", Go.NUMBER),
    "adult_number": Step("Decide who gets the texts", Go.WHOSE_TEXTS),
    "text_failed": Step("Ring them", Go.CALL),
    "text_unknown": Step("Say whether it arrived", Go.ARRIVED),
    "danger": Step("Read it and ring", Go.TEXTS),
    "reply": Step("Read it", Go.TEXTS),
    "letter": Step("Write it", Go.LETTERS),
    "letter_no_address": Step("Ring and ask", Go.CALL),
    "need": Step("Say how it is met", Go.NEEDS),
    "ladder_done": Step("Decide how it ends", Go.CLOSE),
    "safeguarding": Step("Read and acknowledge", Go.TASKS),
    "review_decided": Step("Read what was decided", Go.REVIEW),
}


def step_for_task(kind: str, *, status: Status, pathway: str | None) -> Step:
    """What a waiting task asks for. Every kind of task has one; ValueError for a kind that is none."""
    if kind == "rebook" and status in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED}:
        return Step("Book a new time", Go.BOOK)
    if kind in {"rebook", "place"}:
        return place_step(pathway)
    if kind not in TASK_STEPS:
        raise ValueError(f"{kind} is not a kind of task")
    return TASK_STEPS[kind]


def place_step(pathway: str | None) -> Step:
    """What follows the assessment: a call in the diary, or a place on a course."""
    if pathway in {"one_to_one", "structured_treatment"}:
        return Step("Book a time", Go.BOOK)
    return Step("Give a place", Go.COURSE)
