"""What is asked for when work is spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provider.caseload.masking import MASKED
from provider.caseload.team_cases import CaseLine
from provider.web.forms import CheckboxesField, Needed, PageForm, SelectField, options
from provider.web.words import london_short


class SpreadForm(PageForm):
    """Which cases, to whom. A restricted record is given by whoever may read it, from its own page."""

    cases = CheckboxesField("Cases", [Needed("Choose at least one case")])
    worker = SelectField("Give to", [Needed("Choose who gets them")])

    def __init__(self, lines: Iterable[CaseLine], workers: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        offered = [line for line in lines if line.who.name != MASKED]
        names = {line.who.reference: f"{line.who.name}, {line.who.reference}" for line in offered}
        self.cases.choices = options(names, hints={line.who.reference: _hint(line) for line in offered})
        self.worker.choices = options(
            {str(key): name for key, name in workers.items()}, blank="Choose a worker"
        )


def _hint(line: CaseLine) -> str:
    due = f"first contact due {london_short(line.due)}"
    late = ", late" if line.late else ""
    return f"{line.scheme}, {due}{late}" + (f", with {line.worker}" if line.worker else "")
