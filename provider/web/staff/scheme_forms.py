"""What is asked for when the terms of a scheme change, or a scheme is added."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms.validators import StopValidation

from provider.domain.assessments.reading import read_settings
from provider.domain.schemes.terms import PathwayRules, Terms
from provider.kernel.errors import Invalid
from provider.pathway.agreeing import faults_of
from provider.web.forms import DateParts, HiddenField, Length, Needed, SelectField, StringField, options
from provider.web.staff.scheme_fields import SPARE_ROWS, TermsFields

PATHWAYS = tuple(PathwayRules.model_fields)
LISTED = ("first_contact_texts", "reminder_days")
"""Settings that are several numbers, typed with commas between them."""

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class TermsForm(TermsFields):
    """Every setting of a scheme."""

    _sound: Terms | None = None

    @property
    def terms(self) -> Terms:
        """What was typed, once the form was found to be valid."""
        assert self._sound is not None
        return self._sound

    @classmethod
    def showing(cls, terms: Terms, **more: Any) -> TermsForm:
        return cls(data={**_as_typed(terms), **more})

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then together, so that everything wrong is said at once."""
        if not super().validate(extra_validators):
            return False
        try:
            terms = read_settings(Terms, self._typed())
            faults = faults_of(terms)
            if faults:
                raise Invalid(faults)
        except Invalid as invalid:
            self.add_errors(invalid, self.pointers())
            return False
        self._sound = terms
        return True

    def pointers(self) -> dict[str, str]:
        """Where each part of the terms stands on the form; empty rows of places were left out."""
        found = {f"/{name}": name for name in Terms.model_fields if name in self}
        for pathway in PATHWAYS:
            for part in ("completed_by", "appointments", "miss_uses_chance"):
                found[f"/pathways/{pathway}/{part}"] = f"{pathway}_{part}"
        filled = [entry for entry in self.places_bought.entries if not entry.form.empty]
        for place, entry in enumerate(filled):
            for part in ("from_", "until", "places"):
                found[f"/places_bought/{place}/{part}"] = f"{entry.name}-{part}"
        return found

    def _typed(self) -> dict[str, Any]:
        typed = {name: self[name].data for name in Terms.model_fields if name in self}
        typed["areas"] = [
            line.strip() for line in (self.areas.data or "").splitlines() if line.strip()
        ] or None
        typed["lawful_basis"] = " ".join((self.lawful_basis.data or "").split())
        typed["intelligence_sentence"] = " ".join((self.intelligence_sentence.data or "").split())
        for name in LISTED:
            typed[name] = re.split(r"[\s,]+", self[name].data) if self[name].data else []
        typed["pathways"] = {pathway: self._pathway(pathway) for pathway in PATHWAYS}
        rows = (entry.form for entry in self.places_bought.entries if not entry.form.empty)
        typed["places_bought"] = [
            {"from_": row.from_.data, "until": row.until.data, "places": row.places.data} for row in rows
        ]
        return typed

    def _pathway(self, pathway: str) -> dict[str, Any]:
        parts = ("completed_by", "appointments", "miss_uses_chance")
        return {part: self[f"{pathway}_{part}"].data for part in parts if f"{pathway}_{part}" in self}


class ChangeForm(TermsForm):
    """A new version: what it says, from which day, and that who saves it has seen what changes.

    ``seen`` is the version the change began from; ``checked`` names what was shown to whoever saves it.
    """

    from_day = DateParts(
        "In force from",
        description="From the midnight that begins that day. Leave it empty to begin at once",
    )
    seen = HiddenField()
    checked = HiddenField()

    @property
    def digest(self) -> str:
        """Names exactly these terms from exactly this day."""
        said = f"{self.from_day.data}|{self.terms.model_dump_json()}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def was_checked(self) -> bool:
        """Whether what is being saved is what was shown. If not, it is from now on."""
        same = bool(self.checked.data == self.digest)
        self.checked.data = self.digest
        return same

    @property
    def began_from(self) -> int:
        """The number of the version that the change began from; 0 where none was said."""
        said = str(self.seen.data or "")
        return int(said) if re.fullmatch("[0-9]{1,9}", said) else 0

    def look_again(self, version: int) -> None:
        """Another version was set meanwhile: what was typed stays, and is to be checked against that one."""
        self.seen.data, self.checked.data = str(version), ""


class NewSchemeForm(TermsForm):
    force = SelectField("Force", [Needed("Choose the force")])
    code = StringField(
        "Code",
        [Needed("Enter a code"), Length(max=40)],
        description="Small letters, numbers and hyphens, as the force’s system sends it",
    )
    name = StringField("Name", [Needed("Enter the name"), Length(max=100)])

    def offer(self, forces: Mapping[int, str]) -> None:
        self.force.choices = options({str(key): name for key, name in forces.items()}, blank="Choose a force")

    def validate_code(self, field: Any) -> None:
        if not CODE.fullmatch(field.data or ""):
            raise StopValidation("Code must be small letters, numbers and hyphens, like divert-adult")

    @property
    def new(self) -> NewScheme:
        return NewScheme(int(self.force.data), self.code.data, self.name.data, self.terms)


@dataclass(frozen=True)
class NewScheme:
    force_id: int
    code: str
    name: str
    terms: Terms


BLANK = Terms(service_name="", phone="", intelligence_sentence="")
"""What a new scheme begins with: every setting that has a value of its own."""


def _as_typed(terms: Terms) -> dict[str, Any]:
    """Terms as the fields show them."""
    shown: dict[str, Any] = dict(terms)
    shown["areas"] = "\n".join(terms.areas or ())
    for name in LISTED:
        shown[name] = ", ".join(map(str, shown[name]))
    for pathway in PATHWAYS:
        for part, value in dict(getattr(terms.pathways, pathway)).items():
            shown[f"{pathway}_{part}"] = value
    blank: list[dict[str, date | int | None]] = [{} for _ in range(SPARE_ROWS)]
    shown["places_bought"] = [*(dict(bought) for bought in terms.places_bought), *blank]
    return shown
