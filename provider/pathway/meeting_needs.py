"""What keeps somebody from a text, a call or an online session is noted, and how it is met: then it is no miss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.needs.models import Need
from provider.domain.needs.queries import any_open, needs_at, needs_of
from provider.domain.needs.rules import WAYS, NeedKind, Setting, Standing, Way, met_in, met_on_the_phone
from provider.domain.people.models import Person
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal

INSTEAD: Mapping[Attendance, Attendance] = {
    Attendance.UAAB: Attendance.RSSR,
    Attendance.LEFT: Attendance.LEAC,
}
"""What is marked instead where a need was not met: we offered what they could not take part in."""


class NotThatWay(Refusal):
    code = "not_that_way"
    sentence = "That need cannot be met that way. Choose another."


def note_from_referral(case: Case, *, by: Actor, now: datetime) -> None:
    """What a force sent says of needs: an interpreter, words about something else, no mobile to text."""
    person = db.session.get_one(Person, case.person_id)
    number = current_number(person.id)
    said = {
        NeedKind.INTERPRETER: person.interpreter_needed,
        NeedKind.OTHER: bool(person.accessibility_needs),
        NeedKind.NO_MOBILE: number is None or number.e164 is None,
    }
    _note(person.id, [kind for kind, has in said.items() if has], by=by, now=now)
    _ask(case, due_at=case.first_contact_due, by=by, now=now)


SAID_AT_ASSESSMENT: Mapping[str, tuple[str, NeedKind]] = {
    "interpreter_needed": ("yes", NeedKind.INTERPRETER),
    "video": ("no", NeedKind.NO_DATA),
    "private_place": ("no", NeedKind.NO_PRIVATE_PLACE),
    "hearing_need": ("yes", NeedKind.HEARING),
    "reading_need": ("yes", NeedKind.READING),
}
"""Which answer to what is asked about taking part says which need."""


def note_from_assessment(case: Case, said: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """What they said at the assessment of taking part. The case is locked. What stands already stays as it is."""
    needs = [kind for question, (answer, kind) in SAID_AT_ASSESSMENT.items() if said.get(question) == answer]
    _note(case.person_id, needs, by=by, now=now)
    _ask(case, due_at=max(case.first_contact_due, now), by=by, now=now)


def _note(person_id: int, kinds: Iterable[NeedKind], *, by: Actor, now: datetime) -> None:
    standing = {need.kind for need in needs_of(person_id)}
    for kind in kinds:
        if kind not in standing:
            db.session.add(Need(person_id=person_id, kind=kind, noted_at=now, noted_by=str(by)))
    db.session.flush()


def number_came(case: Case, *, by: Actor, now: datetime) -> None:
    """There is a number to text: that there was none is over. The case is locked."""
    number = current_number(case.person_id)
    for need in needs_of(case.person_id):
        if need.kind == NeedKind.NO_MOBILE and number is not None and number.e164 is not None:
            need.ended_at, need.ended_by = now, str(by)
    db.session.flush()
    _ask(case, due_at=case.first_contact_due, by=by, now=now)


def say_needs(case: Case, needs: Mapping[NeedKind, Way | None], *, by: Actor, now: datetime) -> None:
    """What somebody needs from now on, all of it, and how each is met; None where nothing is arranged yet.

    The case is locked. Raises NotThatWay.
    """
    for kind, way in needs.items():
        if way is not None and way not in WAYS[kind]:
            raise NotThatWay
    standing = {NeedKind(need.kind): need for need in needs_of(case.person_id)}
    for kind, need in standing.items():
        if kind not in needs:
            need.ended_at, need.ended_by = now, str(by)
    for kind, way in needs.items():
        _say(case.person_id, standing.get(kind), kind, way, by=by, now=now)
    db.session.flush()
    said = {str(kind): str(way) if way is not None else None for kind, way in needs.items()}
    record("needs.said", "person", case.person_id, by=by, now=now, person_id=case.person_id, **said)
    _ask(case, due_at=max(case.first_contact_due, now), by=by, now=now)


def _say(
    person_id: int, need: Need | None, kind: NeedKind, way: Way | None, *, by: Actor, now: datetime
) -> None:
    if need is None:
        need = Need(person_id=person_id, kind=kind, noted_at=now, noted_by=str(by))
        db.session.add(need)
    if need.way != way:
        met = way is not None
        need.way, need.met_at, need.met_by = way, now if met else None, str(by) if met else None


def _ask(case: Case, *, due_at: datetime, by: Actor, now: datetime) -> None:
    """While nothing is arranged for a need, arranging it is work for somebody."""
    if any_open(case.person_id):
        raise_task("need", case_id=case.id, due_at=due_at, now=now)
    else:
        finish_tasks(case.id, kinds=("need",), by=str(by), now=now)


def marked_by_need(place: Place, session: CourseSession, code: Attendance) -> Attendance:
    """The attendance that stands: an absence is none of theirs where a need of theirs was not met in that session."""
    if code in INSTEAD and unmet_in(_person_of(place), session):
        return INSTEAD[code]
    return code


def unmet_in(person_id: int, session: CourseSession) -> tuple[Standing, ...]:
    """The needs that a session leaves unmet, as they stood when it began."""
    setting = setting_of(session)
    standing = needs_at([person_id], moment=session.starts_at).get(person_id, ())
    return tuple(need for need in standing if not met_in(need, setting))


def setting_of(session: CourseSession) -> Setting:
    return Setting(in_a_room=session.held_at is not None, by_telephone=session.dial_in is not None)


def kept_from_a_call(case: Case, *, now: datetime) -> bool:
    """Whether a need kept somebody from being spoken to, for which nothing was arranged."""
    standing = needs_at([case.person_id], moment=now).get(case.person_id, ())
    return any(not met_on_the_phone(need) for need in standing)


def _person_of(place: Place) -> int:
    return db.session.get_one(Case, place.case_id).person_id
