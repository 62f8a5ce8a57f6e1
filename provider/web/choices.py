"""Choosing from a list of ours: one from a drop-down, one from radios, several from tick boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, EnumType
from typing import Any, TypeAlias

from wtforms import RadioField as PlainRadioField
from wtforms import SelectField as PlainSelectField
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

Source: TypeAlias = type[Enum] | Mapping[str, str] | Iterable[str]

NOT_LISTED = "Choose one of the answers in the list"


def options(
    source: Source,
    *,
    hints: Mapping[str, str] | None = None,
    group: str | None = None,
    blank: str | None = None,
) -> list[SelectChoice]:
    """The list as WTForms wants it, from an enum, ``{value: words}`` or plain values.

    A member's words are its ``label`` where it has one, else its value with the underscores taken out. ``blank`` is
    the words of no answer.
    """
    listed = [
        SelectChoice(value, words, {"hint": hints[value]} if hints and value in hints else {}, group)
        for value, words in _pairs(source)
    ]
    return listed if blank is None else [SelectChoice("", blank), *listed]


def _pairs(source: Source) -> Iterable[tuple[str, str]]:
    if isinstance(source, Mapping):
        return source.items()
    if isinstance(source, EnumType):
        members: Iterable[Enum] = iter(source)
        return [
            (str(each.value), getattr(each, "label", None) or spoken(str(each.value))) for each in members
        ]
    return [(value, spoken(value)) for value in source]


def spoken(value: str) -> str:
    """``stop_and_search`` → ``Stop and search``."""
    words = value.replace("_", " ")
    return words[:1].upper() + words[1:]


class SelectField(PlainSelectField):
    """A drop-down. No answer is None and not a wrong answer: say ``Needed()`` where one must be given."""

    data: Any
    process_errors: list[Any]
    errors: Any

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            self.process_errors, self.errors = [], [NOT_LISTED]
            raise StopValidation()
        if self.data in (None, ""):
            self.data = None
        elif not any(choice.selected for choice in self.iter_choices()):
            raise StopValidation(NOT_LISTED)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if valuelist and valuelist[0] != "":
            super().process_formdata(valuelist)


class RadioField(SelectField, PlainRadioField):
    """Radios: every answer is seen at once. Not answering is allowed unless ``Needed()`` says otherwise."""


class CheckboxesField(SelectMultipleField):
    """Tick boxes; ``data`` is the list of what was ticked, in the order of the list, empty where nothing was."""

    data: Any
    process_errors: list[Any]
    errors: Any

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            self.process_errors, self.errors = [], [NOT_LISTED]
            raise StopValidation()
        ticked = list(self.data or [])
        self.data = [self.coerce(choice.value) for choice in self.iter_choices() if choice.selected]
        if any(value not in self.data for value in ticked):
            raise StopValidation(NOT_LISTED)
