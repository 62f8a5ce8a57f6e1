"""Where the steps of a referral are done: the address of each, and how a change is carried out and answered."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, url_for

from provider.caseload.steps import Go
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.web.forms import PageForm
from provider.web.officer.lists import LANGUAGES, RISK_MARKERS
from provider.web.staff import desk
from provider.web.words import words

ENDPOINTS: dict[Go, tuple[str, str | None]] = {
    Go.TAKE: ("staff.take", None),
    Go.MATCH: ("staff.match", None),
    Go.CALL: ("staff.referral", "call"),
    Go.ARRIVED: ("staff.text_arrived", None),
    Go.TEXTS: ("staff.thread", None),
    Go.NUMBER: ("staff.number", None),
    Go.WHOSE_TEXTS: ("staff.whose_texts", None),
    Go.NEEDS: ("staff.needs", None),
    Go.LETTERS: ("staff.letters", None),
    Go.TASKS: ("staff.referral", "tasks"),
    Go.BOOK: ("staff.book", None),
    Go.APPOINTMENT: ("staff.referral", "appointment"),
    Go.ASSESSMENT: ("staff.assessment", None),
    Go.COURSE: ("staff.course", None),
    Go.CLOSE: ("staff.close", None),
    Go.REOPEN: ("staff.reopen", None),
    Go.REVIEW: ("staff.review", None),
}
BY_POST = frozenset({Go.TAKE, Go.REOPEN})


def way_to(go: Go, reference: str) -> str:
    """The address where a step of a referral is done."""
    endpoint, anchor = ENDPOINTS[go]
    return url_for(endpoint, reference=reference, _anchor=anchor)


@desk.app_template_filter()
def language(code: str) -> str:
    """``pl`` → ``Polish``; a code that is on no list as it is."""
    return LANGUAGES.get(code, code)


@desk.app_template_filter()
def risk_marker(code: str) -> str:
    """``lone_working`` → ``Not to be met alone``."""
    return RISK_MARKERS.get(code) or words(code)


@desk.context_processor
def _for_templates() -> dict[str, object]:
    return {"way_to": way_to, "by_post": BY_POST}


def carried_out(form: PageForm, change: Callable[[], object]) -> bool:
    """Carry out what a form asks for. Where it is refused, the form says why."""
    try:
        with transaction():
            change()
    except Refusal as refusal:
        form.add_refusal(refusal)
        return False
    return True


def done(change: Callable[[], object], *, said: str) -> bool:
    """Carry out one change. The next page says so, or why it was refused."""
    try:
        with transaction():
            change()
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return False
    flash(said)
    return True
