"""How a referral ends, where a worker says so."""

from __future__ import annotations

from provider.domain.referrals.endings import NotReached
from provider.web.forms import Needed, PageForm, RadioField, options

AFTER_CALLS = "after_calls"
DECLINED = "declined"
ENDINGS = {
    AFTER_CALLS: "Calling is over: every call that the scheme asks for was made",
    DECLINED: "They declined",
    **dict(NotReached.choices()),
}
HINTS = {
    AFTER_CALLS: "Not engaged where the number is known to work, else not reached",
    DECLINED: "Not engaged",
    **dict.fromkeys((reason.value for reason in NotReached), "Not reached: nobody’s fault, the force reads no reason"),
}


class EndForm(PageForm):
    ending = RadioField(
        "Why does it end?", [Needed("Choose why it ends")], choices=options(ENDINGS, hints=HINTS)
    )
