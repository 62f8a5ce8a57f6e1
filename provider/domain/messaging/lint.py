"""Whether a text may be sent as it is worded: what it must not say, and what it must not leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provider.domain.messaging.forbidden import forbidden_in, forbidden_in_host

TWILIO_KEYWORDS = frozenset(
    "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP".split()  # noqa: SIM905
)
SUGGESTED_REPLIES = frozenset({"1", "2"})

_LINK = re.compile(r"\bhttps?://([^\s/?#]+)\S*|\{link\}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)(?:\+44 ?|0)(?:\d ?){9,10}(?!\d)|\{phone\}")
_SHOUTED = re.compile(rf"\b(?:{'|'.join(sorted(TWILIO_KEYWORDS))})\b")
_ASKED = re.compile(
    r"\b(?:reply|respond|answer|text|send)(?: us)?(?: back)?(?: with| by)?(?: the word)? [\"']?(\w+)",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\breply(?: with)?(?: the word)? [\"']?(?!(?:to|here|when|if)\b)(\w+)", re.IGNORECASE)
_ALSO = re.compile(r"\b(?:reply|respond|answer|text|send)\b[^.?!\n]*\bor [\"']?(\w+)(?! to\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """``code``: a kind of ``forbidden``, or host_name, twilio_keyword, other_reply, no_link, no_number.

    ``detail`` is a sentence for whoever words the text.
    """

    code: str
    detail: str


def lint(body: str) -> tuple[Fault, ...]:
    """Everything that keeps ``body``, a text or its template, from being sent; empty where nothing does."""
    links = list(_LINK.finditer(body))
    rest = _LINK.sub(" ", body)
    return (
        *(Fault(kind, f"“{word}” must not stand in a text.") for kind, word in forbidden_in(rest)),
        *(
            Fault("host_name", f"“{word}” must not stand in the name of the link's host.")
            for link in links
            for word in forbidden_in_host(link[1] or "")
        ),
        *_reply_faults(rest),
        *(() if links else (Fault("no_link", "There is no link to see or change what the text says."),)),
        *(() if _NUMBER.search(rest) else (Fault("no_number", "There is no number to ring."),)),
    )


def _reply_faults(text: str) -> Iterator[Fault]:
    asked = {match[1] for pattern in (_ASKED, _ALSO) for match in pattern.finditer(text)}
    keywords = {word for word in asked if word.upper() in TWILIO_KEYWORDS} | set(_SHOUTED.findall(text))
    for word in sorted(keywords):
        yield Fault("twilio_keyword", f"“{word}” is a word that Twilio takes for itself.")
    replies = {match[1] for match in _REPLY.finditer(text)} | {word for word in asked if word.isdigit()}
    for word in sorted(replies - SUGGESTED_REPLIES - keywords):
        yield Fault("other_reply", f"“{word}”: the only replies a text suggests are 1 and 2.")
