"""What is asked about a file of referrals, and what a force administrator reads of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provider.domain.referrals.sheet.columns import COLUMNS, DRUGS, Column, Kind
from provider.web.forms import BooleanField, FileField, Needed, PageForm, SelectField, options


class UploadForm(PageForm):
    file = FileField("CSV file", [Needed("Choose a file")])
    scheme = SelectField("Scheme for rows that name none")
    leave_out = BooleanField("Leave out columns that are not in the template")


def upload_form(schemes: Mapping[str, str]) -> UploadForm:
    """``schemes`` are the force's own, names by code."""
    form = UploadForm()
    form.scheme.choices = options(schemes, blank="Each row names its own")
    return form


@dataclass(frozen=True)
class Explained:
    """A column on the page that explains the template: what it takes, and the codes where it takes no others."""

    name: str
    needed: str
    takes: str
    codes: Sequence[tuple[str, str]]


_TAKES: Mapping[Kind, str] = {
    Kind.DAY: "A date with the day first: 14/05/2003.",
    Kind.MOMENT: "A date and a time in London: 24/11/2026 21:40.",
    Kind.YES_NO: "yes or no. Nothing where nobody asked.",
    Kind.CODE: "One of the list: the code or its words.",
    Kind.PHONE: "A telephone number. A first 0 that the spreadsheet took away is put back.",
    Kind.SEVERAL: "One or several, with a semicolon between them.",
}

_ALSO: Mapping[str, str] = {
    "scheme": "The code of one of your schemes.",
    "force_reference": "Your crime number. It may follow later.",
    "language": "A code such as en, cy or pl.",
}

_NEEDED: Mapping[str, str] = {
    "scheme": "Yes, here or for the whole file",
    "mobile": "This, an e-mail address or an address",
    "email": "This, a mobile number or an address",
    "address_line_1": "An address, a mobile number or an e-mail address",
    "drug_1_substance": "For possession",
    "agreement_given": "Yes, unless the scheme is required by law",
    "disposal_responsibility_accepted": "Asked for with outcome 8",
    "responsible_adult_name": "Asked for under 18",
}
"""Where the columns' own yes or no would not tell all."""


def explained() -> tuple[Explained, ...]:
    """Every column of the template, the further drugs left out: they are as the first."""
    further = tuple(f"drug_{number}_" for number in range(2, DRUGS + 1))
    return tuple(_explained(column) for column in COLUMNS if not column.name.startswith(further))


def _explained(column: Column) -> Explained:
    said = _NEEDED.get(column.name, "Yes" if column.needed else "No")
    codes = tuple((member.value, member.label) for member in column.codes) if column.codes else ()
    return Explained(column.name, said, _takes(column), codes)


def _takes(column: Column) -> str:
    plain = _ALSO.get(column.name) or _TAKES.get(column.kind) or "Text."
    return f"{plain} At most {column.longest:,} characters." if column.kind is Kind.TEXT else plain
