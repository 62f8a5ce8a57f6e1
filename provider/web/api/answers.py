"""What this door sends, each with its closed list of fields. The OpenAPI document is made from these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from provider.domain.compliance.wire import Compliance, Event
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.answers import Answer, SentMoment

DeclineReason = Literal["did_not_engage", "limit_reached", "out_of_area"]


def _is_none(value: object) -> bool:
    return value is None


class Warned(Answer):
    """Something doubtful that was taken all the same."""

    pointer: str
    code: str
    detail: str


class FirstCall(Answer):
    starts_at: SentMoment


class Referral(Answer):
    """A referral as it stands now. ``decline_reason`` is there only when it was declined."""

    reference: str
    status: Literal["accepted", "held", "declined", "completed", "not_engaged", "not_reached", "withdrawn"]
    force_reference: str | None
    scheme: str
    received_at: SentMoment
    compliance: Compliance
    first_contact_due: SentMoment | None
    warnings: tuple[Warned, ...]
    assessment: FirstCall | None
    decline_reason: Annotated[DeclineReason | None, Field(exclude_if=_is_none)] = None


class Eligibility(Answer):
    """Whether the scheme may be offered; the officer decides."""

    answer: Literal["offer", "do_not_offer", "ask_provider"]
    reason: Literal[
        "no_previous", "engaged_before", "did_not_engage", "limit_reached", "not_certain_same_person"
    ]
    previous: int
    bar_until: date | None


class Ages(Answer):
    """Whole years, both included; ``to`` null has no end."""

    from_: int = Field(serialization_alias="from")
    to: int | None


class Scheme(Answer):
    code: str
    name: str
    ages: Ages
    course_minutes: int
    repeat_rule: Literal["unlimited", "while_engaging", "up_to"]

    @classmethod
    def of(cls, scheme: SchemeNow) -> Scheme:
        terms = scheme.terms
        return cls(
            code=scheme.code,
            name=scheme.name,
            ages=Ages(from_=terms.age_from, to=terms.age_to),
            course_minutes=terms.course_minutes,
            repeat_rule=terms.repeat_rule,
        )


class Schemes(Answer):
    schemes: tuple[Scheme, ...]


class Slot(Answer):
    """A start that somebody is free for; ``id`` means scheme and start, not a worker."""

    id: str
    starts_at: SentMoment
    minutes: int


class Slots(Answer):
    slots: tuple[Slot, ...]


class Events(Answer):
    """A page of the feed. ``next`` is always given: on an empty page it is the cursor that was sent."""

    events: tuple[Event, ...]
    next: str
    has_more: bool


class Endpoint(Answer):
    """Where events are sent. Failing: every try was used up. Disabled: it answered that it is gone."""

    id: str = Field(validation_alias="public_id")
    url: str
    state: Literal["active", "failing", "disabled"]


class EndpointWithSecret(Endpoint):
    """With the secret that signs what is sent there: shown once, null when the request is replayed."""

    model_config = ConfigDict(populate_by_name=True)

    secret: str | None


class Replayed(Endpoint):
    """How many events are sent again, each under the id that it had."""

    events: int


class Endpoints(Answer):
    endpoints: tuple[Endpoint, ...]
