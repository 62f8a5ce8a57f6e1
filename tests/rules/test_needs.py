"""Needs: by which ways each is met, and in which sessions, as tables."""

from __future__ import annotations

import pytest

from provider.domain.needs.rules import WAYS, NeedKind, Setting, Standing, Way, met_in, met_on_the_phone

ONLINE = Setting(in_a_room=False, by_telephone=False)
WITH_DIAL_IN = Setting(in_a_room=False, by_telephone=True)
ROOM = Setting(in_a_room=True, by_telephone=False)


@pytest.mark.parametrize(
    ("kind", "way", "online", "dial_in", "room"),
    [
        ("no_mobile", None, False, False, True),
        ("no_mobile", "dial_in", False, True, True),
        ("no_mobile", "letter", False, False, True),
        ("no_data", None, False, False, True),
        ("no_data", "dial_in", False, True, True),
        ("no_data", "one_to_one", False, False, True),
        ("reading", None, True, True, True),
        ("reading", "call", True, True, True),
        ("no_private_place", None, False, False, True),
        ("no_private_place", "room", False, False, True),
        ("interpreter", None, False, False, False),
        ("interpreter", "interpreter", True, True, True),
        ("hearing", None, False, False, False),
        ("hearing", "room", False, False, True),
        ("hearing", "interpreter", True, True, True),
        ("other", None, False, False, False),
        ("other", "dial_in", False, True, False),
        ("other", "room", False, False, True),
    ],
)
def test_where_a_need_is_met(kind, way, online, dial_in, room):
    need = Standing(NeedKind(kind), Way(way) if way else None)
    assert [met_in(need, setting) for setting in (ONLINE, WITH_DIAL_IN, ROOM)] == [online, dial_in, room]


@pytest.mark.parametrize(
    ("kind", "way", "met"),
    [
        ("no_data", None, True),
        ("reading", None, True),
        ("no_mobile", None, False),
        ("no_mobile", "call", True),
        ("no_private_place", None, False),
        ("no_private_place", "room", True),
        ("interpreter", None, False),
        ("interpreter", "interpreter", True),
        ("hearing", "letter", False),
        ("other", None, False),
    ],
)
def test_who_could_be_spoken_to(kind, way, met):
    assert met_on_the_phone(Standing(NeedKind(kind), Way(way) if way else None)) == met


def test_every_need_can_be_met_and_everything_has_words():
    assert set(WAYS) == set(NeedKind)
    assert all(WAYS.values())
    assert all(one.label for one in (*NeedKind, *Way))
