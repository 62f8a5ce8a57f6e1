"""How many parts a text is sent in: the edges of both alphabets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.messaging.segments import BASIC, EXTENSION, count, is_gsm, to_gsm

WAVE = "\N{WAVING HAND SIGN}"
BROWN = "\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"


@pytest.mark.parametrize(
    ("body", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("a" * 459, "GSM-7", 459, 3),
        ("a" * 460, "GSM-7", 460, 4),
        ("a" * 158 + "€", "GSM-7", 160, 1),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("€" * 152, "GSM-7", 304, 2),
        ("€" * 153, "GSM-7", 306, 3),
        ("é" * 160, "GSM-7", 160, 1),
        ("line\nline", "GSM-7", 9, 1),
        ("ŵ" * 70, "UCS-2", 70, 1),
        ("ŵ" * 71, "UCS-2", 71, 2),
        ("ŷ" * 134, "UCS-2", 134, 2),
        ("ŷ" * 135, "UCS-2", 135, 3),
        ("a" * 69 + "ŵ", "UCS-2", 70, 1),
        ("a" * 70 + "ŵ", "UCS-2", 71, 2),
        ("a" * 69 + "’", "UCS-2", 70, 1),
        (WAVE, "UCS-2", 2, 1),
        (WAVE + BROWN, "UCS-2", 4, 1),
        (WAVE * 35, "UCS-2", 70, 1),
        (WAVE * 36, "UCS-2", 72, 2),
        (WAVE * 66, "UCS-2", 132, 2),
        (WAVE * 67, "UCS-2", 134, 3),
        ((WAVE + BROWN) * 17, "UCS-2", 68, 1),
        ((WAVE + BROWN) * 18, "UCS-2", 72, 2),
        ("a\tb", "UCS-2", 3, 1),
        ("`", "UCS-2", 1, 1),
    ],
)
def test_a_body_is_counted_as_the_network_counts_it(body, encoding, units, parts):
    found = count(body)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


@pytest.mark.parametrize("character", sorted(EXTENSION))
def test_each_extension_character_takes_two(character):
    assert count(character).units == 2
    assert count("a" * 159 + character).parts == 2
    assert count("a" * 158 + character).parts == 1


def test_the_alphabet_is_the_whole_of_gsm_and_no_more():
    assert len(BASIC) == 127
    assert set("\f^{}\\[~]|€") == EXTENSION
    assert BASIC.isdisjoint(EXTENSION)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Sam’s “plan” – now — or never…", 'Sam\'s "plan" - now - or never...'),
        ("O‘Neil", "O'Neil"),
        ("a\u00a0b\u202fc\td", "a b c d"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("Zoe\u0301", "Zoé"),
        ("Siân Ŵ", "Siân Ŵ"),
        ("plain", "plain"),
    ],
)
def test_typography_is_replaced_and_letters_never_are(typed, sent):
    assert to_gsm(typed) == sent


@given(st.text(max_size=400))
def test_counting_never_fails_and_parts_hold_the_units(body):
    found = count(body)
    one, more = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    assert (found.parts == 1) == (found.units <= one)
    assert found.units <= max(one, found.parts * more)
    assert found.units >= len(body)


@given(st.text(alphabet=sorted(BASIC | EXTENSION), max_size=400))
def test_gsm_text_stays_gsm(body):
    assert is_gsm(body)
    assert is_gsm(to_gsm(body))
