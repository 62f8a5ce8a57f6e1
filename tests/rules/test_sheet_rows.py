"""Headings and rows: a sheet becomes bodies of referrals, and every fault finds its column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.referrals.sheet.columns import BY_NAME, COLUMNS, DRUGS, LEFT_OUT, NEEDED, Kind
from provider.domain.referrals.sheet.heading import HeadingWrong
from provider.domain.referrals.sheet.rows import MOST_ROWS, SheetRow, column_of, read_rows
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.kernel.errors import Invalid
from provider.kernel.sheet_files import Record, SheetUnreadable, read_records
from tests.fakes import A_TUESDAY
from tests.rules.bodies import SCHEMES
from tests.sheets import NAMES, ROW, row, written


def read(text: str, *, scheme: str | None = None, leave_out: bool = False) -> tuple[SheetRow, ...]:
    return read_rows(read_records(text.encode()), scheme=scheme, leave_out=leave_out)


def pointers(schema: Any, definitions: Any, at: str = "") -> Iterator[str]:
    """Every leaf of a JSON schema, the first of a list for all of them."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    inner = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    if inner and "properties" not in schema:
        yield from pointers(inner[0], definitions, at)
    elif schema.get("type") == "array" and "$ref" in schema["items"]:
        yield from pointers(schema["items"], definitions, f"{at}/0")
    elif "properties" in schema:
        for name, part in schema["properties"].items():
            yield from pointers(part, definitions, f"{at}/{name}")
    else:
        yield at


def test_every_field_that_may_be_sent_has_a_column_or_is_left_out_by_name() -> None:
    """Read off the schema of the API, and not by the code that makes the columns."""
    schema = ReferralSubmission.model_json_schema(by_alias=True)
    sent = list(pointers(schema, schema["$defs"]))
    assert len(sent) > 35
    assert set(sent) == {
        column.pointer for column in COLUMNS if not column.pointer.startswith("/offence/drugs/")
    } | {f"/offence/drugs/0/{name}" for name in ("substance", "class", "quantity")} | set(LEFT_OUT)
    assert all(reason.endswith(".") for reason in LEFT_OUT.values())


def test_columns_have_names_of_their_own_and_say_what_the_contract_needs() -> None:
    assert len(BY_NAME) == len(COLUMNS)
    assert set(NEEDED) == {
        *("scheme", "occurred_at", "setting", "disposal_outcome", "officer_collar_number"),
        *("given_name", "family_name", "date_of_birth", "gender", "offence_code"),
    }
    assert {f"drug_{number}_substance" for number in range(1, DRUGS + 1)} <= set(BY_NAME)
    kinds = {name: BY_NAME[name].kind for name in ("mobile", "responsible_adult_mobile", "risk_markers")}
    assert list(kinds.values()) == [Kind.PHONE, Kind.PHONE, Kind.SEVERAL]
    assert BY_NAME["force_reference"].longest == 50


def test_a_whole_row_is_the_referral_that_it_says() -> None:
    full = {
        **row(1),
        "self_defined_ethnicity": "B1",
        "email": "sam@mail.example",
        "address_line_1": "1, Example Street",
        "address_postcode": "B1 1AA",
        "drug_1_quantity": "2 g",
        "drug_3_substance": "ketamine",
        "agreement_at": "23/11/2026 21:45",
        "risk_markers": "violence; weapons",
        "risk_note": "Two\nlines",
        "responsible_adult_name": "Alex Example",
        "interpreter_needed": "no",
    }
    (read_row,) = read(written([full]))
    submission = parse_submission(read_row.body, schemes=SCHEMES, now=A_TUESDAY)
    assert (read_row.number, read_row.faults, read_row.doubts) == (2, [], [])
    assert submission.person.address is not None
    assert submission.person.address.line_1 == "1, Example Street"
    assert [(drug.substance, drug.drug_class) for drug in submission.offence.drugs] == [
        ("cannabis", "B"),
        ("ketamine", None),
    ]
    assert submission.risk.markers == ("violence", "weapons")
    assert submission.risk.note == "Two\nlines"
    assert submission.person.interpreter_needed is False
    assert submission.person.contact.text_ok is True
    assert submission.agreement.at is not None


def test_headings_are_known_however_they_are_written() -> None:
    names = {name: f" {name.replace('_', ' ').title()} " for name in ROW} | {"gender": "GENDER*"}
    first = {names[name]: value for name, value in ROW.items()}
    others = {"Given-Name": "Sam", "family name": "Example", "Date of Birth": "14/05/2003"}
    (read_row,) = read(written([first | others], names=[*names.values(), *others], delimiter=";"))
    assert read_row.body["person"]["given_name"] == "Sam"
    assert read_row.body["officer"] == {"collar_number": "4312"}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Sam", "Example", "14/05/2003"], "first row must name the columns"),
        ([*NAMES, "notes", "Colour of car"], "There is no column notes, Colour of car. Remove it"),
        ([*NAMES, "moblie"], "There is no column moblie. Did you mean mobile?"),
        ([*NAMES, "Mobile"], "more than one column mobile"),
        (
            [name for name in NAMES if name not in ("gender", "setting")],
            "The column setting, gender is missing",
        ),
        ([name for name in NAMES if name != "scheme"], "choose one scheme for the whole file"),
        ([*NAMES, *(f"extra {number}" for number in range(300))], "more than 300 columns"),
    ],
)
def test_a_heading_that_is_wrong_is_refused_by_name(names: list[str], said: str) -> None:
    with pytest.raises(HeadingWrong) as fault:
        read(",".join(names) + "\r\n" + ",".join("x" for _ in names))
    assert said in fault.value.sentence


def test_columns_that_are_not_known_are_left_out_where_that_is_said() -> None:
    text = written([{**row(1), "notes": "a note", "colour": "red"}], names=[*NAMES, "notes", "colour"])
    (read_row,) = read(text, leave_out=True)
    assert "a note" not in str(read_row.body)
    with pytest.raises(HeadingWrong, match="family_name"):
        read(text.replace("notes", "famly_name", 1), leave_out=True)


@pytest.mark.parametrize(
    ("row_says", "chosen", "scheme"),
    [
        ("divert-adult", None, "divert-adult"),
        ("", "divert-adult", "divert-adult"),
        ("divert-young-people", "divert-adult", "divert-young-people"),
    ],
)
def test_one_scheme_for_the_file_is_for_rows_that_name_none(
    row_says: str, chosen: str | None, scheme: str
) -> None:
    (read_row,) = read(written([row(1, scheme=row_says)]), scheme=chosen)
    assert read_row.body["scheme"] == scheme


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (written([]), "no row under the heading"),
        (written([row(1)] * (MOST_ROWS + 1)), "more than 2,000 rows"),
    ],
)
def test_too_few_rows_and_too_many(text: str, said: str) -> None:
    with pytest.raises(HeadingWrong, match=said):
        read(text)
    assert len(read(written([row(1)] * 20))) == 20


@pytest.mark.parametrize("names", [[*NAMES], ["", *NAMES], [*NAMES, ""]])
def test_a_value_where_no_column_has_a_name_is_a_fault_of_its_row(names: list[str]) -> None:
    cells = [row(1).get(name, "") if name else "lost" for name in names]
    beyond = [] if "" in names else ["lost"]
    text = ",".join(names) + "\r\n" + ",".join([*cells, *beyond]) + "\r\n"
    (read_row,) = read(text)
    assert [(fault.pointer, fault.code) for fault in read_row.faults] == [("", "too_many_cells")]


def test_a_cell_that_cannot_be_read_leaves_the_rest_to_be_heard_of() -> None:
    (read_row,) = read(written([row(1, mobile="7.7E+09", occurred_at="25/10/2026 01:30", drug_2_class="B")]))
    faults = {read_row.remark(fault).column: fault.code for fault in read_row.faults}
    assert faults == {"mobile": "shortened", "occurred_at": "ambiguous_time"}
    assert read_row.body["person"]["mobile"] == "7.7E+09"
    assert read_row.body["offence"]["drugs"][1] == {"class": "B"}


@pytest.mark.parametrize(
    ("pointer", "column"),
    [
        ("/person/mobile", "mobile"),
        ("/person", "mobile"),
        ("/offence/drugs", "drug_1_substance"),
        ("/offence/drugs/0/substance", "drug_1_substance"),
        ("/person/responsible_adult", "responsible_adult_name"),
        ("/person/responsible_adult/mobile", "responsible_adult_mobile"),
        ("/officer", "officer_collar_number"),
        ("/disposal/responsibility_accepted", "disposal_responsibility_accepted"),
        ("/agreement/given", "agreement_given"),
        ("/scheme", "scheme"),
        ("/risk/markers/0", "risk_markers"),
        ("", ""),
        ("/assessment_slot_id", ""),
    ],
)
def test_every_fault_has_a_column(pointer: str, column: str) -> None:
    assert column_of(pointer, {}) == column


def test_a_fault_is_shown_at_the_column_that_it_came_from() -> None:
    (read_row,) = read(written([row(1, drug_1_substance="", drug_1_class="", drug_2_substance="paint")]))
    assert column_of("/offence/drugs/0/substance", read_row.came_from) == "drug_2_substance"


ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
TRICKY = st.sampled_from(
    [
        "1/1/1",
        "99/99/9999",
        "7.7E+09",
        "=1+1",
        "-",
        ";",
        "25/10/2026 01:30",
        "0" * 50,
        "٣",
        "TRUE",
        "\u202e",
        "9" * 30,
    ]
)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING | TRICKY, max_size=len(NAMES)))
def test_whatever_stands_in_the_cells_each_row_is_a_referral_or_has_faults_at_its_columns(
    cells: dict[str, str],
) -> None:
    records = [Record(1, NAMES), Record(2, tuple(cells.get(name, "") for name in NAMES))]
    (read_row,) = read_rows(records, scheme="divert-adult", leave_out=False)
    try:
        parse_submission(read_row.body, schemes=SCHEMES, now=A_TUESDAY)
    except Invalid as invalid:
        remarks = [read_row.remark(fault) for fault in (*read_row.faults, *invalid.errors)]
        assert {remark.column for remark in remarks} <= set(NAMES)


@given(st.binary(max_size=300) | ANYTHING.map(lambda text: f"given_name,mobile\n{text}".encode()))
def test_whatever_bytes_come_they_are_rows_or_refused(data: bytes) -> None:
    with suppress(SheetUnreadable):
        assert all(record.cells for record in read_records(data))
