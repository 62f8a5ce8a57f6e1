"""References can be said, typed badly, and are never mistaken for another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.kernel.references import ALPHABET, new_reference, normal_reference


def test_a_reference_has_no_look_alike_and_no_vowel() -> None:
    assert not set(ALPHABET) & set("01258ABEILOSUVYZ") - {"2"}
    drawn = {new_reference() for _ in range(2000)}
    assert len(drawn) == 2000
    assert all(re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference) for reference in drawn)


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-2X4D",
        "k7qm2x4d",
        " k7qm 2x4d ",
        "K7QM–2X4D",
        "k7-qm-2x-4d",
        "K7QM\t2X4D\n",
        "Ｋ7QM-2X4D",
        "K7QM/2X4D",
    ],
)
def test_what_people_type_finds_the_reference(typed: str) -> None:
    assert normal_reference(typed) == "K7QM-2X4D"


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM-2X4O", "K7QM-2X4D9", "ß7QM2X4D", "K7QM-2X4D" + " " * 60])
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    assert normal_reference(typed) is None


@given(st.text())
def test_any_text_at_all_is_answered(typed: str) -> None:
    found = normal_reference(typed)
    assert found is None or normal_reference(found) == found
