"""What was typed, read back before it is sent: the answers by screen, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provider.domain.referrals.codes import (
    DisposalOutcome,
    DrugClass,
    Gender,
    OffenceCode,
    OfficerObservedEthnicity,
    SelfDefinedEthnicity,
    Setting,
    Substance,
)
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.calendar import at_london
from provider.kernel.codes import Coded
from provider.web.officer.body import drug_rows
from provider.web.officer.lists import LANGUAGES, RISK_MARKERS, YES_NO
from provider.web.officer.ringing import said_of_number
from provider.web.words import london_date, london_datetime, phone

Row = tuple[str, str | None]


@dataclass(frozen=True)
class Part:
    """One screen read back. A row without a value was left open."""

    heading: str
    screen: str
    rows: tuple[Row, ...]


def read_back(forms: Mapping[str, Any], *, schemes: Mapping[str, SchemeNow], child: bool) -> tuple[Part, ...]:
    return (
        Part("What happened", "event", tuple(_event(forms["event"], schemes))),
        Part("Who they are", "person", tuple(_person(forms["person"]))),
        Part("How to reach them", "contact", tuple(_contact(forms["contact"], child=child))),
        Part("Agreement and risk", "agreement", tuple(_agreement(forms["agreement"], child=child))),
    )


def _event(form: Any, schemes: Mapping[str, SchemeNow]) -> Iterable[Row]:
    scheme = schemes.get(form.scheme.data)
    yield "Scheme", scheme.name if scheme is not None else None
    yield "Where", _label(Setting, form.setting.data)
    yield "When", london_datetime(at_london(form.on.data, form.at.data))
    yield "Area", form.area.data or form.area_other.data
    yield "Crime number", form.force_reference.data or "Can follow later"
    yield "What for", _label(OffenceCode, form.offence.data)
    yield "Drugs", "; ".join(_drug(row) for _, row in drug_rows(form)) or None
    if form.collar_number.data:
        yield "Your collar number", form.collar_number.data


def _drug(row: Any) -> str:
    said = (
        _label(Substance, row.substance.data),
        _label(DrugClass, row.drug_class.data),
        row.quantity.data,
    )
    return ", ".join(part for part in said if part)


def _person(form: Any) -> Iterable[Row]:
    yield "Name", f"{form.given_name.data} {form.family_name.data}"
    yield "Date of birth", london_date(form.date_of_birth.data)
    yield "Gender", _label(Gender, form.gender.data)
    yield "Ethnicity, as they define it", _label(SelfDefinedEthnicity, form.self_defined_ethnicity.data)
    yield (
        "Ethnicity, as you see it",
        _label(OfficerObservedEthnicity, form.officer_observed_ethnicity.data),
    )
    interpreter = ", interpreter needed" if form.interpreter_needed.data else ""
    yield "Language", LANGUAGES.get(form.language.data, "English") + interpreter
    if form.accessibility_needs.data:
        yield "Harder on the phone", form.accessibility_needs.data
    if form.pnc_id.data:
        yield "PNC ID", form.pnc_id.data


def _contact(form: Any, *, child: bool) -> Iterable[Row]:
    rang = said_of_number(form)
    yield "Mobile number", f"{phone(form.mobile.data)} – {rang}" if form.mobile.data else None
    yield "Voicemail", YES_NO.get(form.voicemail_ok.data)
    yield "Texts", YES_NO.get(form.text_ok.data)
    if form.best_times.data:
        yield "Best times", form.best_times.data
    address = ", ".join(filter(None, (form.line_1.data, form.town.data, form.postcode.data)))
    if address or not form.mobile.data:
        yield "Address", address or None
    if form.email.data:
        yield "E-mail address", form.email.data
    adult = (form.adult_name.data, form.adult_relationship.data, form.adult_mobile.data)
    if child or any(adult):
        yield "Responsible adult", ", ".join(filter(None, adult)) or None


def _agreement(form: Any, *, child: bool) -> Iterable[Row]:
    yield "They agreed", "Yes, after the notice was read out" if form.given.data else "No"
    yield "Police outcome", _label(DisposalOutcome, form.outcome.data)
    yield "Responsibility accepted", YES_NO.get(form.responsibility_accepted.data)
    if child:
        yield "Appropriate adult there", YES_NO.get(form.appropriate_adult.data)
    yield "Risk", "; ".join(RISK_MARKERS[marker] for marker in form.markers.data or []) or "None given"
    if form.risk_note.data:
        yield "About the risk", form.risk_note.data


def _label(kind: type[Coded], code: str | None) -> str | None:
    return dict(kind.choices()).get(code or "")
