"""What a drug worker says to whoever or whatever answers a call, in the scheme's words."""

from __future__ import annotations

from dataclasses import dataclass

from provider.caseload.own_words import holding, own_words_of
from provider.caseload.referral_facts import SchemeFacts
from provider.caseload.wording_words import named
from provider.domain.messaging.kinds import SPOKEN
from provider.domain.messaging.wording import TextFacts, fill, words_for


@dataclass(frozen=True)
class ToSay:
    """``when`` it is said, and the words."""

    when: str
    words: str


def said_on_phone(scheme: SchemeFacts, *, language: str, speaker: str) -> tuple[ToSay, ...]:
    """Everything there are words for, in their language where there is one. ``speaker`` rings. One query."""
    facts = TextFacts(
        scheme.terms.service_name, scheme.terms.phone, link="", worker_first_name=speaker.split(" ")[0]
    )
    own = own_words_of([scheme.id]).get(scheme.id, {})
    found = []
    for kind in SPOKEN:
        words, spoken_in = words_for(kind, language=language, words=holding(own, kind, terms=scheme.terms))
        said = fill(words, facts, kind=kind, language=spoken_in).body
        found.append(ToSay(named(kind)[1], said))
    return tuple(found)
