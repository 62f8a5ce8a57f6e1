"""May this person be offered the scheme? The officer decides; that it was asked is kept."""

from __future__ import annotations

from flask import Response

from provider.domain.referrals.requests import parse_eligibility_check
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import transaction
from provider.pathway.checking import check_eligibility
from provider.pathway.receiving import facts_of
from provider.web.api import answers
from provider.web.api.access import by, force_id
from provider.web.api.replies import reply
from provider.web.context import now


def ask_eligibility(sent: object) -> Response:
    asked = parse_eligibility_check(sent, schemes=facts_of(schemes_of(force_id(), at=now())), now=now())
    with transaction():
        answer = check_eligibility(asked, force_id=force_id(), by=by(), now=now())
    return reply(answers.Eligibility.model_validate(answer))
