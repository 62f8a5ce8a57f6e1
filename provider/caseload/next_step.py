"""The one thing to do next about a referral: decided from where it stands, shown at the top of its page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from provider.caseload.steps import TASK_STEPS, Go, Step, place_step, step_for_task
from provider.domain.referrals.status import ENDED, Status

CALL_OPENS = timedelta(minutes=15)


@dataclass(frozen=True)
class NextStep:
    """``sentence`` says how things stand, and the step what to do about it. ``at``: the moment it speaks of."""

    sentence: str
    step: Step
    at: datetime | None = None
    why: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Booked:
    """An appointment that is in the diary."""

    kind: str
    starts_at: datetime


@dataclass(frozen=True)
class Standing:
    """What the next step hangs on. ``to_record``: an assessment took place, which counts once it is recorded."""

    status: Status
    taken: bool
    tasks: Collection[str]
    first_contact_due: datetime | None
    next_call_at: datetime | None
    next_call_why: str | None
    appointment: Booked | None
    session_at: datetime | None
    pathway: str | None
    may_reopen: bool
    to_record: bool = False


def next_step(standing: Standing, *, now: datetime) -> NextStep:
    """The one thing to do now, or what is being waited for."""
    if standing.status == Status.HELD:
        return NextStep("The force is waiting: is this somebody we know?", TASK_STEPS["same_person"])
    if standing.to_record and standing.status == Status.ACCEPTED:
        step = Step("Record the assessment", Go.ASSESSMENT)
        return NextStep("The assessment took place. It is still to be recorded.", step)
    if not standing.taken and standing.status in _BEFORE_THE_CALL:
        due = standing.first_contact_due
        late = due is not None and due < now
        return NextStep(
            "Nobody has taken this referral. First contact is due:",
            Step("Take it on", Go.TAKE),
            due,
            late=late,
        )
    return _of_status(standing, now=now)


_BEFORE_THE_CALL = frozenset({Status.ACCEPTED, Status.ASSESSMENT_BOOKED})


def _of_status(standing: Standing, *, now: datetime) -> NextStep:
    if standing.appointment is not None:
        return _appointment(standing.appointment, ended=standing.status in ENDED, now=now)
    if standing.status in _BEFORE_THE_CALL:
        return _calling(standing, now=now)
    if standing.status == Status.ASSESSED:
        return NextStep("The assessment is done.", place_step(standing.pathway))
    if standing.status == Status.WAITING:
        return NextStep("On the waiting list for a place.", Step("Look for a place", Go.COURSE))
    if standing.status == Status.PLACED:
        return NextStep("Has a place in a session:", Step("See the place", Go.COURSE), standing.session_at)
    if standing.may_reopen:
        return NextStep(
            "This has ended. If they come back now, it can be opened again.", Step("Reopen", Go.REOPEN)
        )
    return NextStep("This has ended: there is nothing to do.", Step("", None))


def _appointment(booked: Booked, *, ended: bool, now: datetime) -> NextStep:
    first = booked.kind == "assessment"
    if ended and booked.starts_at <= now:
        step = Step("Say how it went", Go.APPOINTMENT)
        return NextStep("This has ended. How a call before went is still to be said:", step, booked.starts_at)
    if booked.starts_at - CALL_OPENS > now:
        what = "Assessment booked:" if first else "Call booked:"
        return NextStep(what, Step("Move or call off", Go.APPOINTMENT), booked.starts_at)
    late = booked.starts_at + CALL_OPENS < now
    if first:
        step = Step("Ring now and record the assessment", Go.ASSESSMENT)
        return NextStep("Assessment call:", step, booked.starts_at, late=late)
    return NextStep("Call:", Step("Say how it went", Go.APPOINTMENT), booked.starts_at, late=late)


def _calling(standing: Standing, *, now: datetime) -> NextStep:
    for kind in ("number_suspect", "wrong_person", "ladder_done", "rebook", "call_me"):
        if kind in standing.tasks:
            return _from_task(kind, standing)
    if standing.next_call_at is None:
        return NextStep(
            "Calling is over for now.", Step("Decide how it ends", Go.CLOSE), why=standing.next_call_why
        )
    if standing.next_call_at > now:
        step = Step("Record a call", Go.CALL)
        return NextStep("Ring them next:", step, standing.next_call_at, standing.next_call_why)
    return NextStep(
        "Ring them now. Due:", Step("Ring now", Go.CALL), standing.next_call_at, standing.next_call_why
    )


def _from_task(kind: str, standing: Standing) -> NextStep:
    sentences = {
        "number_suspect": "The number may not work, or not be theirs. Find another, or decide how it ends.",
        "wrong_person": "Somebody says that the number is not theirs.",
        "ladder_done": "Every call has been tried.",
        "rebook": "They missed a call: offer a new time at once.",
        "call_me": "They asked to be rung.",
    }
    step = step_for_task(kind, status=standing.status, pathway=standing.pathway)
    return NextStep(sentences[kind], step, why=standing.next_call_why, late=kind in {"rebook", "call_me"})
