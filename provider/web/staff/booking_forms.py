"""A time to book, as the button that was pressed names it; and why one is moved."""

from __future__ import annotations

from datetime import datetime

from provider.domain.diary.moves import THEY_ASKED, WORKER_AWAY, AskedBy, MovedBecause, Why
from provider.web.addresses import a_moment
from provider.web.forms import Length, Needed, PageForm, RadioField, StringField, options

WHYS = {
    "they_asked": ("They asked for another time", THEY_ASKED),
    "their_clash": ("Something of theirs clashes", Why(AskedBy.PARTICIPANT, MovedBecause.CLASH)),
    "our_clash": ("Something of ours clashes", Why(AskedBy.STAFF, MovedBecause.CLASH)),
    "worker_away": ("The worker is away", WORKER_AWAY),
    "our_fault": ("A fault of ours", Why(AskedBy.SERVICE, MovedBecause.SERVICE_FAULT)),
    "other": ("Something else", Why(AskedBy.STAFF, MovedBecause.OTHER)),
}


class SlotForm(PageForm):
    """``own``, ``speaking`` and ``colleague`` are the groups of buttons: one of them is sent."""

    own = StringField()
    speaking = StringField()
    colleague = StringField()

    @property
    def starts_at(self) -> datetime | None:
        """The start that was chosen, None for none and for what is no moment."""
        return a_moment(self.own.data or self.speaking.data or self.colleague.data)

    @property
    def is_own(self) -> bool:
        return bool(self.own.data)

    @property
    def in_their_language(self) -> bool:
        return bool(self.speaking.data)


class MoveForm(SlotForm):
    because = RadioField(
        "Why is it moved?",
        [Needed("Choose why it is moved")],
        choices=options({code: words for code, (words, _) in WHYS.items()}),
        default="they_asked",
    )
    words = StringField("In a few words", [Length(max=200)], description="Only who works the case reads this")

    @property
    def why(self) -> Why:
        """Only after it has been validated."""
        asked = WHYS[self.because.data][1]
        return Why(asked.asked_by, asked.because, self.words.data or None)
