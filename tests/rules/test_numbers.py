"""Which numbers are UK mobiles, which are not, and which somebody made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.kernel.numbers import Verdict, read_mobile


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900123",
        " 07700900123 ",
        "+44 (0)7700 900 123",
        "+447700900123",
        "00447700900123",
        "0044 7700 900123",
        "447700900123",
        "7700900123",
        "(07700) 900-123",
        "07700.900.123",
        "tel:07700900123",
        "0٧٧00 900123",
        "０７７００ ９００１２３",
    ],
)
def test_every_way_of_writing_a_mobile_is_read_as_the_same_number(text: str) -> None:
    mobile = read_mobile(text)
    assert (mobile.verdict, mobile.e164, mobile.raw) == (Verdict.GOOD, "+447700900123", text.strip())


@pytest.mark.parametrize("last", ["000", "999"])
def test_all_of_the_numbers_kept_for_drama_are_mobiles(last: str) -> None:
    assert read_mobile(f"07700 900{last}").e164 == f"+447700900{last}"
    assert read_mobile("07700 90099").verdict is Verdict.NOT_A_MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "07777 777777",
        "07123 456789",
        "00000000000",
        "07987 654321",
        "01234567890",
        "+44 7777 777777",
        "1111111",
    ],
)
def test_numbers_people_invent_are_doubtful_and_never_texted(text: str) -> None:
    mobile = read_mobile(text)
    assert (mobile.verdict, mobile.e164) == (Verdict.DOUBTFUL, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "0121 496 0123",
        "020 7946 0000",
        "+33 6 39 98 00 01",
        "+1 202 555 0123",
        "0770",
        "999",
        "07700 900123 (mum)",
        "07700 900123 / 07700 900124",
        "sam@mail.example",
        "\ud800",
        "²³",
    ],
)
def test_what_is_no_uk_mobile_says_so(text: str) -> None:
    mobile = read_mobile(text)
    assert (mobile.verdict, mobile.e164) == (Verdict.NOT_A_MOBILE, None)


@given(st.text())
def test_any_text_at_all_is_answered(text: str) -> None:
    mobile = read_mobile(text)
    assert (mobile.e164 is not None) is (mobile.verdict is Verdict.GOOD)
