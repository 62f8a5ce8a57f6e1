"""What a cell says, as the value that stands in a body. A spreadsheet that has spoilt it is found out, not believed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from provider.domain.referrals.codes import OfficerObservedEthnicity
from provider.domain.referrals.sheet.columns import Column, Kind
from provider.domain.referrals.sheet.times import Unreadable, read_day, read_time
from provider.kernel.codes import Coded

YES = frozenset({"true", "yes", "ja", "1", "y", "wahr"})
NO = frozenset({"false", "no", "nein", "0", "n", "falsch"})

# As Excel and LibreOffice shorten a long number. A collar number like 4E12 has no sign and is left alone.
_SHORTENED = re.compile(r"-?\d(?:[.,]\d+)?E[+-]\d{1,3}", re.ASCII | re.IGNORECASE)
_SHORTENED_PHONE = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
_SPOILT = re.compile(r"#{3,}|#(?:REF|N/A|VALUE|NAME|NUM|DIV/0|NULL)[!?]?|Err:\d+", re.IGNORECASE)
_WHOLE = re.compile(r"(?<!\d)(\d+)[.,]0+", re.ASCII)
_LOST_ZERO = re.compile(r"[123789]\d{9}", re.ASCII)
_LOST_PLUS = re.compile(r"44[123789]\d{9}", re.ASCII)
_SPOKEN = {"ic1": "1", "ic2": "2", "ic3": "3", "ic4": "4", "ic5": "5", "ic6": "6", "ic9": "0"}

ZERO_WAS_LOST = "The spreadsheet had taken away the first 0 of this number. It is read with the 0."
PLUS_WAS_LOST = "The spreadsheet had taken away the + of this number. It is read with the +."


def read_cell(column: Column, text: str) -> Any:
    """What ``text``, which is not blank, says in this column: text, a yes or no, a list. Raises Unreadable."""
    said = text.strip()
    if _SPOILT.fullmatch(said):
        raise Unreadable(
            "spoilt", "The spreadsheet shows an error here instead of a value. Type the value again."
        )
    shortened = _SHORTENED_PHONE if column.kind is Kind.PHONE else _SHORTENED
    if shortened.fullmatch(said):
        raise Unreadable(
            "shortened",
            "The spreadsheet has shortened a long number here, and its last digits are lost. Format the column as "
            "text, type the number again and save.",
        )
    if column.codes is not None:
        return _code(column.codes, said)
    return _READ[column.kind](said)


def doubt_about(column: Column, text: str) -> tuple[str, str] | None:
    """Code and sentence where a number was mended in reading it."""
    if column.kind is not Kind.PHONE:
        return None
    digits = _digits(text.strip())
    if _LOST_ZERO.fullmatch(digits):
        return "zero_was_lost", ZERO_WAS_LOST
    return ("plus_was_lost", PLUS_WAS_LOST) if _LOST_PLUS.fullmatch(digits) else None


def _digits(said: str) -> str:
    """A number as far as a spreadsheet took it for one: ``7700900123.0`` and ``7700 900123`` too."""
    return "".join(_WHOLE.sub(r"\1", said).split())


def _phone(said: str) -> str:
    digits = _digits(said)
    if _LOST_ZERO.fullmatch(digits):
        return f"0{digits[:4]} {digits[4:]}"
    return f"+{digits}" if _LOST_PLUS.fullmatch(digits) else said


def _yes_or_no(said: str) -> bool:
    plain = said.casefold()
    if plain not in YES | NO:
        raise Unreadable("invalid", "This must be yes or no.")
    return plain in YES


def _several(said: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;|\n]", said) if part.strip()]


def _code(codes: type[Coded], said: str) -> str:
    """The code, however it or its label is written; what is neither is left for the submission to refuse."""
    plain = _letters(_WHOLE.sub(r"\1", said))
    spoken = _SPOKEN if codes is OfficerObservedEthnicity else {}
    return spoken.get(plain) or _written(codes).get(plain, said)


def _written(codes: type[Coded]) -> Mapping[str, str]:
    labels = {_letters(member.label): member.value for member in codes}
    return labels | {_letters(member.value): member.value for member in codes}


def _letters(text: str) -> str:
    """Letters and digits alone: case, dashes, brackets and underscores do not matter."""
    return re.sub(r"[^a-z0-9]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


_READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.DAY: read_day,
    Kind.MOMENT: read_time,
    Kind.YES_NO: _yes_or_no,
    Kind.PHONE: _phone,
    Kind.SEVERAL: _several,
}
