"""Files as spreadsheets write them: letters, delimiters, line ends, and what is no CSV file."""

from __future__ import annotations

import pytest

from provider.kernel.sheet_files import MOST_BYTES, SheetUnreadable, read_records

TEXT = "given_name,town\r\nZoë,Köln\r\n"
ROWS = [(1, ("given_name", "town")), (2, ("Zoë", "Köln"))]


def rows_of(data: bytes | str) -> list[tuple[int, tuple[str, ...]]]:
    records = read_records(data.encode() if isinstance(data, str) else data)
    return [(record.number, record.cells) for record in records]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_letters_are_read_whatever_wrote_them(encoding: str) -> None:
    assert rows_of(TEXT.encode(encoding)) == ROWS


def test_the_marks_of_windows_1252_are_read() -> None:
    assert rows_of("name\nO’Brien – €".encode("cp1252"))[1] == (2, ("O’Brien – €",))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    assert rows_of(TEXT.replace(",", delimiter).replace("\r\n", end)) == ROWS


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n"1, Mill Lane",2\n', [(1, ("a", "b")), (2, ("1, Mill Lane", "2"))]),
        ('"a;b";c\n1;2', [(1, ("a;b", "c")), (2, ("1", "2"))]),
        ('a,b\n"two\nlines",2\nx,y', [(1, ("a", "b")), (2, ("two\nlines", "2")), (3, ("x", "y"))]),
        ('a,b\n"say ""hello""",2', [(1, ("a", "b")), (2, ('say "hello"', "2"))]),
        ("a,b\n\n,\n  ,\t\n1,2\n\n", [(1, ("a", "b")), (5, ("1", "2"))]),
        ("\n\na,b\n1,2", [(3, ("a", "b")), (4, ("1", "2"))]),
        ("sep=;\r\na;b\r\n1,5;2", [(1, ("a", "b")), (2, ("1,5", "2"))]),
        ("only", [(1, ("only",))]),
    ],
)
def test_rows_have_the_numbers_that_the_spreadsheet_shows(
    text: str, rows: list[tuple[int, tuple[str, ...]]]
) -> None:
    assert rows_of(text) == rows


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"PK\x03\x04" + b"\x00" * 40, "Save As"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save As"),
        (b"%PDF-1.7\n\x00\x01\x02\x03", "cannot be read"),
        (b"a,b\n" * 60 + b"\x00", "not a CSV file"),
        (b"a,b\n1,\x81\x8d", "cannot be read"),
        (b"\xff\xfea", "cannot be read"),
        (b'a,b\n1,"never closed\n2,3\n', "Row 2 has quotation marks"),
        (b'a,b\n1,2\n"x"y,3\n', "Row 3 has quotation marks"),
        (b"a" * (MOST_BYTES + 1), "larger than 2 MB"),
    ],
)
def test_what_cannot_be_read_surely_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SheetUnreadable, match=said):
        read_records(data)


def test_two_megabytes_are_read() -> None:
    line = b"x" * 99 + b"\n"
    assert len(read_records(line * (MOST_BYTES // 100))) == MOST_BYTES // 100
