"""Every way in which this door says no, with the words that explain it: for the document and for its page.

Tests hold the answers to these lists: a code that is not here is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[int, str] = {
    400: "The body is not well-formed JSON, or the Idempotency-Key is missing",
    401: "No key, or one that is not live",
    403: "The key lacks the scope",
    404: "There is no such record of yours",
    405: "This address does not know the method: see Allow",
    409: "That cannot be done now",
    413: "The body is larger than 64 KiB",
    415: "The body is not plain application/json",
    422: "Something sent is not valid: every fault at once",
    429: "Too many requests: see Retry-After",
    503: "Unavailable just now: see Retry-After",
}

HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""What always stands beside a problem of this status."""

CODES: Mapping[int, Mapping[str, str]] = {
    400: {
        "malformed_json": "Not one well-formed JSON value in UTF-8; a name twice in one object; nested too deep.",
        "idempotency_key_required": "The Idempotency-Key header is missing or is not a UUID.",
    },
    401: {"unauthenticated": "The key is missing, wrong, or no longer live."},
    403: {"insufficient_scope": "The key is live and lacks the scope that the operation needs."},
    404: {"not_found": "There is no such record, or it is another force’s: the two look the same."},
    405: {"method_not_allowed": "The address is there; the method is not."},
    409: {
        "duplicate_referral": "This person was sent under this force reference before; reference says which it is.",
        "slot_taken": "Nobody is free at that time any more. Nothing was created.",
        "idempotency_in_flight": "The first request with this key is still being answered. Send the same again.",
        "already_ended": "The referral has ended.",
        "cannot_move": "The referral has moved on meanwhile, so that this no longer follows.",
        "too_many_endpoints": "There are as many endpoints as there may be.",
        "secret_changed_already": "The secret was changed less than a day ago, and the one before it still signs.",
    },
    413: {"content_too_large": "The body is larger than 64 KiB."},
    415: {"unsupported_media_type": "Send application/json, not compressed."},
    422: {
        "invalid_request": "The request was understood and is not valid; errors says what, and where.",
        "idempotency_key_reused": "The Idempotency-Key came with another request before.",
    },
    429: {"rate_limited": "Too many requests in this minute."},
    503: {"unavailable": "The database is away. Nothing was done; send the same again."},
}

FAULTS: Mapping[str, str] = {
    "required": "Something is needed here.",
    "invalid": "This cannot be right: another kind of value, or one that is impossible.",
    "not_in_list": "This is none of the codes in the list.",
    "too_long": "There is more than the limit.",
    "in_future": "This is still to come.",
    "offset_required": "A time needs its offset from UTC.",
    "too_young": "Nobody under 10 can be referred.",
    "age_not_in_scheme": "The scheme is not for this age; detail names one that is.",
    "contact_required": "A mobile number, an e-mail address or an address is needed.",
    "agreement_required": "The scheme takes only people who have agreed.",
    "unknown_field": "There is no such field or parameter.",
    "unknown_scheme": "Your force has no scheme with this code.",
    "unknown_slot": "This is no slot of the scheme.",
}
"""Codes in the errors of a 422."""

WARNINGS: Mapping[str, str] = {
    "not_a_mobile": "This cannot be a UK mobile number, so the person gets no texts.",
    "doubtful_mobile": "This looks like a number that somebody made up.",
    "no_mobile": "Without a mobile number the person gets no texts.",
    "title_in_name": "There is a title in a name.",
    "several_names": "There seem to be several names in one field.",
    "no_responsible_adult": "No responsible adult is named for somebody under 18.",
    "responsibility_not_recorded": "Outcome 8 asks whether the person accepted responsibility.",
    "possible_duplicate": "This may be somebody whom you have referred before.",
    "no_force_reference": "The force’s own reference can follow later.",
}
"""Codes in the warnings of a referral that was taken all the same."""
