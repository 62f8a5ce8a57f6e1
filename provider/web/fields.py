"""What every field of ours shares: it can be *needed*, and it says one thing at a time.

A field that cannot read what was typed says so in one sentence, keeps what was typed, and stops there: no second
error about the same box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from wtforms import Field, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import StopValidation


class Needed:
    """Validator: something must be given. Unlike WTForms' two it is right for text, 0, a date and a list alike."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None or field.data is False or field.data in ("", [], ()):
            raise StopValidation(self.message or f"{_verb(field)} {with_article(noun_of(field))}")


def _verb(field: Any) -> str:
    return "Choose" if isinstance(field, SelectField | SelectMultipleField) else "Enter"


def noun_of(field: Any) -> str:
    """The field's label inside a sentence: ``Date of birth`` → ``date of birth``, ``PNC ID`` as it is."""
    label = str(field.label.text)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def with_article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def is_printable(text: str, allowed: str = "") -> bool:
    """Whether there is no control character but those allowed, and no half of a surrogate pair."""
    return all(char in allowed or unicodedata.category(char) not in ("Cc", "Cs") for char in text)


def printable(text: str) -> str:
    """The text less the characters that no page may hold."""
    return "".join(char for char in text if is_printable(char, "\n\t"))


class Readable(Field):
    """A field whose own complaint about what was typed is the only one shown."""

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        super().pre_validate(form)


class WholeNumberField(Readable, IntegerField):
    """A whole number, ASCII digits only; ``least`` and ``most`` are part of the field, because its column has them."""

    def __init__(
        self,
        label: str = "",
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 1_000_000,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch("-?[0-9]{1,15}", text):
            raise ValueError(f"{self.label.text} must be a whole number")
        if not self.least <= int(text) <= self.most:
            raise ValueError(f"{self.label.text} must be between {self.least:,} and {self.most:,}")
        self.data = int(text)
