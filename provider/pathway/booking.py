"""A call goes into the diary, is moved, or is called off; and what a miss of one uses up."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.assessments.pathway import Pathway
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.diary.appointments import replace, settle, take_slot
from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import OUR_FAULT, WORKER_AWAY, Why
from provider.domain.diary.queries import booked_appointment, moves_by_person
from provider.domain.messaging.outbox import hand_on_texts
from provider.domain.people.number_states import NumberState
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import closing, meeting_needs, reminding, writing
from provider.pathway.allocating import leave_list
from provider.pathway.counting import miss_uses_chance
from provider.pathway.ringing import number_works
from provider.pathway.steps import lock_case, move_case, open_referrals, terms_of, terms_of_each
from provider.pathway.who_rings import free_workers

OWED = ("call_me", "rebook", "ladder_done")
"""Work that a time in the diary is the answer to."""


OFFER_ANOTHER = "Offer a new time for the assessment"

IN_SESSIONS = frozenset({Pathway.GROUP_COURSE, Pathway.YOUNG_PEOPLE_COURSE})
"""What is missed in a session and not on the telephone: the register says there what it is."""


class AlreadyBooked(Refusal):
    code = "already_booked"
    sentence = "They already have a time in the diary. Move that one instead."


class NothingBooked(Refusal):
    code = "nothing_booked"
    sentence = "There is no appointment to change any more."


class HasEnded(Refusal):
    code = "has_ended"
    sentence = "This referral has ended: no other time can be given. You can still say how the call went."


class NotBookable(Refusal):
    code = "not_bookable"
    sentence = "This cannot be booked at this step of the referral."


class NoMoreMoves(Refusal):
    code = "no_more_moves"
    sentence = "This appointment has been moved as often as it can be. Ring us and we will find a way."


def book(
    case_id: int,
    *,
    starts_at: datetime,
    kind: str = "assessment",
    worker_id: int | None = None,
    in_their_language: bool = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Book a call of ``kind`` (assessment, one_to_one or treatment), by preference with ``worker_id``, or with who
    speaks the person's language.

    Raises AlreadyBooked, NotBookable, or SlotTaken when nobody is free at that start.
    """
    case = lock_case(case_id)
    if booked_appointment(case_id) is not None:
        raise AlreadyBooked
    before, after = _steps_of(kind)
    referrals = open_referrals(case_id)
    if not referrals or any(referral.status not in before for referral in referrals):
        raise NotBookable
    terms = terms_of(case)
    minutes = terms.assessment_minutes
    workers = free_workers(
        case, starts_at, minutes=minutes, first=worker_id, in_their_language=in_their_language, now=now
    )
    appointment = take_slot(
        case.id, worker_ids=workers, starts_at=starts_at, minutes=minutes, kind=kind, by=by, now=now
    )
    leave_list(case_id, because="booked", now=now)
    move_case(case, after, by=by, now=now)
    prefix = "assessment" if kind == "assessment" else "one_to_one"
    reminding.remind_of_appointment(appointment, terms=terms, booked=f"{prefix}_booked", now=now)
    writing.write_where_needed(case, now=now)
    owed = OWED if kind == "assessment" else (*OWED, "place")
    finish_tasks(case_id, kinds=owed, by=str(by), now=now)
    about = ("appointment", appointment.id)
    record("appointment.booked", *about, by=by, now=now, person_id=case.person_id, kind=kind)
    return appointment


def _steps_of(kind: str) -> tuple[frozenset[Status], Status]:
    if kind == "assessment":
        return frozenset({Status.ACCEPTED}), Status.ASSESSMENT_BOOKED
    return frozenset({Status.ASSESSED, Status.WAITING}), Status.PLACED


def move_appointment(
    appointment_id: int,
    *,
    starts_at: datetime,
    why: Why,
    in_their_language: bool = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Give a booked appointment another time, with the same worker where that is possible (with who speaks the person's
    language, where that is asked for).

    A person may do so as often as the scheme allows; staff always, also because the person asked, which is counted.
    Raises NothingBooked, HasEnded, NoMoreMoves or SlotTaken, and then the old time still stands.
    """
    old, case = _to_be_changed(appointment_id)
    if by.kind == "participant" and moves_by_person(case.id) >= terms_of(case).moves_allowed:
        raise NoMoreMoves
    return _give_another(
        old,
        case,
        starts_at,
        state="moved",
        why=why,
        in_their_language=in_their_language,
        by=by,
        now=now,
    )


def give_another(
    appointment_id: int,
    *,
    starts_at: datetime,
    worker_id: int | None = None,
    why: Why = OUR_FAULT,
    by: Actor,
    now: datetime,
) -> Appointment:
    """We cannot keep a time, or did not: another is given for it. The clock stands still between the two.

    With ``worker_id`` alone, where that is given. Raises NothingBooked, HasEnded or SlotTaken, and then the old time
    stands.
    """
    old, case = _to_be_changed(appointment_id)
    return _give_another(
        old, case, starts_at, state="ours_to_blame", why=why, worker_id=worker_id, by=by, now=now
    )


def _give_another(
    old: Appointment,
    case: Case,
    starts_at: datetime,
    *,
    state: str,
    why: Why,
    worker_id: int | None = None,
    in_their_language: bool = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    with db.session.begin_nested():
        new = _take_instead(
            old,
            case,
            starts_at,
            state=state,
            worker_id=worker_id,
            in_their_language=in_their_language,
            by=by,
            now=now,
        )
    replace(old, new, why=why)
    reminding.forget_appointment(old, because="moved", now=now)
    prefix = "assessment" if new.kind == "assessment" else "one_to_one"
    # To say of a call that we did not make that it is now at another time would be no apology.
    moved = "sorry_moved" if state == "ours_to_blame" and old.starts_at <= now else "moved"
    reminding.remind_of_appointment(new, terms=terms_of(case), booked=f"{prefix}_{moved}", now=now)
    record(
        "appointment.moved",
        "appointment",
        old.id,
        by=by,
        now=now,
        person_id=case.person_id,
        to=new.id,
        ours=state == "ours_to_blame",
        asked_by=str(why.asked_by),
        because=str(why.because),
    )
    return new


def _take_instead(
    old: Appointment,
    case: Case,
    starts_at: datetime,
    *,
    state: str,
    worker_id: int | None,
    in_their_language: bool,
    by: Actor,
    now: datetime,
) -> Appointment:
    """The old time is given back first: the new may overlap it, or be the last call that the worker takes that day."""
    settle(old, state=state, now=now)
    workers = free_workers(
        case,
        starts_at,
        minutes=old.minutes,
        first=old.worker_id,
        in_their_language=in_their_language,
        now=now,
    )
    if worker_id is not None:
        workers = [one for one in workers if one == worker_id]
    return take_slot(
        case.id, worker_ids=workers, starts_at=starts_at, minutes=old.minutes, kind=old.kind, by=by, now=now
    )


def hand_over(appointment_id: int, *, worker_id: int, by: Actor, now: datetime) -> Appointment:
    """Let somebody else make a call at the time that was agreed. For the person nothing changes, and no text says so.

    Raises NothingBooked, HasEnded, or SlotTaken where the other is not free; then it stands as it was.
    """
    old, case = _to_be_changed(appointment_id)
    with db.session.begin_nested():
        settle(old, state="moved", now=now)
        new = take_slot(
            case.id,
            worker_ids=[worker_id],
            starts_at=old.starts_at,
            minutes=old.minutes,
            kind=old.kind,
            by=by,
            now=now,
        )
    replace(old, new, why=WORKER_AWAY)
    hand_on_texts(old.id, new.id)
    record(
        "appointment.handed_over", "appointment", old.id, by=by, now=now, person_id=case.person_id, to=new.id
    )
    return new


def starts_at_of(appointment_id: int) -> datetime | None:
    """When a call is booked for; None where it is booked no more."""
    return db.session.scalars(
        sa.select(Appointment.starts_at).where(
            Appointment.id == appointment_id, Appointment.state == "booked"
        )
    ).one_or_none()


def call_off(appointment_id: int, *, ours: bool, by: Actor, now: datetime) -> None:
    """Take an appointment out of the diary: the person asked, or it is our fault. Neither is a miss.

    Raises NothingBooked or HasEnded.
    """
    appointment, case = _to_be_changed(appointment_id)
    settle(appointment, state="ours_to_blame" if ours else "cancelled", now=now)
    reminding.forget_appointment(appointment, because="called_off", now=now)
    if appointment.starts_at > now:
        reminding.say_called_off(appointment, now=now)
    elif ours:
        reminding.say_sorry(appointment, now=now)
    back(case, appointment, by=by, now=now)
    about = ("appointment", appointment.id)
    record("appointment.called_off", *about, by=by, now=now, person_id=case.person_id, ours=ours)


def _ask_for_another_number(case: Case, *, now: datetime) -> None:
    """Not where they asked for no more texts: that number works, they are rung on it, and it is no miss."""
    number = current_number(case.person_id)
    if number is None or number.state != NumberState.OPTED_OUT:
        raise_task("number_suspect", case_id=case.id, due_at=now, now=now)


def count_miss(case: Case, pathway: Pathway | None, *, reason: str, by: Actor, now: datetime) -> bool:
    """One chance less; with none left the case ends not engaged, else somebody offers a new time.

    Answers whether a chance was used. ``pathway`` is None for an assessment. Where the number may not be theirs it is
    nobody's fault: no chance is used, and finding another is work for somebody; nor is one where a need of theirs kept
    them from it. Linked referrals have the chances of the scheme that gives the most.
    """
    raise_task("rebook", case_id=case.id, due_at=now, now=now)
    if not number_works(case, now=now):
        _ask_for_another_number(case, now=now)
        return False
    if meeting_needs.kept_from_a_call(case, now=now) and pathway not in IN_SESSIONS:
        return False
    served = terms_of_each(open_referrals(case.id))
    if not miss_uses_chance(served, pathway):
        return False
    case.misses += 1
    if case.misses > max(terms.misses_allowed for terms in served):
        closing.end_not_engaged(case, reason=reason, by=by, now=now)
    return True


def back(case: Case, appointment: Appointment, *, by: Actor, now: datetime) -> None:
    """Without its appointment the case is where it was before it had one."""
    back = Status.ACCEPTED if appointment.kind == "assessment" else Status.ASSESSED
    move_case(case, back, by=by, now=now)
    if back == Status.ACCEPTED:
        case.next_call_at = now
        case.next_call_why = OFFER_ANOTHER
    else:
        raise_task("place", case_id=case.id, due_at=now, now=now)


def booked(appointment_id: int) -> tuple[Appointment, Case]:
    """An appointment that still is to be settled, and its case, locked. Raises NothingBooked.

    The case is locked before the appointment is read for good: everybody takes the same lock first.
    """
    found = db.session.get(Appointment, appointment_id)
    if found is None:
        raise NothingBooked
    case = lock_case(found.case_id)
    db.session.refresh(found)
    if found.state != "booked":
        raise NothingBooked
    return found, case


def _to_be_changed(appointment_id: int) -> tuple[Appointment, Case]:
    """One that can be given another time, or called off: nobody has ended meanwhile."""
    appointment, case = booked(appointment_id)
    if case.closed_at is not None:
        raise HasEnded
    return appointment, case
