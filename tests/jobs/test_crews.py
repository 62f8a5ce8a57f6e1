"""Threads that take one thing after another: nothing put in is left undone, and no more than were asked for."""

from __future__ import annotations

import threading

from provider.jobs.crews import Crew


def test_what_was_put_in_is_done_before_it_is_left() -> None:
    done: list[int] = []

    def work() -> None:
        while (one := crew.take()) is not None:
            done.append(one)

    crew: Crew[int] = Crew("test", 4, work)
    with crew:
        crew.grow(100)
        for number in range(200):
            crew.put(number)
    assert sorted(done) == list(range(200))


def test_several_take_by_the_handful_and_each_hears_that_all_is_done() -> None:
    taken: list[list[int]] = []

    def work() -> None:
        while handful := crew.take_some(16):
            taken.append(list(handful))

    crew: Crew[int] = Crew("test", 3, work)
    with crew:
        for number in range(100):
            crew.put(number)
        crew.grow(3)
    assert sorted(number for handful in taken for number in handful) == list(range(100))
    assert max(len(handful) for handful in taken) <= 16


def test_there_are_never_more_threads_than_there_may_be() -> None:
    names: set[str] = set()

    def work() -> None:
        names.add(threading.current_thread().name)
        while crew.take() is not None:
            pass

    crew: Crew[int] = Crew("test", 2, work)
    with crew:
        crew.grow(1)
        crew.grow(50)
    assert 1 <= len(names) <= 2
