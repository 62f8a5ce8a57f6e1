"""What a form takes, what it says of what it cannot take, and that nothing typed is lost by it."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.web.controls import faults, typed
from provider.web.dates import read_time
from provider.web.forms import (
    CheckboxesField,
    DateParts,
    FieldList,
    FormField,
    Length,
    Needed,
    PageForm,
    PartForm,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    WholeNumberField,
    options,
)


class Drug(PartForm):
    substance = SelectField("Substance", choices=options(["cannabis", "crack_cocaine"], blank="Choose"))


class Page(PageForm):
    name = StringField("Given name", [Length(max=10)])
    notes = TextAreaField("Notes")
    secret = PasswordField("Password")
    born = DateParts("Date of birth")
    at = TimeField("Start time")
    days = WholeNumberField("Days", least=0, most=28)
    setting = SelectField("Setting", choices=options({"custody": "Custody"}, blank="Choose"))
    route = RadioField("Route", choices=options(["smoke", "other"]))
    risks = CheckboxesField("Risks", choices=options(["stairs", "dog"]))
    drugs = FieldList(FormField(Drug))


class Strict(PageForm):
    name = StringField("Given name", [Needed()])
    born = DateParts("Date of birth", [Needed()])
    at = TimeField("Start time", [Needed()])
    days = WholeNumberField("Number of days", [Needed()])
    route = RadioField("Route", [Needed()], choices=options(["smoke"]))
    risks = CheckboxesField("Risks", [Needed("Choose a risk, or none of these")], choices=options(["none"]))


app = Flask(__name__)
app.config["SECRET_KEY"] = "of a test"


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with app.test_request_context():
        yield


def sent(kind: type[PageForm] = Page, /, **data: Any) -> Any:
    """The form as it is after ``data`` was sent; ``__`` in a name stands for a hyphen."""
    values = MultiDict({name.replace("__", "-"): value for name, value in data.items()})
    form = kind(formdata=values, meta={"csrf": False})
    form.validate()
    return form


def born(day: str, month: str, year: str) -> Any:
    return sent(born__day=day, born__month=month, born__year=year).born


class TestDate:
    @pytest.mark.parametrize("month", ["5", "05", "May", "may", "MAY "])
    def test_three_boxes_are_a_day(self, month: str) -> None:
        field = born(" 14 ", month, "2003")
        assert (field.data, field.errors) == (date(2003, 5, 14), [])

    def test_three_empty_boxes_are_no_day_and_no_error(self) -> None:
        assert (born("", "", "").data, born("", "", "").errors) == (None, [])

    @pytest.mark.parametrize(
        ("day", "month", "year", "sentence", "box"),
        [
            ("", "5", "2003", "Date of birth must include a day", "born-day"),
            ("14", "", "2003", "Date of birth must include a month", "born-month"),
            ("14", "", "", "Date of birth must include a month and a year", "born-month"),
            ("31", "2", "2003", "Date of birth must be a real date", "born-day"),
            ("29", "2", "2003", "Date of birth must be a real date", "born-day"),
            ("14", "13", "2003", "Date of birth must be a real date: check the month", "born-month"),
            ("14", "x", "2003", "Date of birth must be a real date: check the month", "born-month"),
            ("14", "5", "03", "Date of birth must have a year of 4 numbers, like 2003", "born-year"),
            ("14", "5", "0000", "Date of birth must have a year from 1900 to 2099", "born-year"),
            ("14", "5", "1899", "Date of birth must have a year from 1900 to 2099", "born-year"),
            ("31", "12", "9999", "Date of birth must have a year from 1900 to 2099", "born-year"),
            ("²", "5", "2003", "Date of birth must be a real date", "born-day"),
            ("١٤", "5", "2003", "Date of birth must be a real date", "born-day"),
        ],
    )
    def test_says_which_box_is_wrong(self, day: str, month: str, year: str, sentence: str, box: str) -> None:
        form = sent(born__day=day, born__month=month, born__year=year)
        assert [(fault.text, fault.href) for fault in faults(form)] == [(sentence, f"#{box}")]
        assert [part.value for part in form.born.parts] == [day, month, year]

    def test_a_fault_of_the_whole_date_marks_every_box_and_leads_to_the_first(self) -> None:
        form = sent(born__day="14", born__month="5", born__year="2090")
        form.add_errors(
            Invalid([FieldError("/person/date_of_birth", "in_future", "Date of birth is in the future")]),
            {"/person/date_of_birth": "born"},
        )
        assert all(part.faulty for part in form.born.parts)
        assert faults(form)[0].href == "#born-day"

    def test_shows_the_day_it_was_given(self) -> None:
        form = Page(formdata=None, born=date(2003, 5, 14), meta={"csrf": False})
        assert [part.value for part in form.born.parts] == ["14", "5", "2003"]

    @given(st.text(), st.text(), st.text())
    def test_no_text_breaks_it(self, day: str, month: str, year: str) -> None:
        with app.test_request_context():
            field = born(day, month, year)
        assert field.data is None or field.data.year > 0


class TestTime:
    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("9:30", time(9, 30)),
            ("09.30", time(9, 30)),
            ("0930", time(9, 30)),
            ("930", time(9, 30)),
            ("14:05", time(14, 5)),
            ("2pm", time(14)),
            ("2.30 PM", time(14, 30)),
            ("2:30 p.m.", time(14, 30)),
            ("12am", time(0)),
            ("12pm", time(12)),
            ("midday", time(12)),
            ("00:00", time(0)),
        ],
    )
    def test_reads_what_people_write(self, text: str, meant: time) -> None:
        assert sent(at=text).at.data == meant

    @pytest.mark.parametrize(
        "text", ["2", "14", "24:00", "9:60", "13pm", "0pm", "9:3", "soon", "-1:30", "٩:٣٠", "9:30x"]
    )
    def test_does_not_guess(self, text: str) -> None:
        field = sent(at=text).at
        assert field.data is None
        assert field.errors == ["Start time must be a time, like 9:30am or 14:05"]
        assert typed(field) == text

    @given(st.text(max_size=12))
    def test_no_text_breaks_it(self, text: str) -> None:
        read_time(text)


class TestText:
    def test_blanks_are_tidied_and_lines_are_kept(self) -> None:
        form = sent(name="  Ann \t Lee ", notes="\r\none\r\n  two\r\n")
        assert (form.name.data, form.notes.data) == ("Ann Lee", "one\n  two")

    def test_a_password_is_left_as_it_was_typed_and_never_shown_again(self) -> None:
        form = sent(secret="  two  blanks ")
        assert (form.secret.data, typed(form.secret)) == ("  two  blanks ", "")

    def test_one_letter_may_be_written_in_one_way_only(self) -> None:
        assert sent(name="Zoe\u0308").name.data == "Zoë"

    @pytest.mark.parametrize("name", ["name", "notes", "secret", "at", "days", "setting", "risks"])
    @pytest.mark.parametrize("char", ["\0", "\x1b", "\x7f", "\ud800"])
    def test_what_cannot_be_kept_is_said_at_its_field(self, name: str, char: str) -> None:
        form = sent(**{name: f"a{char}b"})
        assert [fault.href for fault in faults(form)] == [f"#{name}"]
        assert name in ("setting", "risks") or char not in typed(form[name])

    def test_what_cannot_be_kept_is_said_of_a_date_too(self) -> None:
        assert born("1\0", "5", "2003").errors == [
            "Date of birth has a character that cannot be kept: type it again"
        ]

    def test_a_field_s_own_longest_length_holds(self) -> None:
        form = sent(name="12345678901")
        assert len(faults(form)) == 1
        assert typed(form.name) == "12345678901"

    @pytest.mark.parametrize(("name", "most"), [("notes", 5_000), ("secret", 200)])
    def test_a_field_that_says_nothing_has_one_all_the_same(self, name: str, most: int) -> None:
        assert not faults(sent(**{name: "x" * most}))
        assert "characters or fewer" in faults(sent(**{name: "x" * (most + 1)}))[0].text


class TestLists:
    def test_no_answer_is_no_error(self) -> None:
        form = sent(setting="")
        assert (form.setting.data, form.route.data, form.risks.data) == (None, None, [])
        assert not faults(form)

    @pytest.mark.parametrize("name", ["setting", "route", "risks"])
    def test_an_answer_that_was_not_offered_is_refused(self, name: str) -> None:
        assert [fault.text for fault in faults(sent(**{name: "forged"}))] == [
            "Choose one of the answers in the list"
        ]

    def test_ticks_come_in_the_order_of_the_list(self) -> None:
        form = Page(formdata=MultiDict([("risks", "dog"), ("risks", "stairs")]), meta={"csrf": False})
        assert form.validate()
        assert form.risks.data == ["stairs", "dog"]

    def test_a_code_is_offered_in_words(self) -> None:
        assert [choice.label for choice in options(["crack_cocaine"])] == ["Crack cocaine"]


class TestNumber:
    @pytest.mark.parametrize(("text", "number"), [("0", 0), (" 28 ", 28), ("", None)])
    def test_whole_numbers(self, text: str, number: int | None) -> None:
        assert sent(days=text).days.data == number

    @pytest.mark.parametrize("text", ["29", "-1", "1.5", "1e3", "٣", "²", "9" * 400, "x"])
    def test_anything_else_is_one_error_and_stays_in_the_box(self, text: str) -> None:
        form = sent(days=text)
        assert len(faults(form)) == 1
        assert typed(form.days) == text


class TestNeeded:
    def test_says_one_thing_at_each_field(self) -> None:
        assert [fault.text for fault in faults(sent(Strict))] == [
            "Enter a given name",
            "Enter a date of birth",
            "Enter a start time",
            "Enter a number of days",
            "Choose a route",
            "Choose a risk, or none of these",
        ]

    def test_nothing_but_blanks_is_nothing(self) -> None:
        assert sent(Strict, name=" \u00a0 ").name.errors == ["Enter a given name"]

    def test_nought_is_something(self) -> None:
        assert not sent(Strict, days="0").days.errors

    def test_what_cannot_be_read_is_not_also_missing(self) -> None:
        form = sent(Strict, at="soon", days="x", born__day="1", born__month="", born__year="2003")
        assert [len(form[name].errors) for name in ("at", "days", "born")] == [1, 1, 1]


class TestWhatTheFloorsBelowSay:
    def test_is_put_beside_its_field(self) -> None:
        form = sent(drugs__0__substance="cannabis")
        form.add_errors(
            Invalid(
                [
                    FieldError("/person/given_name", "x", "One"),
                    FieldError("/offence/drugs/0/class", "x", "Two"),
                    FieldError("/elsewhere", "x", "Three"),
                ]
            ),
            {"/person/given_name": "name", "/offence/drugs/0": "drugs-0-substance"},
        )
        assert [(fault.text, fault.href) for fault in faults(form)] == [
            ("Three", None),
            ("One", "#name"),
            ("Two", "#drugs-0-substance"),
        ]

    def test_a_prefix_of_the_form_is_not_in_the_way(self) -> None:
        form = Page(formdata=MultiDict({"a-name": "x"}), prefix="a", meta={"csrf": False})
        form.validate()
        form.add_errors(Invalid([FieldError("/name", "x", "One")]), {"/name": "name"})
        assert faults(form)[0].href == "#a-name"

    def test_a_refusal_stands_at_the_top(self) -> None:
        form = sent()
        form.add_refusal(Refusal("That slot has gone."))
        assert [(fault.text, fault.href) for fault in faults(form)] == [("That slot has gone.", None)]

    def test_a_page_open_too_long_says_so_and_loses_nothing(self) -> None:
        form = Page(formdata=MultiDict({"name": "Sam"}))
        assert not form.validate()
        assert "open too long" in faults(form)[0].text
        assert typed(form.name) == "Sam"
