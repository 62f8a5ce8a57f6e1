"""What templates ask of a form: which control draws a field, what to show in it, and what is wrong with it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    TelField,
    TextAreaField,
)

from provider.web.choices import RadioField
from provider.web.dates import DateParts
from provider.web.fields import WholeNumberField, printable

STALE = "This page had been open too long. What you typed is still here: check it and send it again."


def leaves(fields: Any) -> Iterator[Any]:
    """Every field that a person fills in, in the order of the page, those inside lists and groups too."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from leaves(field)
        else:
            yield field


@dataclass(frozen=True)
class Fault:
    """One line of the error summary; ``href`` is None where no single field is to blame."""

    text: str
    href: str | None


def faults(*forms: Any) -> list[Fault]:
    """What is wrong with these forms, in the order of the page; each link ends at an input that exists."""
    found: list[Fault] = []
    for form in forms:
        found += [Fault(str(text), None) for text in form.form_errors]
        for field in leaves(form):
            if field.name.endswith("csrf_token"):
                found += [Fault(STALE, None)] if field.errors else []
            else:
                found += [Fault(str(text), f"#{first_input(field)}") for text in field.errors]
    return found


def first_input(field: Any) -> str:
    """The id of the input to go to: for a date the first box that is at fault."""
    if isinstance(field, DateParts):
        return next((part.id for part in field.parts if part.faulty), field.parts[0].id)
    return str(field.id)


def kind_of(field: Any) -> str:
    """Which control draws this field: the name of a macro in templates/components/controls/."""
    kinds = (
        (DateParts, "date"),
        (RadioField, "radios"),
        (SelectMultipleField, "checkboxes"),
        (SelectField, "select"),
        (BooleanField, "tick"),
        (TextAreaField, "textarea"),
        (PasswordField, "password"),
        (HiddenField, "hidden"),
        (FileField, "file"),
        (WholeNumberField, "number"),
        (EmailField, "email"),
        (TelField, "tel"),
    )
    return next((kind for cls, kind in kinds if isinstance(field, cls)), "text")


def has_file(form: Any) -> bool:
    """Whether the form must be sent in parts, because a file is among its fields."""
    return any(isinstance(field, FileField) for field in leaves(form))


def typed(field: Any) -> str:
    """What to show in the box: what was typed, less the characters no page may hold. Never a password."""
    if isinstance(field, PasswordField):
        return ""
    return printable(str(field._value()))
