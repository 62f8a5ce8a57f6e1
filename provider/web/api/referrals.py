"""A police system sends a referral, reads it, corrects it, takes it back."""

from __future__ import annotations

from flask import Response

from provider.domain.audit.trail import record
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.models import Referral
from provider.domain.referrals.requests import Correction, Withdrawal
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.database import db, transaction
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
    answer = answers.Referral.model_validate(own_referral(received.reference))
    return Made(answer, f"{PREFIX}/referrals/{received.reference}")


def read_referral(reference: str) -> Response:
    with transaction():
        view = own_referral(reference)
        record("referral.read", "referral", view.referral_id, by=by(), now=now(), person_id=view.person_id)
    return reply(answers.Referral.model_validate(view))


def correct_referral(reference: str, sent: object) -> Response:
    correction = parse(Correction, sent)
    with transaction():
        correct(_referral(reference), correction, by=by(), now=now())
        view = own_referral(reference)
    return reply(answers.Referral.model_validate(view))


def withdraw_referral(reference: str, sent: object) -> Response:
    withdrawal = parse(Withdrawal, sent)
    with transaction():
        withdraw(_referral(reference), reason=withdrawal.reason, by=by(), now=now())
        view = own_referral(reference)
    return reply(answers.Referral.model_validate(view))


def _referral(reference: str) -> Referral:
    return db.session.get_one(Referral, own_referral(reference).referral_id)
