"""The calls of the demo: the ladder, the assessment, and a one-to-one."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.commands.demo.journeys import Journey, Steps
from provider.commands.demo.play import at_work
from provider.commands.demo.telephone import telephone
from provider.domain.contact.ladder import StopCalling
from provider.domain.contact.models import Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.domain.diary.rules import OpenSlot
from provider.domain.people.models import Person
from provider.domain.people.reach import Competence, TextsTo, WhoSees, is_adult
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import acknowledging, assessing, booking, contacting, ending, keeping, reaching
from provider.pathway.reaching import Agreed

_A = AttemptOutcome
_NO_VOICE = (_A.NO_ANSWER, _A.NO_ANSWER, _A.VOICEMAIL_LEFT, _A.NO_VOICEMAIL, _A.CALL_SCREENED)
_NOTES = (
    ("ordinary", "Prefers to be rung after work. A little worried about what happens next."),
    ("ordinary", "Shares a house; will take the call from the car."),
    ("ordinary", "Asked whether their employer is told. Explained that nobody is."),
    ("sensitive", "Talked about a bereavement last year, and sleeping badly since."),
    ("sensitive", "Has a support worker elsewhere and is happy for us to speak with them."),
    ("safeguarding", "Somebody in the house takes their money. Agreed to speak again this week."),
)


def _agree_whose_texts(this: Journey, *, now: datetime) -> None:
    """Somebody under 18 says who gets the texts: the adult the force named, or they themselves."""
    if is_adult(db.session.get_one(Person, this.case.person_id).date_of_birth, now=now):
        return
    named = this.referral.responsible_adult or {}
    agreed = Agreed(TextsTo.CHILD, Competence.COMPETENT)
    if named.get("mobile"):
        agreed = Agreed(
            TextsTo.ADULT, Competence.COMPETENT, named["relationship"], named["mobile"], heard=True
        )
    reaching.agree(this.case.id, agreed, by=this.worker, now=now)


def _who_sees(this: Journey) -> WhoSees:
    asked = this.random.random()
    return WhoSees.NOBODY if asked > 0.2 else WhoSees.OTHERS_FINE if asked > 0.05 else WhoSees.SAY_NOTHING


def ring(this: Journey, now: datetime) -> Steps:
    """The next call of the ladder; when they pick up, the assessment is booked."""
    due = this.case.next_call_at or now
    now = max(due, now) + timedelta(minutes=this.random.randint(2, 50))
    if this.random.random() < 0.1:  # too much to do that day
        now = at_work(now + timedelta(days=1), this.random)
    yield now
    if this.status != Status.ACCEPTED:
        return now
    if this.part.unreachable is not None and this.random.random() < 0.5:
        ending.end_unreachable(this.case.id, reason=this.part.unreachable, by=this.worker, now=now)
        return now
    outcome = _how_it_went(this)
    decided = contacting.record_attempt(
        this.case.id,
        outcome=outcome,
        number_confirmed=outcome == _A.SPOKE_AND_BOOKED,
        who_sees=_who_sees(this) if outcome == _A.SPOKE_AND_BOOKED else None,
        by=this.worker,
        now=now,
    )
    if outcome == _A.SPOKE_AND_BOOKED:
        _agree_whose_texts(this, now=now)
        _book(this, kind="assessment", now=now)
        _note(this, now=now)
    elif isinstance(decided, StopCalling) and this.status == Status.ACCEPTED:
        now = at_work(max(decided.not_before, now), this.random)
        yield now
        contacting.close_after_calls(this.case.id, by=this.worker, now=now)
    return now


def _how_it_went(this: Journey) -> AttemptOutcome:
    if this.part.number_dead:
        return _A.NUMBER_NOT_IN_USE if this.random.random() < 0.7 else _A.WRONG_NUMBER
    if this.random.random() < this.part.answers:
        return _A.DECLINED if this.part.declines else _A.SPOKE_AND_BOOKED
    return _A.SOMEONE_ELSE_ANSWERED if this.random.random() < 0.12 else this.random.choice(_NO_VOICE)


def _book(this: Journey, *, kind: str, now: datetime) -> None:
    """One of the next times at which their worker is free, else anybody."""
    slots = _slots(now, {this.worker.account_id}) or _slots(now, set(this.stage.workers))
    slot = this.random.choice(slots)
    booking.book(this.case.id, starts_at=slot.starts_at, kind=kind, by=this.worker, now=now)


def _slots(now: datetime, workers: set[int]) -> tuple[OpenSlot, ...]:
    return slots_between(
        now + timedelta(hours=4), now + timedelta(days=6), minutes=45, now=now, worker_ids=workers
    )


def _note(this: Journey, *, now: datetime) -> None:
    if this.random.random() < 0.35:
        kind, text = this.random.choices(_NOTES, (5, 4, 4, 3, 2, 1))[0]
        contacting.write_note(this.case.id, kind=kind, text=text, by=this.worker, now=now)
        if kind == "safeguarding":
            _acknowledge(this.case.id, by=this.worker, now=now)


def _acknowledge(case_id: int, *, by: Actor, now: datetime) -> None:
    waits = sa.select(Task.id).where(
        Task.case_id == case_id, Task.kind == "safeguarding", Task.done_at.is_(None)
    )
    acknowledging.acknowledge(db.session.scalars(waits).one(), by=by, now=now)


def speak(this: Journey, now: datetime) -> Steps:
    """The call that was booked: kept, moved by the person beforehand, or missed."""
    appointment = booked_appointment(this.case.id)
    if appointment is None:
        return now
    if this.random.random() < 0.08 and appointment.starts_at > now + timedelta(hours=30):
        return (yield from _moved_by_them(this, appointment.id, now))
    starts_at, worker = appointment.starts_at, Actor("account", appointment.worker_id)
    kept = this.random.random() < this.part.keeps_calls
    now = max(now, starts_at) + timedelta(minutes=this.random.randint(43, 58) if kept else 12)
    yield now
    if this.status != Status.ASSESSMENT_BOOKED:
        return now
    if this.random.random() < 0.03:
        keeping.record_ours(appointment.id, instead=_tomorrow(worker, now), by=worker, now=now)
    elif kept:
        _assess(this, worker, now=now)
    else:
        keeping.record_missed(appointment.id, by=worker, now=now)
    return now


def _tomorrow(worker: Actor, now: datetime) -> datetime | None:
    """Their next free time from tomorrow on; None where they have none."""
    slots = _slots(now + timedelta(hours=16), {worker.account_id or 0})
    return slots[0].starts_at if slots else None


def _moved_by_them(this: Journey, appointment_id: int, now: datetime) -> Steps:
    now += timedelta(hours=this.random.randint(2, 20))
    yield now
    slots = _slots(now, set(this.stage.workers))
    by = Actor("participant", this.case.id)
    booking.move_appointment(
        appointment_id,
        starts_at=this.random.choice(slots[:15]).starts_at,
        why=THEY_ASKED,
        by=by,
        now=now,
    )
    return now


def _assess(this: Journey, worker: Actor, *, now: datetime) -> None:
    substances = [drug["substance"] for drug in this.referral.drugs]
    spoken = telephone(this.random, substances=substances, age=this.age(now), courses=this.stage.courses)
    assessing.save(this.case.id, spoken.recorded, by=worker, now=now - timedelta(minutes=9))
    assessing.finish(this.case.id, spoken.decided, by=worker, now=now)


def meet(this: Journey, now: datetime) -> Steps:
    """A one-to-one, or the first appointment of treatment: put in the diary, then kept or missed."""
    appointment = booked_appointment(this.case.id)
    if appointment is None:
        now = at_work(now + timedelta(hours=this.random.randint(1, 30)), this.random)
        yield now
        kind = "treatment" if this.case.pathway == "structured_treatment" else "one_to_one"
        _book(this, kind=kind, now=now)
        return now
    now = appointment.starts_at + timedelta(minutes=50)
    yield now
    if this.random.random() >= this.part.comes:
        keeping.record_missed(appointment.id, by=this.worker, now=now)
        return now
    # Now and then they were rung a little earlier than agreed, because it suited both.
    at = appointment.starts_at - timedelta(minutes=20) if this.random.random() < 0.3 else None
    keeping.record_took_place(appointment.id, at=at, by=this.worker, now=now)
    return now
