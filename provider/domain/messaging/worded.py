"""Which words a text went out in: whose, of which kind, in which language, and exactly which.

Words that are changed are other words, so that what is known of the old ones – that networks filter them – ends with
them by itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from provider.domain.messaging.languages import shipped
from provider.domain.messaging.models import Wording
from provider.kernel.database import db


@dataclass(frozen=True)
class WordedAs:
    """As text, ``3:assessment_booked:en:9f86d081884c``, kept with a text. ``digest`` is of the words as written."""

    scheme_id: int
    kind: str
    language: str
    digest: str

    def __str__(self) -> str:
        return f"{self.scheme_id}:{self.kind}:{self.language}:{self.digest}"

    @classmethod
    def of(cls, said: str, *, scheme_id: int, kind: str, language: str) -> WordedAs:
        return cls(scheme_id, kind, language, hashlib.sha256(said.encode()).hexdigest()[:12])

    @classmethod
    def read(cls, kept: str) -> WordedAs:
        """The other way round. ValueError for what is none."""
        scheme_id, kind, language, digest = kept.split(":")
        return cls(int(scheme_id), kind, language, digest)

    def still_used(self) -> bool:
        """Whether the scheme says it in these very words at this moment. One query."""
        said = db.session.scalars(
            sa.select(Wording.words)
            .where(
                Wording.scheme_id == self.scheme_id,
                Wording.kind == self.kind,
                Wording.language == self.language,
            )
            .order_by(Wording.version.desc())
            .limit(1)
        ).first() or shipped(self.kind, self.language)
        return said is not None and self == WordedAs.of(
            said, scheme_id=self.scheme_id, kind=self.kind, language=self.language
        )
