"""How many parts a text is sent in: a table worked out by hand from GSM 03.38, and what holds for every text.

A part of its own holds 160 septets or 70 UTF-16 units; parts that belong together hold 153 or 67 each, because six
bytes of each say which part it is. What is two units, an escaped character or a picture, is never torn apart.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.messaging.segments import BASIC, EXTENSION, beyond_gsm, count, is_gsm, to_gsm

WAVE = "\N{WAVING HAND SIGN}"
BROWN = "\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
JOINER = "\N{ZERO WIDTH JOINER}"
HEART = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"
WOMAN, LAPTOP = "\N{WOMAN}", "\N{PERSONAL COMPUTER}"
FAMILY = JOINER.join(("\N{MAN}", "\N{WOMAN}", "\N{GIRL}", "\N{BOY}"))
UK = "\N{REGIONAL INDICATOR SYMBOL LETTER G}\N{REGIONAL INDICATOR SYMBOL LETTER B}"
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
KEYCAP = "1\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"
WELSH = "Mae'r tŷ ger y dŵr; pob hwyl i chi, a chân ar y ffôn heno."

GSM = [
    ("", 0, 1),
    ("a", 1, 1),
    ("a" * 159, 159, 1),
    ("a" * 160, 160, 1),
    ("a" * 161, 161, 2),
    ("a" * 305, 305, 2),
    ("a" * 306, 306, 2),
    ("a" * 307, 307, 3),
    ("a" * 459, 459, 3),
    ("a" * 460, 460, 4),
    ("@" * 160, 160, 1),
    ("£" * 161, 161, 2),
    ("é" * 160, 160, 1),
    ("Ç" * 160, 160, 1),
    ("Δ" * 161, 161, 2),
    ("ÄÖÑÜ§¿äöñüà" * 14, 154, 1),
    ("line\nline", 9, 1),
    ("\r\n" * 80, 160, 1),
    ("\f", 2, 1),
    ("^", 2, 1),
    ("{", 2, 1),
    ("}", 2, 1),
    ("\\", 2, 1),
    ("[", 2, 1),
    ("~", 2, 1),
    ("]", 2, 1),
    ("|", 2, 1),
    ("€", 2, 1),
    ("^{}\\[~]|€\f", 20, 1),
    ("a" * 158 + "€", 160, 1),
    ("a" * 159 + "€", 161, 2),
    ("€" * 80, 160, 1),
    ("€" * 80 + "a", 161, 2),
    ("€" * 81, 162, 2),
    ("a" * 151 + "€" + "a" * 153, 306, 2),
    ("a" * 152 + "€" + "a" * 151, 305, 2),
    ("a" * 152 + "€" + "a" * 152, 306, 3),
    ("€" * 152, 304, 2),
    ("€" * 153, 306, 3),
    ("€" * 228, 456, 3),
    ("€" * 229, 458, 4),
    ("Helo Sam, bydd Waymark yn eich ffonio ddydd Mercher 30 Medi am 10:30am", 70, 1),
]

UCS = [
    ("ŷ" * 69, 69, 1),
    ("ŵ" * 70, 70, 1),
    ("ŵ" * 71, 71, 2),
    ("ŷ" * 133, 133, 2),
    ("ŷ" * 134, 134, 2),
    ("ŷ" * 135, 135, 3),
    ("ŷ" * 201, 201, 3),
    ("ŷ" * 202, 202, 4),
    ("a" * 69 + "ŵ", 70, 1),
    ("a" * 70 + "ŵ", 71, 2),
    ("a" * 133 + "â", 134, 2),
    ("a" * 134 + "â", 135, 3),
    (WELSH, 58, 1),
    (WELSH * 2, 116, 2),
    *((letter, 1, 1) for letter in "âêîôûŵŷÂÊÎÔÛŴŶïáẁỳ"),
    ("ç", 1, 1),
    ("a" * 69 + "’", 70, 1),
    ("a" * 70 + "“", 71, 2),
    ("a" * 160 + "–", 161, 3),
    ("`", 1, 1),
    ("a\tb", 3, 1),
    ("€" + "ŵ", 2, 1),
    ("€" * 69 + "ŵ", 70, 1),
    ("{" * 70 + "ŵ", 71, 2),
    ("Zoe\u0308", 4, 1),
    ("Łukasz", 6, 1),
    ("محمد", 4, 1),
    ("你好" * 35, 70, 1),
    ("你好" * 36, 72, 2),
    (WAVE, 2, 1),
    (WAVE + BROWN, 4, 1),
    (HEART, 2, 1),
    (KEYCAP, 3, 1),
    (UK, 4, 1),
    (WALES, 14, 1),
    (FAMILY, 11, 1),
    (WOMAN + BROWN + JOINER + LAPTOP, 7, 1),
    (WAVE * 35, 70, 1),
    (WAVE * 35 + "a", 71, 2),
    (WAVE * 36, 72, 2),
    (WAVE * 66, 132, 2),
    (WAVE * 67, 134, 3),
    ("a" * 66 + WAVE + "a" * 65, 133, 2),
    ("a" * 66 + WAVE + "a" * 66, 134, 3),
    ((WAVE + BROWN) * 17, 68, 1),
    ((WAVE + BROWN) * 18, 72, 2),
    ((WAVE + BROWN) * 33, 132, 2),
    ((WAVE + BROWN) * 34, 136, 3),
    (WALES * 5, 70, 1),
    (WALES * 6, 84, 2),
    (FAMILY * 6 + "abcd", 70, 1),
    (FAMILY * 7, 77, 2),
]
TABLE = [("GSM-7", *row) for row in GSM] + [("UCS-2", *row) for row in UCS]


@pytest.mark.parametrize(("encoding", "body", "units", "parts"), TABLE, ids=range(1, len(TABLE) + 1))
def test_a_body_is_counted_as_the_network_counts_it(encoding, body, units, parts):
    found = count(body)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


def test_the_table_holds_every_edge_and_every_extension_character():
    assert len({body for _, body, _, _ in TABLE}) == len(TABLE) >= 60
    assert {
        body for _, body, units, _ in TABLE if len(body) == 1 and units == 2 and is_gsm(body)
    } == EXTENSION
    units = {(encoding, number): parts for encoding, body, number, parts in TABLE if len(set(body)) == 1}
    edges = {("GSM-7", 160): 1, ("GSM-7", 161): 2, ("GSM-7", 307): 3, ("UCS-2", 70): 1}
    edges |= {("UCS-2", 71): 2, ("UCS-2", 135): 3}
    assert {edge: units[edge] for edge in edges} == edges


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


@pytest.mark.parametrize(
    ("typed", "dear"),
    [
        ("plain £ é € {x}", {}),
        ("it’s – so…", {"’": "'", "–": "-", "…": "..."}),
        ("tŷ a dŵr", {"ŷ": "y", "ŵ": "w"}),
        ("Zoe\u0308 ç", {"ë": "e", "ç": "c"}),
        ("a\u200bb", {"\u200b": ""}),
        ("ﬁne ½", {"ﬁ": "fi", "½": None}),
        (f"{WAVE}!", {WAVE: None}),
        ("Ł ب", {"Ł": None, "ب": None}),
    ],
)
def test_each_character_that_makes_a_text_dearer_is_named_with_what_does_the_same(typed, dear):
    assert beyond_gsm(typed) == dear


@given(st.text(max_size=400))
def test_counting_never_fails_and_parts_hold_the_units(body):
    found = count(body)
    one, more = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    assert (found.parts == 1) == (found.units <= one)
    assert found.units <= max(one, found.parts * more)
    assert found.units >= len(body)


@given(st.text(max_size=300), st.text(max_size=40))
def test_more_words_never_take_fewer_parts(body, more):
    assert count(body + more).parts >= count(body).parts


@given(st.text(max_size=200).filter(lambda body: not is_gsm(body)))
def test_in_ucs_2_the_units_are_those_of_utf_16(body):
    assert count(body).units == len(body.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(alphabet=sorted(BASIC | EXTENSION), max_size=400))
def test_gsm_text_stays_gsm(body):
    assert is_gsm(body)
    assert is_gsm(to_gsm(body))
    assert not beyond_gsm(unicodedata.normalize("NFC", body))


@given(st.text(max_size=100))
def test_once_every_dear_character_is_written_plainly_the_text_is_cheap(body):
    normal = unicodedata.normalize("NFC", body)
    dear = beyond_gsm(body)
    plain = "".join(dear.get(character, character) or "" for character in normal)
    assert is_gsm(plain)
