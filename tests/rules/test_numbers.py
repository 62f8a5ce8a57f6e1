"""Which numbers are UK mobiles, which are not, and which somebody made up."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType as Kind

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
        "+44 07700 900123",
        "(+44) 7700 900123",
        "+44-7700-900-123",
        "44 7700 900 123",
        "0 7 7 0 0 9 0 0 1 2 3",
        "077 00 90 01 23",
        "07700/900123",
        "07700 900123.",
        "07700\u2011900\u2011123",
        "07700\u00a0900\u00a0123",
        "07700\t900123",
        "\u202a07700900123\u202c",
        "mob: 07700 900123",
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


def example(region: str, kind: int) -> str:
    """A number of this kind as the library's own tables give it as an example."""
    number = phonenumbers.example_number_for_type(region, kind)
    assert number is not None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("region", ["GB", "JE", "GG", "IM"])
def test_a_mobile_of_the_islands_is_texted_like_any_other(region: str) -> None:
    number = example(region, Kind.MOBILE)
    mobile = read_mobile(number)
    assert (mobile.verdict, mobile.e164) == (Verdict.GOOD, number)


@pytest.mark.parametrize("region", ["GB", "JE", "GG", "IM"])
@pytest.mark.parametrize(
    "kind",
    [
        Kind.FIXED_LINE,
        Kind.PAGER,
        Kind.PERSONAL_NUMBER,
        Kind.VOIP,
        Kind.UAN,
        Kind.TOLL_FREE,
        Kind.PREMIUM_RATE,
    ],
)
def test_what_is_no_mobile_is_never_texted_wherever_it_is(region: str, kind: int) -> None:
    if phonenumbers.example_number_for_type(region, kind) is None:
        assert (region, kind) == ("IM", Kind.PAGER)
        return
    assert read_mobile(example(region, kind)).e164 is None


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
        "070 1234 5678",
        "0800 123 4567",
    ],
)
def test_numbers_people_invent_are_doubtful_and_never_texted(text: str) -> None:
    mobile = read_mobile(text)
    assert (mobile.verdict, mobile.e164) == (Verdict.DOUBTFUL, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "none",
        "unknown",
        "no phone",
        "n/a",
        "0",
        "999",
        "0770",
        "07700",
        "07700 9001234",
        "07700 90012",
        "0000447700900123",
        "011 44 7700 900123",
        "077OO 9OO123",
        "07700_900123",
        "07700 900123 (mum)",
        "07700 900123 (after 6)",
        "07700 900123 / 07700 900124",
        "07700 900123 or 124",
        # Ofcom's numbers for drama that are no mobiles, and what is like them.
        "01632 960000",
        "01632 960999",
        "1632 960123",
        "0121 496 0123",
        "0113 496 0123",
        "020 7946 0000",
        "029 2018 0123",
        "028 9649 6123",
        "03069 990123",
        "08081 570123",
        "0909 8790123",
        # Pagers and personal numbers begin like mobiles.
        "076 4012 3450",
        "07640 123450",
        "070 1511 5679",
        # A switchboard picks up.
        "01632 960123 ext 12",
        "07700 900123 ext 5",
        "07700 900123x5",
        "07700900123#5",
        "07700 900123;ext=12",
        # Other countries.
        "+33 6 39 98 00 01",
        "+1 202 555 0123",
        "+353 20 912 4567",
        "+61 491 570 006",
        "0033 6 39 98 00 01",
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
