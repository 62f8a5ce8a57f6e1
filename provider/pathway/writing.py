"""A letter is printed and posted, to whom texts do not reach."""

from __future__ import annotations

from datetime import datetime

from provider.caseload.letters_page import LetterPage
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.messaging.models import Letter
from provider.domain.needs.queries import needs_of
from provider.domain.needs.rules import Way
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.steps import lock_case
from provider.pathway.stopping import LETTER_TASKS


class LetterChanged(Refusal):
    code = "letter_changed"
    sentence = "What this letter says has changed since it was printed. Print it again."


class NoAddress(Refusal):
    code = "no_address"
    sentence = "There is no address to write to. Ask them for one."


def post(case_id: int, letter: LetterPage, *, printed: str, by: Actor, now: datetime) -> Letter:
    """Somebody says that a letter is in the post; ``printed`` is the digest of what was printed.

    ``letter`` is worded from what is booked now. Raises LetterChanged where that is something else by now, NoAddress.
    """
    case = lock_case(case_id)
    if not letter.to:
        raise NoAddress
    if letter.worded.digest != printed:
        raise LetterChanged
    posted = Letter(
        case_id=case_id,
        kind=letter.kind,
        language=letter.worded.language,
        digest=printed,
        appointment_id=letter.about.appointment_id,
        place_id=letter.about.place_id,
        posted_at=now,
        posted_by=str(by),
    )
    db.session.add(posted)
    db.session.flush()
    finish_tasks(case_id, kinds=LETTER_TASKS, by=str(by), now=now)
    record("letter.posted", "letter", posted.id, by=by, now=now, person_id=case.person_id, kind=letter.kind)
    return posted


def write_where_needed(case: Case, *, now: datetime) -> None:
    """Something was booked: who is told by letter gets one, and that is work for somebody."""
    if any(need.way == Way.LETTER for need in needs_of(case.person_id)):
        raise_task("letter", case_id=case.id, due_at=now, now=now)
