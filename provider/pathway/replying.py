"""A drug worker answers in the thread, or says that there was nothing to answer: either way the replies are read."""

from __future__ import annotations

from datetime import datetime

from provider.caseload.thread_facts import addressee, draft, last_reply
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks
from provider.domain.messaging.answers import answer_in_words
from provider.domain.messaging.reading import read_replies
from provider.domain.messaging.written import LONGEST
from provider.kernel.actors import Actor
from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.pathway.steps import lock_case


class CannotAnswer(Refusal):
    code = "cannot_answer"
    sentence = "Nothing can be texted to them now. Ring them."


class CameMeanwhile(Refusal):
    code = "came_meanwhile"
    sentence = "They wrote again while you were writing. Read it below, then send your answer."


def answer(
    case_id: int, words: str, *, seen: int, once: str, public_url: str, by: Actor, now: datetime
) -> bool:
    """Send ``words`` as a text, worded as every text is; answers False where this very form was sent before.

    ``seen`` is the id of the last reply that whoever answers had before them. Raises CannotAnswer, CameMeanwhile, or
    Invalid with every fault of the words at ``/words``.
    """
    case = lock_case(case_id)
    last = last_reply(case_id)
    if last is not None and last.id > seen:
        raise CameMeanwhile
    to = addressee(case_id, now=now)
    if to.cannot is not None or to.number is None:
        raise CannotAnswer(to.cannot or CannotAnswer.sentence)
    said = " ".join(words.split())
    faults = [fault.detail for fault in draft(said, to, public_url=public_url).faults]
    if len(said) > LONGEST:
        faults.append(f"Write at most {LONGEST} characters: it is {len(said)}.")
    if faults:
        raise Invalid([FieldError("/words", "wording", fault) for fault in faults])
    sent = answer_in_words(
        said, last, case_id=case_id, number_id=to.number.id, by_id=by.account_id, once=once, now=now
    )
    if sent:
        record("reply.answered", "case", case_id, by=by, now=now, person_id=case.person_id)
        _read_all(case_id, by=by, now=now)
    return sent


def nothing_to_answer(case_id: int, *, seen: int, by: Actor, now: datetime) -> None:
    """Every reply up to ``seen`` was read, and asks for nothing."""
    case = lock_case(case_id)
    _read_all(case_id, by=by, now=now, until=seen)
    record("reply.read", "case", case_id, by=by, now=now, person_id=case.person_id)


def _read_all(case_id: int, *, by: Actor, now: datetime, until: int | None = None) -> None:
    if read_replies(case_id, by=by, now=now, until=until):
        finish_tasks(case_id, kinds=("reply",), by=str(by), now=now)
