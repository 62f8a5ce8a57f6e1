"""Bodies as they may be sent and answered, for the document and its page. Tests read and write each by its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = Mapping[str, Any]

REFERRAL: Example = {
    "force_reference": "20/123456/26",
    "scheme": "divert-adult",
    "occurred_at": "2026-11-20T21:40:00+00:00",
    "setting": "stop_and_search",
    "area": "Birmingham",
    "disposal": {"outcome": "8", "responsibility_accepted": True},
    "officer": {"collar_number": "4312", "name": "PC Example", "email": "4312@force.example"},
    "person": {
        "given_name": "Sam",
        "family_name": "Example",
        "date_of_birth": "2003-05-14",
        "gender": "male",
        "self_defined_ethnicity": "B1",
        "officer_observed_ethnicity": "3",
        "pnc_id": None,
        "mobile": "07700 900123",
        "email": None,
        "address": {"line_1": "1 Example Street", "town": "Birmingham", "postcode": "B1 1AA"},
        "language": "en",
        "interpreter_needed": False,
        "accessibility_needs": None,
        "contact": {
            "voicemail_ok": True,
            "text_ok": True,
            "number_checked": False,
            "best_times": "evenings",
        },
        "responsible_adult": None,
    },
    "offence": {
        "code": "possession_controlled_drug",
        "drugs": [{"substance": "cannabis", "class": "B", "quantity": "2 g"}],
    },
    "agreement": {"given": True, "at": "2026-11-20T21:45:00+00:00", "notice_version": "2026-1"},
    "risk": {"markers": ["lone_working"], "note": None},
    "assessment_slot_id": None,
}

_OPEN: Example = {
    "level": "none",
    "outcome": "open",
    "may_reoffer": True,
    "bar_until": None,
    "rule": "divert-adult v3",
}

_TAKEN: Example = {
    "reference": "K7QM-2X4D",
    "status": "accepted",
    "force_reference": "20/123456/26",
    "scheme": "divert-adult",
    "received_at": "2026-11-20T21:46:10+00:00",
    "compliance": _OPEN,
    "first_contact_due": "2026-11-24T23:59:59+00:00",
    "warnings": [],
    "assessment": None,
}

_EVENT: Example = {
    "id": "evt_5f0c2a9be1d34c7788a1b2c3",
    "sequence": 1042,
    "type": "referral.completed",
    "occurred_at": "2026-12-09T20:30:00+00:00",
    "recorded_at": "2026-12-09T20:41:37+00:00",
    "reference": "K7QM-2X4D",
    "force_reference": "20/123456/26",
    "scheme": "divert-adult",
    "compliance": {**_OPEN, "level": "intervention", "outcome": "completed"},
    "intelligence_log": None,
    "corrects": None,
}

_ENDPOINT: Example = {
    "id": "whe_9c1d4e7a2b5f8036417a9d2c",
    "url": "https://force.example/events",
    "state": "active",
}
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "0123456789ab"

SENT: Mapping[str, Example] = {
    "send_referral": REFERRAL,
    "correct_referral": {"force_reference": "20/123457/26", "person": {"mobile": "07700 900456"}},
    "withdraw_referral": {"reason": "recorded_in_error"},
    "ask_eligibility": {
        "scheme": "divert-adult",
        "person": {
            "given_name": "Sam",
            "family_name": "Example",
            "date_of_birth": "2003-05-14",
            "postcode": "B1 1AA",
            "mobile": None,
        },
    },
    "add_webhook_endpoint": {"url": "https://force.example/events"},
    "replay_webhook_endpoint": {"from": "beginning"},
}
"""By operation: a body that is in order."""

ANSWERED: Mapping[str, Example] = {
    "send_referral": _TAKEN,
    "read_referral": {**_TAKEN, "assessment": {"starts_at": "2026-11-26T14:00:00+00:00"}},
    "correct_referral": {**_TAKEN, "force_reference": "20/123457/26"},
    "withdraw_referral": {
        **_TAKEN,
        "status": "withdrawn",
        "compliance": {**_OPEN, "outcome": "withdrawn"},
        "first_contact_due": None,
    },
    "list_schemes": {
        "schemes": [
            {
                "code": "divert-adult",
                "name": "Divert (adults)",
                "ages": {"from": 18, "to": None},
                "course_minutes": 150,
                "repeat_rule": "while_engaging",
            }
        ]
    },
    "list_slots": {
        "slots": [
            {
                "id": "divert-adult.20261126T1400Z",
                "starts_at": "2026-11-26T14:00:00+00:00",
                "minutes": 45,
            }
        ]
    },
    "ask_eligibility": {
        "answer": "offer",
        "reason": "engaged_before",
        "previous": 1,
        "bar_until": None,
    },
    "list_events": {"events": [_EVENT], "next": "NzoxMDQyOjVjMWYwZTJh", "has_more": False},
    "read_event": _EVENT,
    "add_webhook_endpoint": {**_ENDPOINT, "secret": _SECRET},
    "list_webhook_endpoints": {"endpoints": [_ENDPOINT]},
    "test_webhook_endpoint": _ENDPOINT,
    "change_webhook_secret": {**_ENDPOINT, "secret": _SECRET},
    "replay_webhook_endpoint": {**_ENDPOINT, "events": 12},
}
"""By operation: an answer as it is written."""

PROBLEM: Example = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "See errors.",
    "code": "invalid_request",
    "errors": [{"pointer": "/person/date_of_birth", "code": "in_future", "detail": "This is still to come."}],
}
