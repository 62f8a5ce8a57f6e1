"""The way back from a fault's JSON pointer to the field, and the screen, on which it was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provider.kernel.errors import FieldError
from provider.web.officer.body import AS_TYPED, drug_rows


@dataclass(frozen=True)
class Place:
    """Where a field stands."""

    screen: str
    field: str


def _all_on(screen: str, pointers: Mapping[str, str]) -> dict[str, Place]:
    return {pointer: Place(screen, field) for pointer, field in pointers.items()}


_PLACES: dict[str, Place] = {
    **_all_on(
        "event",
        {
            "/scheme": "scheme",
            "/occurred_at": "on",
            "/setting": "setting",
            "/area": "area_other",
            "/force_reference": "force_reference",
            "/officer": "collar_number",
            "/offence": "offence",
            "/offence/drugs": "drugs-0-substance",
        },
    ),
    **_all_on("person", {f"/person/{name}": name for name in (*AS_TYPED, "date_of_birth")}),
    **_all_on(
        "contact",
        {
            "/person": "mobile",
            "/person/mobile": "mobile",
            "/person/email": "email",
            "/person/address": "line_1",
            "/person/address/town": "town",
            "/person/address/postcode": "postcode",
            "/person/contact": "voicemail_ok",
            "/person/contact/best_times": "best_times",
            "/person/responsible_adult": "adult_name",
            "/person/responsible_adult/relationship": "adult_relationship",
            "/person/responsible_adult/mobile": "adult_mobile",
        },
    ),
    **_all_on(
        "agreement",
        {
            "/disposal": "outcome",
            "/disposal/responsibility_accepted": "responsibility_accepted",
            "/disposal/appropriate_adult": "appropriate_adult",
            "/agreement": "given",
            "/risk": "risk_note",
        },
    ),
}


def place_of(fault: FieldError, forms: Mapping[str, Any]) -> Place | None:
    """Where the fault was typed: by its pointer or the nearest parent that stands on a screen."""
    places = _PLACES | _drug_places(forms)
    pointer = fault.pointer
    while pointer:
        if pointer in places:
            return places[pointer]
        pointer = pointer.rpartition("/")[0]
    return None


def faults_on(screen: str, faults: Iterable[FieldError], forms: Mapping[str, Any]) -> list[FieldError]:
    """The faults that were typed on this screen, each pointing to its field."""
    placed = [(fault, place_of(fault, forms)) for fault in faults]
    return [
        FieldError(f"/{place.field}", fault.code, fault.detail)
        for fault, place in placed
        if place is not None and place.screen == screen
    ]


def _drug_places(forms: Mapping[str, Any]) -> dict[str, Place]:
    rows = drug_rows(forms["event"]) if "event" in forms else []
    names = {"substance": "substance", "class": "drug_class", "quantity": "quantity"}
    return {
        f"/offence/drugs/{sent}/{part}": Place("event", f"drugs-{row}-{name}")
        for sent, (row, _) in enumerate(rows)
        for part, name in names.items()
    }
