"""What is asked about a key: what it is for, what it may do, and how long the one before it works on."""

from __future__ import annotations

from provider.domain.forces.keys import ROTATION, SCOPES
from provider.web.forms import CheckboxesField, Length, Needed, PageForm, RadioField, StringField, options

SCOPE_WORDS = {
    "referrals:write": "Send, correct and withdraw referrals, and check eligibility",
    "referrals:read": "Read referrals, schemes and open times",
    "compliance:read": "Read outcomes: the feed and the report",
    "webhooks:write": "Say where events are sent",
}
IN_A_LIST = {
    "referrals:write": "Send referrals",
    "referrals:read": "Read referrals",
    "compliance:read": "Read outcomes",
    "webhooks:write": "Manage webhooks",
}
WORKS_ON = {
    "0": "Not at all: it ends now",
    "1": "1 day",
    "7": "7 days",
    "14": "14 days",
    "30": "30 days",
}
"""Days that an old key works beside its successor."""


class KeyForm(PageForm):
    name = StringField(
        "What the key is for",
        [Needed("Say what the key is for"), Length(max=100)],
        description="For example the name of the system that uses it.",
    )
    scopes = CheckboxesField(
        "What it may do",
        [Needed("Tick at least one thing that the key may do")],
        choices=options(SCOPE_WORDS, hints={scope: scope for scope in SCOPES}),
        default=list(SCOPES),
    )


class ReplaceForm(PageForm):
    days = RadioField(
        "How long the old key works on",
        [Needed("Say how long the old key works on")],
        choices=options(WORKS_ON),
        default=str(ROTATION.days),
        description="Long enough to put the new key into every system that has the old one.",
    )
