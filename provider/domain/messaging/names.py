"""First names in texts."""

from __future__ import annotations

import unicodedata

from provider.domain.messaging.forbidden import forbidden_in
from provider.domain.messaging.segments import to_gsm
from provider.kernel.names import without_title

LONGEST = 20
_BETWEEN = " -'"


def safe_first_name(name: str | None) -> str | None:
    """A first name as it can stand in a text: letters, marks, spaces, hyphens and apostrophes, 20 characters at most.

    None where it is anything else, or a word a text must not carry: then the text greets without a name. A name
    typed in capitals throughout is set as names are; otherwise it is spelled as its owner spells it.
    """
    said = without_title(" ".join(to_gsm(name or "").split()))
    # Small letters can be longer than the capitals they stand for.
    said = said.title() if said.isupper() and len(said) > 2 else said
    if not 0 < len(said) <= LONGEST or not _is_name(said) or forbidden_in(said):
        return None
    return said


def _is_name(said: str) -> bool:
    kinds = [unicodedata.category(character)[0] for character in said]
    fits = all(kind in "LM" or character in _BETWEEN for kind, character in zip(kinds, said, strict=True))
    return fits and kinds[0] == "L"
