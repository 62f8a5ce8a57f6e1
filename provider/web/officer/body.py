"""What was typed on the screens becomes the body that a police system would send: one way in for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider.domain.accounts.sign_in import SignedIn
from provider.kernel.calendar import at_london
from provider.web.officer.ringing import IT_RANG, number_sent

NOTICE_VERSION = "2026-1"
AS_TYPED = (
    "given_name",
    "family_name",
    "gender",
    "self_defined_ethnicity",
    "officer_observed_ethnicity",
    "language",
    "interpreter_needed",
    "accessibility_needs",
    "pnc_id",
)
"""What the screen about the person and the body call by one name."""

_YES_NO = {"yes": True, "no": False}


def body_of(forms: Mapping[str, Any], *, officer: SignedIn, slot_id: str | None = None) -> dict[str, Any]:
    """A referral's body from the forms of the screens that were filled in; what is not there yet is left out."""
    body: dict[str, Any] = {"assessment_slot_id": slot_id}
    person: dict[str, Any] = {}
    if "event" in forms:
        body |= _event(forms["event"], officer)
    if "person" in forms:
        person |= _person(forms["person"])
    if "contact" in forms:
        person |= _contact(forms["contact"])
    if "agreement" in forms:
        body |= _agreement(forms["agreement"])
    return body | ({"person": person} if person else {})


def _event(form: Any, officer: SignedIn) -> dict[str, Any]:
    both = form.on.data is not None and form.at.data is not None
    return {
        "force_reference": form.force_reference.data,
        "scheme": form.scheme.data,
        "occurred_at": at_london(form.on.data, form.at.data).isoformat() if both else None,
        "setting": form.setting.data,
        "area": form.area.data or form.area_other.data,
        "officer": {
            "collar_number": officer.collar_number or form.collar_number.data,
            "name": officer.name,
            "email": officer.email,
        },
        "offence": {"code": form.offence.data, "drugs": [_drug(row) for _, row in drug_rows(form)]},
    }


def drug_rows(form: Any) -> list[tuple[int, Any]]:
    """The rows in which something was said, each with its place on the screen."""
    rows = [(place, entry.form) for place, entry in enumerate(form.drugs)]
    return [(place, row) for place, row in rows if any(row.data.values())]


def _drug(row: Any) -> dict[str, Any]:
    return {
        "substance": row.substance.data,
        "class": row.drug_class.data,
        "quantity": row.quantity.data,
    }


def _person(form: Any) -> dict[str, Any]:
    born = form.date_of_birth.data
    return {name: form[name].data for name in AS_TYPED} | {
        "date_of_birth": born.isoformat() if born is not None else None
    }


def _contact(form: Any) -> dict[str, Any]:
    return {
        "mobile": number_sent(form),
        "email": form.email.data,
        "address": {name: form[name].data for name in ("line_1", "town", "postcode")},
        "contact": {
            "voicemail_ok": _YES_NO.get(form.voicemail_ok.data),
            "text_ok": _YES_NO.get(form.text_ok.data),
            "number_checked": form.number_checked.data == IT_RANG,
            "best_times": form.best_times.data,
        },
        "responsible_adult": {
            name: form[f"adult_{name}"].data for name in ("name", "relationship", "mobile")
        },
    }


def _agreement(form: Any) -> dict[str, Any]:
    given = bool(form.given.data)
    return {
        "disposal": {
            "outcome": form.outcome.data,
            "responsibility_accepted": _YES_NO.get(form.responsibility_accepted.data),
            "appropriate_adult": _YES_NO.get(form.appropriate_adult.data),
        },
        "agreement": {"given": given, "notice_version": NOTICE_VERSION if given else None},
        "risk": {"markers": form.markers.data or [], "note": form.risk_note.data},
    }
