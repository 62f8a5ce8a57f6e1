"""Bodies of referrals for the tests of rules: the 300 of the contract, and one good one to change."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.kernel.errors import Invalid

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMES = {
    scheme.code: scheme
    for scheme in (
        SchemeFacts("divert-adult", "Divert", 18, None, agreement_required=True),
        SchemeFacts("divert-young-people", "Divert for young people", 10, 17, agreement_required=True),
        SchemeFacts("custody-referral", "Custody referral", 18, None, agreement_required=False),
    )
}
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "contracts" / "referrals.jsonl").read_text().splitlines()
]
GOOD: dict[str, Any] = CASES[0]["body"]
GONE = object()


def changed(pointer: str, value: object) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    *path, last = pointer.split("/")[1:]
    part = body
    for step in path:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return body


def faults(body: object) -> list[tuple[str, str]]:
    try:
        parse_submission(body, schemes=SCHEMES, now=NOW)
    except Invalid as invalid:
        return [(error.pointer, error.code) for error in invalid.errors]
    return []


def taken(body: object) -> ReferralSubmission:
    return parse_submission(body, schemes=SCHEMES, now=NOW)


def doubts(body: object) -> list[tuple[str, str]]:
    return [(doubt.pointer, doubt.code) for doubt in warnings_of(taken(body))]
