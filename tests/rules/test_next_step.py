"""The one thing to do next, decided from where a referral stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from provider.caseload.next_step import Booked, Standing, next_step
from provider.caseload.steps import Go, step_for_task
from provider.domain.contact.tasks import DONE_BY_HAND, KINDS, OUTLIVES_THE_CASE
from provider.domain.referrals.status import ENDED, Status
from provider.web.staff.ways import way_to
from tests.fakes import A_TUESDAY

NOW = A_TUESDAY
IN_AN_HOUR, AN_HOUR_AGO = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
TAKEN = Standing(
    status=Status.ACCEPTED,
    taken=True,
    tasks=frozenset(),
    first_contact_due=IN_AN_HOUR,
    next_call_at=AN_HOUR_AGO,
    next_call_why="First call.",
    appointment=None,
    session_at=None,
    pathway=None,
    may_reopen=False,
)


@pytest.mark.parametrize(
    ("standing", "go", "late"),
    [
        (replace(TAKEN, status=Status.HELD), Go.MATCH, False),
        (replace(TAKEN, taken=False), Go.TAKE, False),
        (replace(TAKEN, taken=False, first_contact_due=AN_HOUR_AGO), Go.TAKE, True),
        (TAKEN, Go.CALL, False),
        (replace(TAKEN, next_call_at=IN_AN_HOUR), Go.CALL, False),
        (replace(TAKEN, next_call_at=None), Go.CLOSE, False),
        (replace(TAKEN, tasks={"call_me", "number_suspect"}), Go.NUMBER, False),
        (replace(TAKEN, tasks={"ladder_done"}), Go.CLOSE, False),
        (replace(TAKEN, tasks={"rebook", "call_me"}), Go.BOOK, True),
        (replace(TAKEN, appointment=Booked("assessment", IN_AN_HOUR)), Go.APPOINTMENT, False),
        (
            replace(TAKEN, appointment=Booked("assessment", NOW + timedelta(minutes=10))),
            Go.ASSESSMENT,
            False,
        ),
        (replace(TAKEN, appointment=Booked("assessment", AN_HOUR_AGO)), Go.ASSESSMENT, True),
        (replace(TAKEN, appointment=Booked("one_to_one", AN_HOUR_AGO)), Go.APPOINTMENT, True),
        (
            replace(TAKEN, status=Status.WITHDRAWN, appointment=Booked("assessment", AN_HOUR_AGO)),
            Go.APPOINTMENT,
            False,
        ),
        (replace(TAKEN, tasks={"rebook"}, to_record=True), Go.ASSESSMENT, False),
        (replace(TAKEN, status=Status.ASSESSED, pathway="group_course"), Go.COURSE, False),
        (replace(TAKEN, status=Status.ASSESSED, pathway="one_to_one"), Go.BOOK, False),
        (replace(TAKEN, status=Status.ASSESSED, pathway="structured_treatment"), Go.BOOK, False),
        (replace(TAKEN, status=Status.WAITING), Go.COURSE, False),
        (replace(TAKEN, status=Status.PLACED, session_at=IN_AN_HOUR), Go.COURSE, False),
        (replace(TAKEN, status=Status.NOT_ENGAGED, may_reopen=True), Go.REOPEN, False),
        (replace(TAKEN, status=Status.COMPLETED), None, False),
    ],
)
def test_there_is_one_thing_to_do(standing: Standing, go: Go | None, late: bool) -> None:
    step = next_step(standing, now=NOW)
    assert (step.step.go, step.late) == (go, late)
    assert step.sentence


@pytest.mark.parametrize("status", sorted(Status))
def test_every_status_has_a_next_step(status: Status) -> None:
    step = next_step(replace(TAKEN, status=status), now=NOW)
    assert (step.step.go is None) == (status in ENDED)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_task_leads_somewhere_at_every_status(kind: str) -> None:
    for status in Status:
        for pathway in (None, "group_course", "one_to_one"):
            assert step_for_task(kind, status=status, pathway=pathway).go


def test_a_kind_that_is_none_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not a kind"):
        step_for_task("nonsense", status=Status.ACCEPTED, pathway=None)
    assert set(KINDS) >= DONE_BY_HAND | OUTLIVES_THE_CASE


@pytest.mark.parametrize("go", sorted(Go))
def test_every_step_has_an_address(app: Flask, go: Go) -> None:
    with app.test_request_context():
        assert "K7QM-2X4D" in way_to(go, "K7QM-2X4D")
