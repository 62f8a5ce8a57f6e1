"""They want no more texts: the plan turns to calls and letters. It is never a miss."""

from __future__ import annotations

from datetime import datetime

from provider.caseload.number_facts import number_now
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.messaging.outbox import cancel_texts
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.number_states import NumberEvent
from provider.domain.people.records import learn
from provider.domain.referrals.models import Case
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db

LETTER_TASKS = ("letter", "letter_no_address")


def stop_texts(number: PhoneNumber, case: Case | None, *, now: datetime) -> None:
    """Nothing is texted to the number any more. What was booked stands; what was to be texted about it is told by
    telephone and letter. Where their texts go to another number, those are sent all the same. The case is locked."""
    learn(number, NumberEvent.STOPPED)
    if case is None or case.closed_at is not None:
        return
    person = db.session.get_one(Person, case.person_id)
    texted = number_now(person, now=now)
    if texted is not None and texted.e164 != number.e164:
        return
    cancel_texts(case_id=case.id, because="opted_out", now=now)
    raise_task("text_failed", case_id=case.id, due_at=now, now=now)
    kind = "letter" if person.address_line_1 and person.postcode else "letter_no_address"
    raise_task(kind, case_id=case.id, due_at=now, now=now)


def take_texts_again(number: PhoneNumber, case: Case | None, *, now: datetime) -> None:
    """They want texts after all. Those that were cancelled stay so: what is booked from now on is texted again."""
    learn(number, NumberEvent.STARTED)
    if case is not None:
        finish_tasks(case.id, kinds=LETTER_TASKS, by=str(SYSTEM), now=now)
