"""What an officer chooses from that is not a code list of the police: the words, and the most frequent first."""

from __future__ import annotations

from provider.domain.referrals.codes import Substance
from provider.web.forms import options

YES_NO = {"yes": "Yes", "no": "No"}

LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "bfi": "British Sign Language",
    "bn": "Bengali",
    "cy": "Welsh",
    "es": "Spanish",
    "fa": "Farsi",
    "fr": "French",
    "gu": "Gujarati",
    "it": "Italian",
    "ku": "Kurdish",
    "lt": "Lithuanian",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "sq": "Albanian",
    "ti": "Tigrinya",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "other": "Another language",
}

RISK_MARKERS = {
    "lone_working": "Not to be met alone",
    "violence": "Violence",
    "weapons": "Weapons",
    "self_harm": "Self-harm or suicide",
    "mental_health": "Mental health",
    "domestic_abuse": "Domestic abuse: take care who is listening",
}

_MOST_OFTEN = (
    Substance.CANNABIS,
    Substance.COCAINE,
    Substance.MDMA,
    Substance.KETAMINE,
    Substance.CRACK_COCAINE,
    Substance.HEROIN,
)
_OTHERS = [each for each in Substance if each not in _MOST_OFTEN]

SUBSTANCES = [
    *options({}, blank="Choose a drug"),
    *options({each.value: each.label for each in _MOST_OFTEN}, group="Most often"),
    *options({each.value: each.label for each in _OTHERS}, group="All others"),
]
