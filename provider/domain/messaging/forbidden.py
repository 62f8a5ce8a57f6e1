"""Words that nothing sent to a person carries: a partner or a parent may read it, a landline may read it aloud.

The same holds for the service's name, the link's host, the meeting's topic and the voicemail script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FORBIDDEN: Mapping[str, str] = {
    "drug_word": """
        drug drugs cannabis weed marijuana skunk cocaine crack heroin opioid* opiate* mdma ecstasy ketamine spice
        methadone naloxone amphetamine* substance* misuse addict* alcohol* drink drinking detox* rehab* recovery sober
        overdose* needle* inject* intoxicat* treatment harm
    """,
    "offence_word": """
        offence* offense* offend* crime* criminal* arrest* court courts prosecut* charged charges convict* guilty
        caution* possession penalty penalties punish* fined fines jail prison victim*
    """,
    "police_word": "police* officer* custody probation constable* sergeant* force forces justice",
    "scheme_word": """
        scheme* divert* diversion* deferred resolution* disposal* referral* referred compliance comply engagement
        intervention* programme assessment*
    """,
    "threat": "consequence* fail failed failure warning* must obligat* final",
}
"""By kind; a star stands for any ending."""

_HOST = "drug cannabis heroin cocaine addict alcohol rehab recovery substance polic crim offen custody court probation"
_IN_HOST = re.compile("|".join([*_HOST.split(), "justice", "divert", "diversion", "caution"]), re.IGNORECASE)


def _pattern(words: str) -> re.Pattern[str]:
    endings = (word.replace("*", r"\w*") for word in words.split())
    return re.compile(rf"(?<!\w)(?:{'|'.join(endings)})(?!\w)", re.IGNORECASE)


_PATTERNS = {kind: _pattern(words) for kind, words in FORBIDDEN.items()}


def forbidden_in(text: str) -> tuple[tuple[str, str], ...]:
    """Each forbidden word as it stands in ``text``, behind its kind."""
    return tuple((kind, match[0]) for kind, pattern in _PATTERNS.items() for match in pattern.finditer(text))


def forbidden_in_host(host: str) -> tuple[str, ...]:
    """Forbidden stems in a host name, where words are run together."""
    return tuple(match[0] for match in _IN_HOST.finditer(host))
