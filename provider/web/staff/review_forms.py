"""What is asked about the review of a bar."""

from __future__ import annotations

from collections.abc import Mapping

from provider.domain.referrals.reviews import Decision
from provider.web.forms import Length, Needed, PageForm, RadioField, TextAreaField, options

LONGEST = 2000
HINTS: Mapping[str, str] = {
    Decision.KEEP: "The force is told nothing by its feed; on its page it reads that the bar was reviewed.",
    Decision.LIFT: "The force is told that it may be offered again, and to take what it logged out of its system.",
}
WITHOUT_LOG: Mapping[str, str] = {Decision.KEEP: "Keep the bar", Decision.LIFT: "Lift the bar"}


class AskForm(PageForm):
    words = TextAreaField(
        "Why should it be looked at again?",
        [Needed("Write what they say"), Length(max=LONGEST)],
        description="In their own words. Whoever decides reads this; the force never does.",
    )


class DecideForm(PageForm):
    decision = RadioField(
        "What do you decide?", [Needed("Choose what you decide")], choices=options(Decision, hints=HINTS)
    )
    reason = TextAreaField(
        "Why?",
        [Needed("Give the reason"), Length(max=LONGEST)],
        description="It is kept with the review, for whoever asks why. The force never reads it.",
    )

    def leave_out_the_log(self) -> None:
        """Where the scheme's terms know no intelligence log there is none to withdraw."""
        self.decision.choices = options(WITHOUT_LOG, hints=HINTS)
