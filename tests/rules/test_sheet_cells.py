"""Cells as people and spreadsheets write them, and what each says in a body."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from provider.domain.referrals.sheet.cells import doubt_about, read_cell
from provider.domain.referrals.sheet.columns import BY_NAME
from provider.domain.referrals.sheet.times import Unreadable


def read(column: str, text: str) -> object:
    return read_cell(BY_NAME[column], text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/05/2003", "2003-05-14"),
        ("1/2/2003", "2003-02-01"),
        ("14.5.2003", "2003-05-14"),
        ("14-05-2003", "2003-05-14"),
        ("2003-05-14", "2003-05-14"),
        ("14 May 2003", "2003-05-14"),
        ("14-May-2003", "2003-05-14"),
        ("1st September 2003", "2003-09-01"),
        (" 14/05/2003 00:00:00 ", "2003-05-14"),
        ("2003-05-14T00:00:00", "2003-05-14"),
        ("29/02/2004", "2004-02-29"),
    ],
)
def test_days(text: str, day: str) -> None:
    assert read("date_of_birth", text) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("05/14/2003", "day comes first"),
        ("14/05/03", "four digits"),
        ("14-May-03", "four digits"),
        ("29/02/2003", "no such date"),
        ("31/06/2003", "no such date"),
        ("14 Mai 2003", "no such date"),
        ("37755", "number here instead of a date"),
        ("37755.5", "number here instead of a date"),
        ("14/05/2003 10:30", "a day alone"),
        ("14/05/20033", "day first"),
        ("May 2003", "day first"),
        ("tomorrow", "day first"),
        ("########", "shows an error"),
    ],
)
def test_what_is_no_day(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read("date_of_birth", text)
    assert said in fault.value.sentence
    assert text not in fault.value.sentence.replace("14/05/2003", "")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24/11/2026 21:40", "2026-11-24T21:40:00+00:00"),
        ("24/07/2026 21:40", "2026-07-24T21:40:00+01:00"),
        ("24/11/2026 9:40", "2026-11-24T09:40:00+00:00"),
        ("24/11/2026 21:40:31", "2026-11-24T21:40:31+00:00"),
        ("24/11/2026, 9:40 pm", "2026-11-24T21:40:00+00:00"),
        ("24/11/2026 12:05am", "2026-11-24T00:05:00+00:00"),
        ("24/11/2026 12.05 p.m.", "2026-11-24T12:05:00+00:00"),
        ("24 Nov 2026 21:40", "2026-11-24T21:40:00+00:00"),
        ("2026-11-24 21:40", "2026-11-24T21:40:00+00:00"),
        ("2026-11-24T21:40:00+00:00", "2026-11-24T21:40:00+00:00"),
        ("2026-07-24T21:40:00Z", "2026-07-24T21:40:00+00:00"),
        ("2026-11-24T21:40:00.250+01:00", "2026-11-24T21:40:00+01:00"),
        ("24/07/2026 21:40 GMT", "2026-07-24T21:40:00+00:00"),
        ("24/11/2026 21:40 +0100", "2026-11-24T21:40:00+01:00"),
        # The clocks go back on 25 October 2026 at 2:00, and forward on 29 March at 1:00.
        ("25/10/2026 00:59", "2026-10-25T00:59:00+01:00"),
        ("25/10/2026 02:00", "2026-10-25T02:00:00+00:00"),
        ("25/10/2026 01:30 +01:00", "2026-10-25T01:30:00+01:00"),
        ("25/10/2026 01:30 +00:00", "2026-10-25T01:30:00+00:00"),
        ("29/03/2026 00:59", "2026-03-29T00:59:00+00:00"),
        ("29/03/2026 02:00", "2026-03-29T02:00:00+01:00"),
    ],
)
def test_times_are_londons(text: str, moment: str) -> None:
    assert read("occurred_at", text) == moment


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("25/10/2026 01:00", "ambiguous_time", "+01:00 for the first"),
        ("25/10/2026 01:59:59", "ambiguous_time", "+01:00 for the first"),
        ("29/03/2026 01:00", "no_such_time", "no such time that night"),
        ("29/03/2026 01:59", "no_such_time", "no such time that night"),
        ("24/11/2026", "invalid", "needs the time"),
        ("24/11/2026 25:00", "invalid", "no such time of day"),
        ("24/11/2026 13:00pm", "invalid", "no such time of day"),
        ("24/11/2026 later", "invalid", "a day and a time"),
        ("11/24/2026 21:40", "invalid", "day comes first"),
        ("24/11/26 21:40", "invalid", "four digits"),
        ("46350.9", "invalid", "number here"),
    ],
)
def test_what_is_no_time_or_two(text: str, code: str, said: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read("occurred_at", text)
    assert (fault.value.code, said in fault.value.sentence) == (code, True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((yes, True) for yes in ("true", "TRUE", "Yes", "ja", "1", "y", " yes ", "WAHR")),
        *((no, False) for no in ("false", "FALSE", "No", "nein", "0", "n")),
    ],
)
def test_yes_and_no(text: str, answer: bool) -> None:
    assert read("agreement_given", text) is answer


@pytest.mark.parametrize("text", ["maybe", "2", "x", "yes please", "-"])
def test_neither_yes_nor_no(text: str) -> None:
    with pytest.raises(Unreadable, match="invalid"):
        read("agreement_given", text)


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("setting", "stop_and_search", "stop_and_search"),
        ("setting", "Stop and Search", "stop_and_search"),
        ("setting", "STOP-AND-SEARCH", "stop_and_search"),
        ("disposal_outcome", "8", "8"),
        ("disposal_outcome", "8.0", "8"),
        ("disposal_outcome", "8 - community resolution", "8"),
        ("disposal_outcome", "None", "none"),
        ("self_defined_ethnicity", "b1", "B1"),
        ("self_defined_ethnicity", "White - British", "W1"),
        ("self_defined_ethnicity", "O1", "O1"),
        ("officer_observed_ethnicity", "IC3", "3"),
        ("officer_observed_ethnicity", "ic9", "0"),
        ("officer_observed_ethnicity", "3", "3"),
        ("gender", "Non binary", "non_binary"),
        ("drug_1_substance", "MDMA (Ecstasy)", "mdma"),
        ("drug_1_substance", "crack cocaine", "crack_cocaine"),
        ("drug_5_class", "Class B", "B"),
        ("gender", "IC3", "IC3"),
    ],
)
def test_codes_by_code_or_words(column: str, text: str, code: str) -> None:
    assert read(column, text) == code


@pytest.mark.parametrize(
    ("text", "number", "doubt"),
    [
        ("07700 900123", "07700 900123", None),
        ("+44 7700 900123", "+44 7700 900123", None),
        ("7700900123", "07700 900123", "zero_was_lost"),
        ("7700 900123", "07700 900123", "zero_was_lost"),
        ("7700900123.0", "07700 900123", "zero_was_lost"),
        ("1214960100", "01214 960100", "zero_was_lost"),
        ("447700900123", "+447700900123", "plus_was_lost"),
        ("none", "none", None),
        ("12345", "12345", None),
    ],
)
def test_numbers_that_lost_their_beginning(text: str, number: str, doubt: str | None) -> None:
    column = BY_NAME["mobile"]
    found = doubt_about(column, text)
    assert (read_cell(column, text), found and found[0]) == (number, doubt)


@pytest.mark.parametrize("column", ["mobile", "force_reference", "pnc_id", "officer_collar_number"])
@pytest.mark.parametrize("text", ["7.7009E+09", "7,7009E+09", "2.01E+11", "8E+10"])
def test_a_shortened_number_is_refused(column: str, text: str) -> None:
    with pytest.raises(Unreadable, match="shortened") as fault:
        read(column, text)
    assert "Format the column as text" in fault.value.sentence


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#####", "Err:502"])
def test_what_a_spreadsheet_spoilt_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="spoilt"):
        read("given_name", text)


@pytest.mark.parametrize(
    ("text", "kept"), [("4E12", "4E12"), ("1e5", "1e5"), ("007", "007"), ("E2", "E2"), ("20/1/26", "20/1/26")]
)
def test_what_only_looks_shortened_is_kept(text: str, kept: str) -> None:
    assert read("officer_collar_number", text) == kept


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("violence", ["violence"]),
        ("violence; lone working", ["violence", "lone working"]),
        ("violence|weapons", ["violence", "weapons"]),
        ("violence\nweapons;", ["violence", "weapons"]),
    ],
)
def test_several(text: str, markers: list[str]) -> None:
    assert read("risk_markers", text) == markers


FILLER = 100_000


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("risk_markers", f"alone{' ' * FILLER}at night"),
        ("occurred_at", f"24/11/2026 21:40{' ' * FILLER}or so"),
        ("occurred_at", f"24/11/2026{' ' * FILLER}21:40 x"),
        ("mobile", "1" * FILLER),
        ("setting", "1" * FILLER),
    ],
)
def test_a_cell_without_end_takes_no_longer_than_it_is_long(column: str, text: str) -> None:
    begun = time.process_time()
    with suppress(Unreadable):
        read(column, text)
    assert time.process_time() - begun < 2
