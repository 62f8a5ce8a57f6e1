"""A referral as a force sends it: the shape of POST /api/v1/referrals, and how a body becomes one.

Lengths are in characters after stripping. What may be null may be left out, and empty text is null. What only
one field shows is here; what fields show together is in ``consistency``, what is only doubtful in ``doubts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool

from provider.domain.referrals import codes
from provider.domain.referrals.consistency import NAMES_A_DRUG, SchemeFacts, inconsistencies
from provider.kernel.characters import SEEN
from provider.kernel.errors import Invalid
from provider.kernel.fields import (
    Email,
    IsoDate,
    Lines,
    Moment,
    NotBlank,
    OneLine,
    null_is_empty,
    null_is_none,
)
from provider.kernel.parsing import Body, cleaned, in_order, read

Name = Annotated[str, NotBlank, Field(max_length=100), OneLine]
Phone = Annotated[str, Field(max_length=40), OneLine]
Line = Annotated[str, Field(max_length=100), OneLine]
ShortLine = Annotated[str, Field(max_length=50), OneLine]
Marker = Annotated[str, NotBlank, Field(max_length=50), OneLine]
Flag = StrictBool | None


def _of_the_older_list(code: object) -> object:
    return "A4" if code == "O1" else code


def _unless_empty(part: Any) -> Any:
    return None if part is not None and part == type(part)() else part


class Disposal(Body):
    """What was offered; ``appropriate_adult``: whether one was there, for somebody under 18."""

    outcome: codes.DisposalOutcome
    responsibility_accepted: Flag = None
    appropriate_adult: Flag = None


class Officer(Body):
    collar_number: Annotated[str, NotBlank, Field(max_length=30), OneLine]
    name: Line | None = None
    email: Email | None = None


class Address(Body):
    line_1: Annotated[str, Field(max_length=200), OneLine] | None = None
    town: Line | None = None
    postcode: Annotated[str, Field(max_length=10), OneLine] | None = None


class Contact(Body):
    """How the person may be rung and texted, as the officer was told; None is not asked."""

    voicemail_ok: Flag = None
    text_ok: Flag = None
    number_checked: Flag = None
    best_times: Annotated[str, Field(max_length=200), OneLine] | None = None


class ResponsibleAdult(Body):
    name: Line | None = None
    relationship: ShortLine | None = None
    mobile: Phone | None = None


def _filled(field: str, **how: Any) -> dict[str, Any]:
    return {"required": [field], "properties": {field: how or {"type": "string", "pattern": SEEN}}}


class SubmittedPerson(Body):
    """Who is referred, with at least one way to reach them."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                _filled("mobile"),
                _filled("email"),
                _filled("address", type="object", anyOf=[_filled(line) for line in Address.model_fields]),
            ]
        }
    )

    given_name: Name
    family_name: Name
    date_of_birth: IsoDate
    gender: codes.Gender
    self_defined_ethnicity: (
        Annotated[codes.SelfDefinedEthnicity, BeforeValidator(_of_the_older_list)] | None
    ) = None
    officer_observed_ethnicity: codes.OfficerObservedEthnicity | None = None
    pnc_id: Annotated[str, Field(max_length=30), OneLine] | None = None
    mobile: Phone | None = None
    email: Email | None = None
    address: Annotated[Address | None, AfterValidator(_unless_empty)] = None
    language: Annotated[str, Field(max_length=20), OneLine] | None = None
    interpreter_needed: Flag = None
    accessibility_needs: Annotated[str, Field(max_length=500), Lines] | None = None
    contact: Annotated[Contact, null_is_empty(Contact)] = Contact()
    responsible_adult: Annotated[ResponsibleAdult | None, AfterValidator(_unless_empty)] = None


class Drug(Body):
    substance: codes.Substance
    drug_class: Annotated[codes.DrugClass | None, Field(alias="class")] = None
    quantity: Line | None = None


Drugs = Annotated[tuple[Drug, ...], Field(max_length=20)]
Markers = Annotated[tuple[Marker, ...], Field(max_length=20)]


class Offence(Body):
    """Possession names at least one drug."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "properties": {
                        "code": {"enum": [code for code in codes.OffenceCode if code != NAMES_A_DRUG]}
                    }
                },
                _filled("drugs", type="array", minItems=1),
            ]
        }
    )

    code: codes.OffenceCode
    drugs: Annotated[Drugs, null_is_none(Drugs)] = ()


class Agreement(Body):
    """The person's agreement to be referred, and the version of the notice that was read out."""

    given: Flag = None
    at: Moment | None = None
    notice_version: Annotated[str, Field(max_length=20), OneLine] | None = None


class Risk(Body):
    markers: Annotated[Markers, null_is_none(Markers)] = ()
    note: Annotated[str, Field(max_length=1000), Lines] | None = None


class ReferralSubmission(Body):
    """One referral as sent. Moments are in UTC."""

    force_reference: ShortLine | None = None
    scheme: Annotated[str, NotBlank, Field(max_length=40), OneLine]
    occurred_at: Moment
    setting: codes.Setting
    area: Line | None = None
    disposal: Disposal
    officer: Officer
    person: SubmittedPerson
    offence: Offence
    agreement: Annotated[Agreement, null_is_empty(Agreement)] = Agreement()
    risk: Annotated[Risk, null_is_empty(Risk)] = Risk()
    assessment_slot_id: Line | None = None


def parse_submission(
    body: object, *, schemes: Mapping[str, SchemeFacts], now: datetime
) -> ReferralSubmission:
    """``body``, as ``json.loads`` gave it, as a referral under one of the force's ``schemes`` (by code).

    Raises Invalid with every fault at once, in the order of the fields: those of single fields, and those
    that several show together wherever these are sound by themselves.
    """
    body = cleaned(body)
    submission, faults = read(ReferralSubmission, body)
    if isinstance(body, dict):
        faults += inconsistencies(body, faults=faults, schemes=schemes, now=now)
    if submission is None or faults:
        raise Invalid(in_order(ReferralSubmission, faults))
    return submission
