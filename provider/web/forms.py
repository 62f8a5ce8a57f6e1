"""The base of every form on a page, and the one place that pages import fields from.

What is typed is stripped, is never too long for its column, holds nothing a database or a page cannot keep, and is
all still there when something else is wrong.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    PasswordField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from provider.kernel.errors import Invalid, Refusal
from provider.web.choices import CheckboxesField, RadioField, SelectField, options
from provider.web.controls import leaves
from provider.web.dates import DateParts, TimeField
from provider.web.fields import Needed, WholeNumberField, is_printable

__all__ = [
    "BooleanField",
    "CheckboxesField",
    "DateParts",
    "EmailField",
    "FieldList",
    "FileField",
    "FormField",
    "HiddenField",
    "Length",
    "Needed",
    "Optional",
    "PageForm",
    "PartForm",
    "PasswordField",
    "RadioField",
    "SelectField",
    "StringField",
    "TelField",
    "TextAreaField",
    "TimeField",
    "WholeNumberField",
    "options",
]

LONGEST = {TextAreaField: 5_000, EmailField: 254, TelField: 40, HiddenField: 500}
LONGEST_LINE = 200


def tidy(value: Any) -> Any:
    """Text without blanks around it, in one Unicode form and with one kind of line end; anything else as it is."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def tidy_line(value: Any) -> Any:
    """One line of text, with one space where there were several blanks; anything else as it is."""
    return " ".join(tidy(value).split()) if isinstance(value, str) else value


class PageForm(FlaskForm):
    """A form on a page. Texts have a longest length of their own; give ``Length(max=…)`` where the column's differs."""

    form_errors: list[str]

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                clean = tidy if issubclass(kind, TextAreaField) else tidy_line
                options = {**options, "filters": [clean, *unbound_field.kwargs.get("filters", ())]}
            return super().bind_field(form, unbound_field, options)

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does; then each field's text is looked at for what could not be kept."""
        good = bool(super().validate(extra_validators))
        for field in leaves(self):
            fault = unkeepable(field)
            if fault:
                field.errors = [fault]
                good = False
        return good

    def add_errors(self, invalid: Invalid, pointers: Mapping[str, str]) -> None:
        """Put each fault beside its field: ``pointers`` says which (``{"/person/mobile": "mobile"}``).

        A pointer that is not named counts as its nearest named parent; one that has none goes to the summary alone.
        """
        fields = {field.name: field for field in leaves(self)}
        for error in invalid.errors:
            name = _nearest(error.pointer, pointers)
            field = fields.get(self._prefix + name) if name is not None else None
            if field is None:
                self.form_errors = [*self.form_errors, error.detail]
            else:
                field.errors = [*field.errors, error.detail]

    def add_refusal(self, refusal: Refusal) -> None:
        """What was asked for cannot be done now: the sentence stands at the top of the page."""
        self.form_errors = [*self.form_errors, refusal.sentence]


class PartForm(PageForm):
    """A group of fields inside a page's form (``FormField(DrugForm)``, ``FieldList(FormField(DrugForm))``)."""

    class Meta(PageForm.Meta):
        csrf = False


def _nearest(pointer: str, pointers: Mapping[str, str]) -> str | None:
    while pointer:
        if pointer in pointers:
            return pointers[pointer]
        pointer = pointer.rpartition("/")[0]
    return None


def unkeepable(field: Any) -> str | None:
    """Why what was typed cannot be stored, or None."""
    texts = [raw for raw in (field.raw_data or []) if isinstance(raw, str)]
    allowed = "\n\r\t" if isinstance(field, TextAreaField) else "\t"
    if any(not is_printable(text, allowed) for text in texts):
        return f"{field.label.text} has a character that cannot be kept: type it again"
    if isinstance(field, StringField) and isinstance(field.data, str):
        longest = _longest(field)
        if len(field.data) > longest:
            return f"{field.label.text} must be {longest:,} characters or fewer"
    return None


def _longest(field: Any) -> int:
    for validator in field.validators:
        if isinstance(validator, Length) and validator.max > 0:
            return int(validator.max)
    return next((most for kind, most in LONGEST.items() if isinstance(field, kind)), LONGEST_LINE)
