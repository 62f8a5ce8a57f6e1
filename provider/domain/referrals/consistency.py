"""What the fields of a referral must be together: ages, schemes, agreement, ways to reach the person.

Each rule looks only at parts that are sound by themselves, so that a body with one wrong field still hears of
everything else that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from provider.domain.referrals.codes import OffenceCode
from provider.kernel.calendar import age_on, london_date
from provider.kernel.errors import FieldError
from provider.kernel.fields import read_date, read_moment

YOUNGEST = 10  # the age of criminal responsibility: Children and Young Persons Act 1933 s. 50
OLDEST = 120
NAMES_A_DRUG = OffenceCode.POSSESSION
CLOCKS_DIFFER_BY = timedelta(minutes=5)


@dataclass(frozen=True)
class SchemeFacts:
    """What intake needs to know of a scheme. Ages are whole years, both included; None has no end."""

    code: str
    name: str
    age_from: int
    age_to: int | None
    agreement_required: bool
    disposals: tuple[str, ...] = ("8", "22", "none")

    def takes(self, age: int) -> bool:
        return self.age_from <= age and (self.age_to is None or age <= self.age_to)


@dataclass(frozen=True)
class _Sent:
    """A cleaned body and where it is at fault."""

    body: Mapping[str, Any]
    at_fault: frozenset[str]
    schemes: Mapping[str, SchemeFacts]
    now: datetime

    def at(self, pointer: str) -> Any:
        """What stands at ``pointer``, None where nothing does."""
        part: Any = self.body
        for step in pointer.split("/")[1:]:
            part = part.get(step) if isinstance(part, dict) else None
        return part

    def sound(self, pointer: str) -> Any:
        """What stands at ``pointer`` where neither it nor what it stands in is at fault, else None."""
        around = pointer
        while around:
            if around in self.at_fault:
                return None
            around = around.rpartition("/")[0]
        return self.at(pointer)

    @property
    def scheme(self) -> SchemeFacts | None:
        return self.schemes.get(self.sound("/scheme") or "")

    @property
    def born(self) -> date | None:
        sent = self.sound("/person/date_of_birth")
        return read_date(sent) if sent else None

    def moment(self, pointer: str) -> datetime | None:
        sent = self.sound(pointer)
        return read_moment(sent) if sent else None

    def is_to_come(self, moment: datetime) -> bool:
        return moment > self.now + CLOCKS_DIFFER_BY


def inconsistencies(
    body: Mapping[str, Any],
    *,
    faults: Iterable[FieldError],
    schemes: Mapping[str, SchemeFacts],
    now: datetime,
) -> list[FieldError]:
    """What is wrong between the fields of a cleaned ``body``, given what is wrong within them."""
    sent = _Sent(body, frozenset(fault.pointer for fault in faults), schemes, now)
    return [fault for rule in _RULES for fault in rule(sent)]


def _scheme_is_known(sent: _Sent) -> Iterator[FieldError]:
    if sent.sound("/scheme") and sent.scheme is None:
        yield FieldError("/scheme", "unknown_scheme", "This force has no scheme with this code.")


def _nothing_is_to_come(sent: _Sent) -> Iterator[FieldError]:
    for pointer in ("/occurred_at", "/agreement/at"):
        moment = sent.moment(pointer)
        if moment and sent.is_to_come(moment):
            yield FieldError(pointer, "in_future", "This is still to come.")
    if sent.born and sent.born > london_date(sent.now):
        yield FieldError("/person/date_of_birth", "in_future", "This is still to come.")


def _age_fits(sent: _Sent) -> Iterator[FieldError]:
    occurred_at, born = sent.moment("/occurred_at"), sent.born
    if born is None or born > london_date(sent.now):
        return
    if occurred_at is None or sent.is_to_come(occurred_at):
        return
    fault = _age_fault(age_on(born, london_date(occurred_at)), scheme=sent.scheme, schemes=sent.schemes)
    if fault:
        yield FieldError("/person/date_of_birth", *fault)


def _age_fault(
    age: int, *, scheme: SchemeFacts | None, schemes: Mapping[str, SchemeFacts]
) -> tuple[str, str] | None:
    if age < YOUNGEST:
        return "too_young", "Nobody under 10 can be referred: is this the date of birth?"
    if age > OLDEST:
        return "invalid", "This is too long ago for a date of birth."
    if scheme is None or scheme.takes(age):
        return None
    right = [f"{other.name} ({other.code})" for other in schemes.values() if other.takes(age)]
    instead = f"use {' or '.join(right)}" if right else "this force has no scheme for this age"
    return "age_not_in_scheme", f"{scheme.name} is not for this age: {instead}."


def _disposal_is_taken(sent: _Sent) -> Iterator[FieldError]:
    disposal = sent.sound("/disposal/outcome")
    if sent.scheme and isinstance(disposal, str) and disposal not in sent.scheme.disposals:
        taken = " or ".join(sent.scheme.disposals)
        yield FieldError("/disposal/outcome", "not_in_list", f"{sent.scheme.name} takes {taken}.")


def _can_be_reached(sent: _Sent) -> Iterator[FieldError]:
    if not isinstance(sent.at("/person"), dict):
        return
    ways = ("/person/mobile", "/person/email", "/person/address")
    if all(_says_nothing(sent.at(way)) for way in ways):
        yield FieldError(
            "/person", "contact_required", "Give a mobile number, an e-mail address or an address."
        )


def _says_nothing(part: Any) -> bool:
    return part is None or (isinstance(part, dict) and not any(value for value in part.values()))


def _possession_names_a_drug(sent: _Sent) -> Iterator[FieldError]:
    possession = sent.sound("/offence/code") == NAMES_A_DRUG
    if possession and sent.at("/offence/drugs") in (None, []):
        yield FieldError("/offence/drugs", "required", "Name at least one drug.")


def _agreement_is_given(sent: _Sent) -> Iterator[FieldError]:
    at_fault = {"/agreement", "/agreement/given"} & sent.at_fault
    if sent.scheme and sent.scheme.agreement_required and not at_fault and not sent.sound("/agreement/given"):
        yield FieldError(
            "/agreement/given", "agreement_required", "This scheme is only for people who have agreed to it."
        )


_RULES = (
    _scheme_is_known,
    _nothing_is_to_come,
    _age_fits,
    _disposal_is_taken,
    _can_be_reached,
    _possession_names_a_drug,
    _agreement_is_given,
)
