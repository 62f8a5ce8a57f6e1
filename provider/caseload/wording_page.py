"""The words of one kind of text in one language of a scheme, and every version they have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provider.caseload.actors import names_of
from provider.caseload.differences import Piece, differences
from provider.caseload.own_words import scheme_in_force
from provider.caseload.wording_preview import examples
from provider.caseload.wording_words import PUT_IN, named
from provider.domain.messaging.kinds import KINDS, SPOKEN
from provider.domain.messaging.languages import Language, languages, shipped
from provider.domain.messaging.models import Wording
from provider.domain.messaging.versions import versions_of
from provider.domain.messaging.wording import may_hold
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class Version:
    """``number`` 0 is what is shipped. ``changed`` is what it says otherwise than the version before it."""

    number: int
    said: str
    shipped: bool
    set_at: datetime | None
    set_by: str | None
    changed: tuple[Piece, ...]


@dataclass(frozen=True)
class PutIn:
    """A placeholder, what stands in its place, and an example."""

    name: str
    means: str
    example: str


@dataclass(frozen=True)
class WordingPage:
    """``versions`` newest first; there is always one, which may say nothing: not shipped in this language."""

    scheme: SchemeNow
    kind: str
    occasion: str
    name: str
    language: Language
    spoken: bool
    put_in: tuple[PutIn, ...]
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[0]


def wording_page(scheme_id: int, code: str, kind: str, *, public_url: str, now: datetime) -> WordingPage:
    """One wording, in four queries. Raises NotFound."""
    scheme = scheme_in_force(scheme_id, now=now)
    if kind not in (*KINDS, *SPOKEN) or code not in languages():
        raise NotFound
    occasion, name = named(kind)
    shown = examples(scheme, code, public_url=public_url)
    known = may_hold(kind)
    return WordingPage(
        scheme=scheme,
        kind=kind,
        occasion=occasion,
        name=name,
        language=languages()[code],
        spoken=kind in SPOKEN,
        put_in=tuple(PutIn(name, means, shown[name]) for name, means in PUT_IN.items() if name in known),
        versions=_versions(versions_of(scheme_id, kind, code), shipped(kind, code) or ""),
    )


def _versions(rows: Sequence[Wording], as_shipped: str) -> tuple[Version, ...]:
    names = names_of(row.set_by for row in rows)
    made = [Version(0, as_shipped, shipped=True, set_at=None, set_by=None, changed=())]
    for row in rows:
        said = row.words if row.words is not None else as_shipped
        made.append(
            Version(
                number=row.version,
                said=said,
                shipped=row.words is None,
                set_at=row.set_at,
                set_by=names[row.set_by],
                changed=differences(made[-1].said, said),
            )
        )
    return tuple(reversed(made))
