"""Stays worked out from what was told: each once, whoever told it, however often, in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.meetings.presence import minutes_present
from provider.domain.meetings.stays import Fact, Source, Stay, stays_of

START = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def fact(
    came: float | None,
    left: float | None,
    *,
    source: Source = "webhook",
    device: str | None = "1",
    name: str = "Sam E",
    run: str | None = "A",
    link: str | None = None,
    email: str | None = None,
    minutes: int = 0,
    waiting: bool = False,
    number: int = 0,
) -> Fact:
    return Fact(
        number,
        source,
        name,
        None,
        email,
        link,
        run,
        device,
        at(came) if came is not None else None,
        at(left) if left is not None else None,
        minutes,
        waiting,
    )


def report(came: float, left: float, **more) -> Fact:
    return fact(came, left, source="report", **more)


def line(came: float, left: float, **more) -> Fact:
    """A line of a file, which knows neither device nor run."""
    return fact(came, left, source="file", **{"device": None, "run": None, **more})


def spans(stays: tuple[Stay, ...]) -> list[tuple[float | None, float | None]]:
    def minute(moment: datetime | None) -> float | None:
        return None if moment is None else round((moment - START) / timedelta(minutes=1), 2)

    return [(minute(stay.joined_at), minute(stay.left_at)) for stay in stays]


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ([], []),
        ([fact(0, None)], [(0, None)]),
        ([fact(0, None), fact(None, 30)], [(0, 30)]),
        ([fact(None, 30)], []),
        ([fact(0, None), fact(None, 30), fact(40, None), fact(None, 90)], [(0, 30), (40, 90)]),
        ([fact(0, None), fact(0, None), fact(None, 30), fact(None, 30)], [(0, 30)]),
        ([fact(0, None), fact(None, 30), fact(30, None)], [(0, 30), (30, None)]),
        ([fact(0, None), fact(None, 0)], [(0, 0)]),
        (
            [fact(0, None, device="1"), fact(5, None, device="2"), fact(None, 30, device="1")],
            [(0, 30), (5, None)],
        ),
        ([fact(0, None, run="A"), fact(20, None, run="B"), fact(None, 30, run="B")], [(0, None), (20, 30)]),
        ([fact(0, None, waiting=True), fact(5, None), fact(None, 5, waiting=True)], [(0, 5), (5, None)]),
        ([fact(0, None), report(0.5, 60)], [(0.5, 60)]),
        ([fact(0, None), fact(None, 59), report(0, 60), line(0, 60)], [(0, 60)]),
        ([fact(0, None), line(0.9, 60)], [(0, 60)]),
        ([fact(0, None), line(2, 60)], [(0, None), (2, 60)]),
        ([fact(0, None), line(0, 60, name="Kim O")], [(0, None), (0, 60)]),
        ([fact(0, None, email="a@in.example"), line(0, 60, name="x", email="a@in.example")], [(0, 60)]),
        ([report(0, 60, link="r1"), fact(0, None, link="r2", device="2")], [(0, 60), (0, None)]),
        ([line(0, 60), line(0, 60)], [(0, 60), (0, 60)]),
        ([fact(0, None), line(0, 60), line(0, 60)], [(0, 60), (0, 60)]),
        ([fact(None, None, source="file", device=None, minutes=40)], [(None, None)]),
        ([fact(None, None, source="file", device=None, minutes=40), fact(0, None)], [(0, None)]),
    ],
)
def test_each_stay_comes_out_once(told, stays):
    assert spans(stays_of(told)) == stays


def test_what_is_told_twice_carries_the_ids_of_both():
    (stay,) = stays_of(
        [fact(0, None, number=1), fact(None, 60, number=2), report(0, 60, number=3), line(0, 60, number=4)]
    )
    assert sorted(stay.facts) == [1, 2, 3, 4]


def test_nobody_stays_in_a_run_that_is_over():
    told = [fact(0, None, run="A"), fact(70, None, run="B", device="2")]
    assert spans(stays_of(told, ended={"A": at(60)})) == [(0, 60), (70, None)]


def test_every_order_of_a_restart_told_by_three_gives_the_same():
    told = [
        fact(0, None),
        fact(None, 30),
        fact(40, None, run="B"),
        fact(None, 90, run="B"),
        report(0, 30),
        line(40, 90),
    ]
    assert {tuple(spans(stays_of(order))) for order in permutations(told)} == {((0, 30), (40, 90))}


@st.composite
def visits(draw) -> list[tuple[str, int, int]]:
    """Who was there from when to when, by device: in turns of their own, a minute and more apart."""
    found = []
    for device in ("1", "2", "3"):
        minute = draw(st.integers(0, 20))
        for _ in range(draw(st.integers(0, 4))):
            stays = draw(st.integers(1, 30))
            found.append((device, minute, minute + stays))
            minute += stays + draw(st.integers(2, 20))
    return found


@given(visits(), st.data())
def test_any_mix_of_sources_duplicates_and_orders_gives_the_minutes_that_were_spent(visits, data):
    told: list[Fact] = []
    for device, came, left in visits:
        how = {"device": device, "name": f"Person {device}"}
        halves = [fact(came, None, **how), fact(None, left, **how)]
        whole = [report(came, left, **how), line(came, left, name=f"Person {device}")]
        told += data.draw(st.sampled_from([halves, whole[:1], whole[1:], halves + whole, halves + whole[1:]]))
    told += data.draw(st.lists(st.sampled_from(told), max_size=5)) if told else []
    # One source tells nothing twice in one row: the ledger keeps what is told once.
    once = list(dict.fromkeys(told))
    stays = stays_of(data.draw(st.permutations(once)))
    assert len(stays) == len(visits)
    for device in ("1", "2", "3"):
        spent = sum(left - came for which, came, left in visits if which == device)
        mine = [stay for stay in stays if stay.name == f"Person {device}"]
        assert minutes_present(mine, start=START, end=at(999)) == spent
