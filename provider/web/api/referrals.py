"""A police system sends a referral, reads it, corrects it, takes it back."""

from __future__ import annotations

from flask import Response

from provider.caseload.force_view import view_of
from provider.domain.audit.trail import record
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.requests import Correction, Withdrawal
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import transaction
from provider.kernel.parsing import parse
from provider.pathway.closing import withdraw
from provider.pathway.correcting import correct
from provider.pathway.receiving import facts_of, receive
from provider.web.api import answers
from provider.web.api.access import PREFIX, by, force_id, own_referral
from provider.web.api.once import Made, once
from provider.web.api.replies import reply
from provider.web.context import now


def send_referral(sent: object) -> Response:
    return once("send_referral", sent, parse=_submission, act=_receive)


def _submission(sent: object) -> ReferralSubmission:
    return parse_submission(sent, schemes=facts_of(schemes_of(force_id(), at=now())), now=now())


def _receive(submission: ReferralSubmission) -> Made:
    received = receive(
        submission,
        force_id=force_id(),
        warnings=warnings_of(submission),
        received_by="api",
        by=by(),
        now=now(),
    )
    answer = answers.Referral.model_validate(view_of(received.referral))
    return Made(answer, f"{PREFIX}/referrals/{received.reference}")


def read_referral(reference: str) -> Response:
    with transaction():
        referral = own_referral(reference)
        record("referral.read", "referral", referral.id, by=by(), now=now(), person_id=referral.person_id)
        view = view_of(referral)
    return reply(answers.Referral.model_validate(view))


def correct_referral(reference: str, sent: object) -> Response:
    correction = parse(Correction, sent)
    with transaction():
        referral = own_referral(reference)
        correct(referral, correction, by=by(), now=now())
        view = view_of(referral)
    return reply(answers.Referral.model_validate(view))


def withdraw_referral(reference: str, sent: object) -> Response:
    withdrawal = parse(Withdrawal, sent)
    with transaction():
        referral = own_referral(reference)
        withdraw(referral, reason=withdrawal.reason, by=by(), now=now())
        view = view_of(referral)
    return reply(answers.Referral.model_validate(view))
