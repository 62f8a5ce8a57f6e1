"""What else a force sends: is this person eligible, a correction, a withdrawal. Read as a referral is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from provider.domain.referrals.codes import WithdrawalReason
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.submission import Address, Contact, Line, Name, Phone, ShortLine
from provider.kernel.calendar import london_date
from provider.kernel.errors import FieldError, Invalid
from provider.kernel.fields import Email, IsoDate, NotBlank, OneLine
from provider.kernel.parsing import Body, cleaned, in_order, read


class CheckedPerson(Body):
    """Somebody an officer asks about. Postcode or mobile makes it certain who they are."""

    given_name: Name
    family_name: Name
    date_of_birth: IsoDate
    postcode: Annotated[str, Field(max_length=10), OneLine] | None = None
    mobile: Phone | None = None


class EligibilityCheck(Body):
    """May this person be offered the scheme?"""

    scheme: Annotated[str, NotBlank, Field(max_length=40), OneLine]
    person: CheckedPerson


def _never_null(described: dict[str, Any]) -> None:
    """May be left out, and is text where it is not."""
    del described["default"]
    described.update(described.pop("anyOf")[0])


class OfficerCorrection(Body):
    """The officer, as far as they are corrected."""

    collar_number: Annotated[str, NotBlank, Field(max_length=30), OneLine] | None = Field(
        None, json_schema_extra=_never_null
    )
    name: Line | None = None
    email: Email | None = None

    @field_validator("collar_number", mode="before")
    @classmethod
    def _stays(cls, sent: Any) -> Any:
        if sent is None:
            raise PydanticCustomError("required", "The officer's number can be changed, not removed.")
        return sent


class PersonCorrection(Body):
    """How the person can be reached, as far as it is corrected."""

    mobile: Phone | None = None
    email: Email | None = None
    address: Address | None = None
    contact: Contact | None = None


class Correction(Body):
    """PATCH of a referral. What was left out stays as it is; what was sent as null is emptied.

    ``model_fields_set`` of each part says which fields were sent.
    """

    force_reference: ShortLine | None = None
    officer: OfficerCorrection | None = None
    person: PersonCorrection | None = None


class Withdrawal(Body):
    """The force takes a referral back."""

    reason: WithdrawalReason


def parse_eligibility_check(
    body: object, *, schemes: Mapping[str, SchemeFacts], now: datetime
) -> EligibilityCheck:
    """``body`` as a check under one of the force's ``schemes``; raises Invalid with every fault at once."""
    check, faults = read(EligibilityCheck, cleaned(body))
    if check is None:
        raise Invalid(in_order(EligibilityCheck, faults))
    if check.scheme not in schemes:
        faults.append(FieldError("/scheme", "unknown_scheme", "This force has no scheme with this code."))
    if check.person.date_of_birth > london_date(now):
        faults.append(FieldError("/person/date_of_birth", "in_future", "This is still to come."))
    if faults:
        raise Invalid(faults)
    return check
