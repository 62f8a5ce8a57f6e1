"""How a referral ends, where a worker says so."""

from __future__ import annotations

from provider.domain.referrals.endings import NotReached
from provider.web.forms import Needed, PageForm, RadioField, options

AFTER_CALLS = "after_calls"
DECLINED = "declined"
ENDINGS = {
    AFTER_CALLS: "Calling is over: every call that the scheme asks for was made",
    DECLINED: "Not engaged: they declined",
    **{code: f"Not reached: {words[:1].lower()}{words[1:]}" for code, words in NotReached.choices()},
}
HINTS = {AFTER_CALLS: "Not engaged where the number is known to work, else not reached"}


class EndForm(PageForm):
    ending = RadioField(
        "Why does it end?",
        [Needed("Choose why it ends")],
        choices=options(ENDINGS, hints=HINTS),
        description="Not reached is nobody’s fault: the force reads no reason, and nothing is logged.",
    )
