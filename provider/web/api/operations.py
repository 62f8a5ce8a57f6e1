"""Every operation of the Force API, in one table: the routes are made from it, and so is the OpenAPI document."""

from __future__ import annotations

from provider.domain.compliance.replaying import Replay
from provider.domain.compliance.wire import Event
from provider.domain.forces.endpoints import NewEndpoint
from provider.domain.referrals.requests import Correction, EligibilityCheck, Withdrawal
from provider.domain.referrals.submission import ReferralSubmission
from provider.web.api import answers, eligibility, endpoints, events, referrals, report, schemes
from provider.web.api.operation import Operation
from provider.web.api.parameters import EventsQuery, Period

ELIGIBILITY_A_MINUTE = 30

OPERATIONS = (
    Operation(
        "POST",
        "/referrals",
        referrals.send_referral,
        "referrals:write",
        "Send a referral",
        answers.Referral,
        status=201,
        sent=ReferralSubmission,
        once=True,
        conflicts=True,
    ),
    Operation(
        "GET",
        "/referrals/{reference}",
        referrals.read_referral,
        "referrals:read",
        "Read a referral as it stands now",
        answers.Referral,
    ),
    Operation(
        "PATCH",
        "/referrals/{reference}",
        referrals.correct_referral,
        "referrals:write",
        "Correct the reference, the officer or how the person is reached",
        answers.Referral,
        sent=Correction,
        conflicts=True,
    ),
    Operation(
        "POST",
        "/referrals/{reference}/withdrawal",
        referrals.withdraw_referral,
        "referrals:write",
        "Take a referral back",
        answers.Referral,
        sent=Withdrawal,
        conflicts=True,
    ),
    Operation(
        "GET", "/schemes", schemes.list_schemes, "referrals:read", "List your schemes", answers.Schemes
    ),
    Operation(
        "GET",
        "/schemes/{code}/assessment-slots",
        schemes.list_slots,
        "referrals:read",
        "List when a first call could be",
        answers.Slots,
        asked=Period,
    ),
    Operation(
        "POST",
        "/eligibility-checks",
        eligibility.ask_eligibility,
        "referrals:write",
        "Ask whether a person may be offered a scheme",
        answers.Eligibility,
        sent=EligibilityCheck,
        own_limit=("eligibility", ELIGIBILITY_A_MINUTE),
    ),
    Operation(
        "GET",
        "/compliance-events",
        events.list_events,
        "compliance:read",
        "Read the feed, oldest first",
        answers.Events,
        asked=EventsQuery,
    ),
    Operation(
        "GET", "/compliance-events/{id}", events.read_event, "compliance:read", "Read one event", Event
    ),
    Operation(
        "GET",
        "/compliance-report.csv",
        report.download_report,
        "compliance:read",
        "Download one row per referral",
        None,
        asked=Period,
    ),
    Operation(
        "POST",
        "/webhook-endpoints",
        endpoints.add_webhook_endpoint,
        "webhooks:write",
        "Have events sent to an address",
        answers.EndpointWithSecret,
        status=201,
        sent=NewEndpoint,
        once=True,
        conflicts=True,
    ),
    Operation(
        "GET",
        "/webhook-endpoints",
        endpoints.list_webhook_endpoints,
        "webhooks:write",
        "List where events are sent",
        answers.Endpoints,
    ),
    Operation(
        "DELETE",
        "/webhook-endpoints/{id}",
        endpoints.remove_webhook_endpoint,
        "webhooks:write",
        "Send nothing there any more",
        None,
        status=204,
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/test",
        endpoints.test_webhook_endpoint,
        "webhooks:write",
        "Send a test there",
        answers.Endpoint,
        status=202,
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/secret",
        endpoints.change_webhook_secret,
        "webhooks:write",
        "Change the signing secret: for 24 hours the old one signs too",
        answers.EndpointWithSecret,
        conflicts=True,
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/replay",
        endpoints.replay_webhook_endpoint,
        "webhooks:write",
        "Send events again, from one of them on",
        answers.Replayed,
        status=202,
        sent=Replay,
    ),
)
