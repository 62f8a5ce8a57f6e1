"""A number is not theirs, or reaches nobody: it is stopped, and finding another is work that stops the clock.

The force is told nothing; what it sends after that (a corrected number) ends the wait, as any other number does.
"""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import NUMBER_TASKS, finish_tasks, raise_task
from provider.domain.messaging.outbox import kill_links
from provider.domain.people.models import PhoneNumber
from provider.domain.people.number_states import NumberEvent
from provider.domain.people.records import learn
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.pathway import reminding
from provider.pathway.steps import lock_case


def disown(case: Case, number: PhoneNumber | None, *, by: Actor, now: datetime) -> None:
    """Whoever has the phone says that it is not theirs. Behind a link, in a reply: nobody has rung yet.

    Nothing more goes to the number and its links and their sessions are dead. Texts that are planned stay so: a number
    that is found in time gets them, and what is due before that is dropped for a call. Calling waits for a person.
    An adult's number that is wrong says nothing about where the child themselves can be rung. The case is locked.
    """
    if number is not None:
        stop_number(number, now=now)
    record("number.disowned", "case", case.id, by=by, now=now, person_id=case.person_id)
    if case.closed_at is not None:
        return
    if number is not None and number.relation is not None:
        raise_task("adult_number", case_id=case.id, due_at=now, now=now)
    elif number is None or number.ended_at is None:
        case.next_call_at = None
        case.next_call_why = "Somebody says that the number is not theirs"
        reminding.forget_first_call(case, because="number_not_theirs", now=now)
        raise_task("wrong_person", case_id=case.id, due_at=now, now=now)


def stop_number(number: PhoneNumber, *, now: datetime) -> None:
    """It is neither texted nor rung any more, nobody has confirmed it, and links sent to it lead nowhere."""
    learn(number, NumberEvent.NOT_THEIRS)
    kill_links(number_id=number.id, now=now)


def ask_for_another(case_id: int, *, by: Actor, now: datetime) -> None:
    """Ask for another number: it stands on the force's list until there is one. Asked twice, asked once."""
    case = lock_case(case_id)
    raise_task("number_suspect", case_id=case_id, due_at=now, now=now)
    record("number.asked_for", "case", case_id, by=by, now=now, person_id=case.person_id)


def found(case_id: int, *, by: Actor, now: datetime) -> None:
    """They are reached again, or there is another number to try: what waited for that is done, the clock runs."""
    finish_tasks(case_id, kinds=NUMBER_TASKS, by=str(by), now=now)
