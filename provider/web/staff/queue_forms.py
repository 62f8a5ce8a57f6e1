"""Why somebody is put ahead on a waiting list."""

from __future__ import annotations

from provider.domain.courses.waiting import AHEAD
from provider.web.forms import Needed, PageForm, RadioField, options


class AheadForm(PageForm):
    because = RadioField(
        "Why are they put ahead?",
        [Needed("Choose why they are put ahead")],
        choices=options({str(code): words for code, words in AHEAD.items()}),
        description="The reason stands on the list, with your name.",
    )
