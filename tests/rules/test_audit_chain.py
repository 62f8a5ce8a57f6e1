"""The hash chain over the trail: any change is found, at its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.audit.chain import GENESIS, SealedEntry, canonical, seal, verify

AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


def chain(*entries: dict[str, Any]) -> list[SealedEntry]:
    sealed: list[SealedEntry] = []
    for sequence, entry in enumerate(entries, start=1):
        sealed.append(SealedEntry(sequence, entry, seal(sealed[-1].hash if sealed else GENESIS, entry)))
    return sealed


def some(count: int = 4) -> list[SealedEntry]:
    return chain(*({"id": number, "at": AT, "action": "person.viewed"} for number in range(1, count + 1)))


@pytest.mark.parametrize("count", [0, 1, 4])
def test_an_untouched_chain_holds(count):
    entries = some(count)
    assert verify(entries) is None
    assert verify(entries, last=entries[-1].hash if entries else GENESIS) is None


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_changed_entry_is_found_where_it_is(place):
    entries = some()
    entries[place] = replace(entries[place], entry={**entries[place].entry, "action": "nothing"})
    found = verify(entries)
    assert found is not None
    assert found.at == place + 1


@pytest.mark.parametrize("value", [1.5, AT.replace(tzinfo=None), object()])
def test_an_entry_changed_into_what_cannot_be_sealed_is_found_too(value):
    entries = some()
    entries[1] = replace(entries[1], entry={**entries[1].entry, "at": value})
    assert (found := verify(entries)) is not None
    assert found.at == 2


@pytest.mark.parametrize("forged", ["", "x" * 64, "é" * 64])
def test_a_seal_that_is_none_is_found(forged):
    entries = some()
    entries[1] = replace(entries[1], hash=forged)
    assert (found := verify(entries)) is not None
    assert found.at == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_removed_entry_is_found_also_when_the_rest_is_renumbered(place):
    entries = some()
    del entries[place]
    assert (found := verify(entries)) is not None
    assert found.at == place + 1
    renumbered = [replace(entry, sequence=number) for number, entry in enumerate(entries, start=1)]
    assert (found := verify(renumbered)) is not None
    assert found.at == place + 1


def test_an_entry_slipped_in_or_moved_is_found():
    entries = some()
    swapped = [entries[0], replace(entries[2], sequence=2), replace(entries[1], sequence=3), entries[3]]
    assert (found := verify(swapped)) is not None
    assert found.at == 2
    slipped = [
        *entries[:2],
        replace(entries[1], sequence=3),
        *(replace(e, sequence=e.sequence + 1) for e in entries[2:]),
    ]
    assert (found := verify(slipped)) is not None
    assert found.at == 3


def test_a_forged_seal_breaks_the_next_one():
    entries = some()
    forged = {"id": 2, "at": AT, "action": "nothing"}
    entries[1] = SealedEntry(2, forged, seal(entries[0].hash, forged))
    assert (found := verify(entries)) is not None
    assert found.at == 3


def test_an_end_cut_off_is_found_where_the_last_seal_is_known():
    entries = some()
    assert verify(entries[:2]) is None
    assert (found := verify(entries[:2], last=entries[-1].hash)) is not None
    assert found.at == 3
    assert (found := verify([], last=entries[-1].hash)) is not None
    assert found.at == 1


def test_a_stretch_can_be_verified_by_itself():
    entries = some()
    assert verify(entries[2:], after=entries[1].hash, first=3) is None
    assert verify(entries[2:], after=entries[0].hash, first=3) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        ({"at": AT}, {"at": AT.astimezone(timezone(timedelta(hours=5)))}),
        ({"at": AT}, {"at": "2026-11-20T21:40:00.000000+00:00"}),
        ({"on": date(2026, 11, 20)}, {"on": "2026-11-20"}),
    ],
)
def test_equal_values_have_one_spelling(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({"a": ["b"]}, {"a": "b"}),
        ({"a": "é"}, {"a": "e\u0301"}),
        ({"a": {"b": "c"}}, {"a": "b", "b": "c"}),
    ],
)
def test_different_values_have_different_spellings(one, other):
    assert canonical(one) != canonical(other)


def test_the_seal_itself_stays_as_it_is_for_good():
    entry = {
        "id": 1,
        "at": AT,
        "actor": "account:7",
        "detail": {"to": "accepted", "n": 3, "ok": True, "x": None},
    }
    assert canonical(entry) == (
        '{"actor":"account:7","at":"2026-11-20T21:40:00.000000+00:00",'
        '"detail":{"n":3,"ok":true,"to":"accepted","x":null},"id":1}'
    )
    assert seal(GENESIS, entry) == "d181f1bae1167c94ece4ad3527edda3b53978e0b230d4c013d609e69c5d3b9dc"


@pytest.mark.parametrize("value", [1.5, float("nan"), b"x", {1, 2}, object()])
def test_what_has_no_canonical_form_is_a_bug(value):
    with pytest.raises(TypeError):
        seal(GENESIS, {"a": value})


def test_a_naive_moment_a_key_that_is_no_word_and_a_false_seal_are_bugs():
    with pytest.raises(ValueError, match="offset"):
        seal(GENESIS, {"at": AT.replace(tzinfo=None)})
    with pytest.raises(TypeError, match="words"):
        canonical({1: 2})
    with pytest.raises(ValueError, match="hex"):
        seal("", {})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), min_size=1, max_size=6)


@given(ENTRIES, st.data())
def test_any_chain_holds_and_any_change_to_it_is_found(entries, data):
    sealed = chain(*entries)
    assert verify(sealed) is None
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] = replace(sealed[place], entry={**sealed[place].entry, "changed": 1, "by": "me"})
    if canonical(sealed[place].entry) != canonical(entries[place]):
        assert (found := verify(sealed)) is not None
        assert found.at == place + 1
