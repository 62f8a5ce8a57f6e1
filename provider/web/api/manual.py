"""What the document and its page say beside what the code knows: sentences about each operation, and its group."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "referrals": "Referrals",
    "schemes": "Schemes and first calls",
    "eligibility-checks": "Eligibility",
    "compliance-events": "Compliance events",
    "compliance-report.csv": "Compliance report",
    "webhook-endpoints": "Webhook endpoints",
}
"""By the first part of a path: what stands over its operations."""

WORDS: Mapping[str, str] = {
    "send_referral": (
        "201 whatever becomes of it: `status` is `accepted`, `held` (a person is deciding whether this is somebody "
        "already known, within a working day) or `declined` (with `decline_reason`). Doubtful values are taken, with "
        "`warnings`; impossible ones are refused at their field. Only what is marked as required is needed: all else "
        "may be null or left out, and empty text counts as null. Space around text is taken off, and counts in its "
        "length. At least one of mobile, e-mail and address is needed; possession names at least one drug; agreement "
        "must be given unless the scheme’s terms say that attendance is required by law."
    ),
    "read_referral": "The same object as when it was sent, as it stands now.",
    "correct_referral": (
        "What is left out stays as it is; what is sent as null is emptied. Each change is kept with who made it and "
        "when. A warning about what is corrected gives way to what is doubtful about it then."
    ),
    "withdraw_referral": (
        "A slot, a place and texts are released at once. A second time answers the same and changes nothing."
    ),
    "list_schemes": "Your own force’s schemes, as they stand today.",
    "list_slots": (
        "From now on and for 14 days unless you say otherwise; no further than 60 days ahead. Book one by sending its "
        "`id` as `assessment_slot_id`. An `id` means scheme and start, not a worker; if nobody is free then any more, "
        "the referral is answered with 409 `slot_taken` and nothing is created."
    ),
    "ask_eligibility": (
        "The officer decides; this informs. `do_not_offer` needs a postcode or mobile that matches beside name and "
        "date of birth, otherwise the answer is `ask_provider`. Every check is kept. 30 a minute for a key."
    ),
    "list_events": (
        "Every event once, in one order. Send `next` as `after` to go on; without `after` the feed starts at the "
        "beginning. An event that was readable once never moves or changes, and none appears behind a cursor: what is "
        "put right later is a new event."
    ),
    "read_event": "One event of the feed, by its id.",
    "download_report": (
        "One row per referral received in the period: reference, force reference, scheme, status, level, dates, "
        "whether diversion may be offered again. Safe to open in a spreadsheet."
    ),
    "add_webhook_endpoint": (
        "Events from now on are sent there. The secret that signs them is shown in this answer alone: a replay of the "
        "request says null. Only https, and only addresses on the public network."
    ),
    "list_webhook_endpoints": "Without secrets. `failing`: every try was used up. `disabled`: it answered 410.",
    "remove_webhook_endpoint": "Nothing more is sent there. The feed still has everything.",
    "test_webhook_endpoint": (
        "A test notice is sent within moments. One that gets through makes a failing or disabled endpoint active."
    ),
    "change_webhook_secret": (
        "The new secret is shown in this answer alone. For 24 hours every notice carries two signatures, the new one "
        "and the old one: check for either."
    ),
    "replay_webhook_endpoint": (
        "Everything from there on is sent again, in order, each event under the id it had: `beginning`, an event’s "
        "id, or a time. What was not taken yet is never skipped."
    ),
}
"""By operation."""

PARAMETERS: Mapping[str, str] = {
    "reference": "The referral’s reference, as it was answered: K7QM-2X4D.",
    "code": "The scheme’s code.",
    "id": "The id, as it was answered.",
    "from": "A time with its offset, or a day, meant whole, in London.",
    "to": "Until then: a time with its offset, or a day, meant whole, in London.",
    "after": "The next of the page before; none for the beginning.",
    "limit": "How many at most.",
    "Idempotency-Key": "A new UUID for a new request; the same one when you send that request again.",
}

OVERVIEW = (
    "Referrals in, compliance back. Everything needs a key: `Authorization: Bearer <key>`. Bodies are JSON in UTF-8, "
    "at most 64 KiB, nested at most 32 deep. Times are RFC 3339 with their offset, dates ISO 8601. Errors are "
    "RFC 9457 problems with a stable `code`, and never repeat a value that was sent. A method that an address does not "
    "know is answered with 405 and `Allow`. Replies to GET carry an `ETag`; `If-None-Match` with that tag gives 304."
)

PERMISSION: Mapping[str, str] = {
    "referrals:write": "send, correct and withdraw referrals; ask about eligibility",
    "referrals:read": "read referrals, schemes and slots",
    "compliance:read": "read events and the report",
    "webhooks:write": "manage endpoints",
}

EVENTS: Mapping[str, str] = {
    "referral.accepted": "The provider will be in touch. Level none, outcome open.",
    "referral.declined": "Not taken on; nothing further follows.",
    "referral.withdrawn": "You took it back.",
    "assessment.booked": "A first call has its time. Level none, outcome open.",
    "assessment.attended": "It took place. Level assessment, outcome open.",
    "referral.completed": "Done, at the level that the scheme’s terms count.",
    "referral.not_engaged": "What was offered was not taken up. The only ending with an intelligence_log.",
    "referral.not_reached": "Nobody’s fault, and no reason is given. It may be offered again.",
    "referral.reopened": "The person came back in time: a bar and a log are withdrawn.",
    "outcome.corrected": "An earlier event was wrong; corrects names it, and this one says what holds. "
    "It never has an intelligence_log: one that was told before is withdrawn.",
}
"""By type of event: what it means."""
