"""What is doubtful about a referral and taken all the same: nothing here ever blocks the roadside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from provider.domain.referrals.codes import DisposalOutcome
from provider.domain.referrals.requests import Correction
from provider.domain.referrals.submission import ReferralSubmission
from provider.kernel.calendar import age_on, london_date
from provider.kernel.errors import FieldError
from provider.kernel.names import without_title
from provider.kernel.numbers import Verdict, read_mobile

ADULT = 18
_FORCE_REFERENCE, _MOBILE = "/force_reference", "/person/mobile"
_SEVERAL = re.compile(r"[,;]|\s(?:&|aka|alias|also known as|or)\s", re.IGNORECASE)

_NUMBERS = {
    Verdict.NOT_A_MOBILE: ("not_a_mobile", "This cannot be a UK mobile number: the person gets no texts."),
    Verdict.DOUBTFUL: ("doubtful_mobile", "This looks like a number somebody made up: please check it."),
}


class Doubt(FieldError):
    """Something taken that should be looked at; written like a fault: pointer, code, detail."""


def warnings_of(submission: ReferralSubmission) -> tuple[Doubt, ...]:
    """What is doubtful in ``submission``, in the order of its fields.

    ``possible_duplicate`` is not among them: it takes knowing the other referrals.
    """
    return tuple(doubt for look in _LOOKS for doubt in look(submission))


def warnings_after(correction: Correction, before: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The warnings of a referral, as they are kept, once it is corrected: those of a field that was corrected give way
    to what is doubtful about it now."""
    found: dict[str, tuple[Doubt, ...]] = {}
    if "force_reference" in correction.model_fields_set:
        found[_FORCE_REFERENCE] = tuple(_no_force_reference(correction))
    if correction.person is not None and "mobile" in correction.person.model_fields_set:
        found[_MOBILE] = tuple(_number_to_text(correction.person.mobile))
    now = [vars(doubt) for doubts in found.values() for doubt in doubts]
    return now + [one for one in before if one["pointer"] not in found]


def _no_force_reference(sent: ReferralSubmission | Correction) -> Iterator[Doubt]:
    if not sent.force_reference:
        yield Doubt(_FORCE_REFERENCE, "no_force_reference", "The force's own reference can follow later.")


def _responsibility(submission: ReferralSubmission) -> Iterator[Doubt]:
    disposal = submission.disposal
    if disposal.outcome is DisposalOutcome.COMMUNITY_RESOLUTION and disposal.responsibility_accepted is None:
        yield Doubt(
            "/disposal/responsibility_accepted",
            "responsibility_not_recorded",
            "Outcome 8 asks whether the person accepted responsibility.",
        )


def _names(submission: ReferralSubmission) -> Iterator[Doubt]:
    for field in ("given_name", "family_name"):
        name = getattr(submission.person, field)
        if without_title(name) != name:
            yield Doubt(f"/person/{field}", "title_in_name", "There is a title in this name.")
        if _SEVERAL.search(name):
            yield Doubt(f"/person/{field}", "several_names", "There seem to be several names in this field.")


def _mobile(submission: ReferralSubmission) -> Iterator[Doubt]:
    yield from _number_to_text(submission.person.mobile)


def _number_to_text(mobile: str | None) -> Iterator[Doubt]:
    if mobile is None:
        yield Doubt(_MOBILE, "no_mobile", "Without a mobile number the person gets no texts.")
    else:
        yield from _number(_MOBILE, mobile)


def _responsible_adult(submission: ReferralSubmission) -> Iterator[Doubt]:
    person = submission.person
    if person.responsible_adult and person.responsible_adult.mobile:
        yield from _number("/person/responsible_adult/mobile", person.responsible_adult.mobile)
    under_age = age_on(person.date_of_birth, london_date(submission.occurred_at)) < ADULT
    if under_age and person.responsible_adult is None:
        yield Doubt(
            "/person/responsible_adult",
            "no_responsible_adult",
            "No responsible adult is named for someone under 18.",
        )


def _number(pointer: str, text: str) -> Iterator[Doubt]:
    verdict = read_mobile(text).verdict
    if verdict in _NUMBERS:
        yield Doubt(pointer, *_NUMBERS[verdict])


_LOOKS = (_no_force_reference, _responsibility, _names, _mobile, _responsible_adult)
