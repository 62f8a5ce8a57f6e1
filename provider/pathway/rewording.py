"""A scheme words a text its own way: a change is a new version, in force at once, and none is ever rewritten.

What is shipped counts as version 0. A text is worded at the moment it is sent, so that one which is planned already
goes out in the new words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provider.caseload.own_words import scheme_in_force
from provider.domain.audit.trail import record
from provider.domain.messaging.kinds import KINDS, SPOKEN
from provider.domain.messaging.languages import languages, shipped
from provider.domain.messaging.lint import lint_words
from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import versions_of
from provider.domain.schemes.models import Scheme
from provider.domain.schemes.promises import unkept
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid, NotFound, Refusal


class RewordedMeanwhile(Refusal):
    code = "reworded_meanwhile"
    sentence = "Somebody has changed these words since you opened this page. Look at theirs, then save again."


class SameWords(Refusal):
    code = "same_words"
    sentence = "These are the words as they are already."


def reword(
    scheme_id: int, kind: str, language: str, said: str, *, seen: int, by: Actor, now: datetime
) -> Wording:
    """Give a kind of text other words in a language, from now on.

    ``seen`` is the number of the version that stood there when the change was begun. Raises NotFound, Invalid at
    ``/words`` with everything that is wrong, RewordedMeanwhile, SameWords.
    """
    before = _turn(scheme_id, kind, language, seen=seen)
    _refuse_faulty(scheme_id, kind, language, said, now=now)
    words = None if said == shipped(kind, language) else said
    if words == (before[-1].words if before else None):
        raise SameWords
    version = Wording(
        scheme_id=scheme_id,
        kind=kind,
        language=language,
        version=len(before) + 1,
        words=words,
        set_at=now,
        set_by=str(by),
    )
    db.session.add(version)
    db.session.flush()
    about = f"{kind}.{language}"
    record("wording.set", "scheme", scheme_id, by=by, now=now, wording=about, version=version.version)
    return version


def _turn(scheme_id: int, kind: str, language: str, *, seen: int) -> Sequence[Wording]:
    """Every version so far; the scheme is locked until the transaction ends, so that two who change it take turns."""
    if kind not in (*KINDS, *SPOKEN) or language not in languages():
        raise NotFound
    if db.session.get(Scheme, scheme_id, with_for_update=True) is None:
        raise NotFound
    before = versions_of(scheme_id, kind, language)
    if seen != (before[-1].version if before else 0):
        raise RewordedMeanwhile
    return before


def _refuse_faulty(scheme_id: int, kind: str, language: str, said: str, *, now: datetime) -> None:
    broken = unkept(scheme_in_force(scheme_id, now=now).terms)
    faults = lint_words(kind, said, language=language, unkept=broken)
    if faults:
        raise Invalid([FieldError("/words", fault.code, fault.detail) for fault in faults])
