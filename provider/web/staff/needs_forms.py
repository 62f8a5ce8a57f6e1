"""What is recorded of needs: each that somebody has, and how it is met."""

from __future__ import annotations

from collections.abc import Iterable

from provider.caseload.needs_page import NeedLine
from provider.domain.needs.rules import WAYS, NeedKind, Way
from provider.web.forms import BooleanField, PageForm, SelectField, options

NOT_YET = "Nothing is arranged yet"


class NeedsForm(PageForm):
    """A tick for each kind of need, and beside it by which way it is met."""

    @property
    def said(self) -> dict[NeedKind, Way | None]:
        """Each need that is ticked, once the form is valid."""
        return {
            kind: Way(chosen) if (chosen := self[f"{kind}_way"].data) else None
            for kind in NeedKind
            if self[str(kind)].data
        }


for _kind in NeedKind:
    _ways = options({way.value: way.label for way in WAYS[_kind]}, blank=NOT_YET)
    setattr(NeedsForm, _kind, BooleanField(_kind.label))
    setattr(NeedsForm, f"{_kind}_way", SelectField(f"How it is met: {_kind.label.lower()}", choices=_ways))


def needs_form(lines: Iterable[NeedLine]) -> NeedsForm:
    """As it stands, ready to be changed."""
    stands: dict[str, bool | str] = {}
    for line in lines:
        stands |= {str(line.kind): True, f"{line.kind}_way": str(line.way) if line.way else ""}
    return NeedsForm(data=stands)
