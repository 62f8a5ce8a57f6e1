"""What a correction asks of a force's own records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from provider.domain.compliance.corrections import Said, said_by, to_change

LOG = "The person did not take part."
BARRED = Said("not_engaged", "none", may_reoffer=False, bar_until=date(2027, 11, 24), log=LOG)


@pytest.mark.parametrize(
    ("now", "to_do"),
    [
        ({}, []),
        ({"may_reoffer": True, "bar_until": None}, ["Take the bar out: it may be offered again."]),
        ({"log": None}, ["Take the intelligence log out of your system."]),
        ({"log": "Another one."}, ["Take the intelligence log out of your system."]),
        (
            {
                "outcome": "completed",
                "level": "intervention",
                "may_reoffer": True,
                "bar_until": None,
                "log": None,
            },
            [
                "Take the intelligence log out of your system.",
                "Change the outcome from “Not engaged” to “Completed”.",
                "Change the level from “None” to “Intervention”.",
                "Take the bar out: it may be offered again.",
            ],
        ),
        (
            {"bar_until": date(2027, 12, 1)},
            ["The bar has another end: it may not be offered again until 1 December 2027."],
        ),
    ],
)
def test_each_difference_is_one_thing_to_do(now: dict[str, Any], to_do: list[str]) -> None:
    assert list(to_change(BARRED, replace(BARRED, **now))) == to_do


@pytest.mark.parametrize(("until", "said"), [(date(2027, 1, 1), " until 1 January 2027."), (None, ".")])
def test_a_bar_that_was_not_there_before_is_one_too(until: date | None, said: str) -> None:
    completed = Said("completed", "assessment", may_reoffer=True, bar_until=None, log=None)
    now = replace(completed, may_reoffer=False, bar_until=until)
    assert list(to_change(completed, now)) == [f"It may not be offered again{said}"]


def test_an_event_is_read_as_it_was_told() -> None:
    compliance = {
        "level": "none",
        "outcome": "not_engaged",
        "may_reoffer": False,
        "bar_until": "2027-11-24",
        "rule": "divert-adult v1",
    }
    said = said_by(compliance, {"text": LOG, "reason": "declined"})
    assert said == replace(BARRED, log_reason="declined")
    assert said_by({**compliance, "bar_until": None}, None) == replace(BARRED, bar_until=None, log=None)
