"""A text is worded at the moment it goes out: from the words its scheme has then, and from what is booked then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.messaging.kinds import KINDS
from provider.domain.messaging.languages import shipped
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import plan_text
from provider.domain.people.models import Person
from provider.domain.schemes.models import SchemeTerms
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, booking, keeping, rewording
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.queries import queries_of
from tests.texting import MOBILE, add_to_ring, book, states, texts_of

OWN = "{greeting}, {service} rings you on {day} {date} at {time}. Reply 1 if that suits. {link} or {phone}"
WELSH = (
    "{greeting}, bydd {service} yn galw {day} {date} am {time}. Atebwch 1 os yw'n iawn. {link} neu {phone}"
)
LEAD = Actor("account", 1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def reword(
    world: World,
    kind: str,
    said: str,
    *,
    seen: int = 0,
    language: str = "en",
    scheme: str = "divert-adult",
) -> None:
    now = world.app.extensions["clock"].now()
    with world.app.app_context(), transaction():
        rewording.reword(world.schemes[scheme], kind, language, said, seen=seen, by=LEAD, now=now)


def speaks(world: World, known: Known, language: str) -> None:
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Person).where(Person.id == known.person_id).values(language=language))


def set_terms(world: World, scheme: str, **terms: object) -> None:
    """The version that referrals came under, otherwise than it was: no desk can do that."""
    with world.app.app_context(), transaction():
        row = db.session.scalars(
            sa.select(SchemeTerms).where(SchemeTerms.scheme_id == world.schemes[scheme])
        ).one()
        row.terms = {**row.terms, **terms}


def test_what_is_planned_already_goes_out_in_the_words_of_the_moment(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    starts_at = book(world, add_to_ring(world))
    reword(world, "assessment_booked", OWN)
    run_all_once(world.app)
    assert phones.arrived[-1].body.startswith("Hi Sam, Waymark Midshire rings you on Wednesday 2 December")
    reword(world, "assessment_reminder_3d", OWN.replace("rings", "first"))
    reword(world, "assessment_reminder_3d", OWN.replace("rings", "then"), seen=1)
    clock.set(starts_at - timedelta(days=3) + timedelta(minutes=30))
    run_all_once(world.app)
    assert "Waymark Midshire then you on" in phones.arrived[-1].body


def test_back_to_what_is_shipped(world: World, phones: Phones) -> None:
    reword(world, "assessment_booked", OWN)
    reword(world, "assessment_booked", shipped("assessment_booked", "en") or "", seen=1)
    book(world, add_to_ring(world))
    run_all_once(world.app)
    assert phones.arrived[0].body.startswith("Hi Sam, Waymark Midshire will ring you on")


def test_words_belong_to_one_scheme_and_one_language(world: World, phones: Phones) -> None:
    reword(world, "assessment_booked", OWN, scheme="divert-young-people")
    known = add_to_ring(world)
    speaks(world, known, "cy")
    book(world, known)
    run_all_once(world.app)
    assert phones.arrived[-1].body.startswith(
        "Helo Sam, bydd Waymark Midshire yn eich ffonio ddydd Mercher 2 Rhag"
    )
    reword(world, "assessment_booked", WELSH, language="cy")
    reword(world, "assessment_booked", OWN)
    for number, language in ((1, "cy"), (2, "en"), (3, "pl")):
        known = add_to_ring(world, mobile=f"+44770090000{number}")
        speaks(world, known, language)
        book(world, known)
    run_all_once(world.app)
    first = [phones.on(f"+44770090000{number}")[0].body for number in (1, 2, 3)]
    assert first[0].startswith("Helo Sam, bydd Waymark Midshire yn galw ddydd ")
    assert first[1].startswith("Hi Sam, Waymark Midshire rings you on ")
    assert first[2].startswith("Hi Sam, Waymark Midshire rings you on ")


def test_what_the_terms_somebody_came_under_do_not_hold_is_not_said_to_them(
    world: World, phones: Phones
) -> None:
    """Others, who came under terms that hold it, read it; whoever did not reads what is shipped."""
    reword(world, "assessment_booked", f"{OWN} You get another chance.")
    held = add_to_ring(world)
    book(world, held)
    run_all_once(world.app)
    assert phones.arrived[-1].body.endswith("You get another chance.")
    set_terms(world, "divert-adult", misses_allowed=0)
    book(world, add_to_ring(world, mobile="+447700900001"))
    run_all_once(world.app)
    assert phones.on("+447700900001")[0].body.startswith("Hi Sam, Waymark Midshire will ring you on")


def test_words_of_their_own_cost_one_query_however_many_texts_go_out(world: World, phones: Phones) -> None:
    reword(world, "assessment_booked", OWN)
    asked = []
    for many in (1, 6):
        for number in range(many):
            book(world, add_to_ring(world, mobile=f"+447700900{many}{number:02}"))
        with queries_of(world.app) as sent:
            run_all_once(world.app)
        asked.append(len([one for one in sent if "FROM wordings" in one]))
    assert len(phones.arrived) == 7
    assert asked == [1, 1]
    assert all(" rings you on " in text.body for text in phones.arrived)


ABOUT_A_CALL = [
    kind
    for kind in KINDS
    if kind.startswith(("assessment_", "one_to_one_")) and not kind.endswith(("_cancelled", "_sorry"))
]
ABOUT_A_SESSION = [
    kind for kind in KINDS if kind.startswith(("course_booked", "course_moved", "course_reminder"))
]


def plan_about(world: World, kind: str, known: Known, **about: int) -> None:
    """A text that nobody has cancelled, whatever became of what it is about."""
    with world.app.app_context(), transaction():
        db.session.execute(sa.delete(Text))
        plan_text(
            kind,
            case_id=known.case_id,
            due_at=A_TUESDAY,
            expires_at=A_TUESDAY + timedelta(hours=2),
            once_key=f"again {kind}",
            **about,
        )


@pytest.mark.parametrize("state", ["moved", "cancelled", "ours_to_blame", "took_place", "did_not_answer"])
@pytest.mark.parametrize("kind", ABOUT_A_CALL)
def test_no_text_about_a_call_that_is_not_booked_any_more_goes_out(
    world: World, phones: Phones, kind: str, state: str
) -> None:
    known = add_to_ring(world)
    book(world, known)
    (appointment_id,) = {text.appointment_id for text in texts_of(world, known) if text.appointment_id}
    plan_about(world, kind, known, appointment_id=appointment_id)
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Appointment).values(state=state))
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)[kind] == "dropped: booking_changed"


@pytest.mark.parametrize("kind", ABOUT_A_CALL)
def test_whatever_moved_it_a_text_says_the_time_that_is_booked_now(
    world: World, phones: Phones, kind: str
) -> None:
    known = add_to_ring(world)
    book(world, known)
    (appointment_id,) = {text.appointment_id for text in texts_of(world, known) if text.appointment_id}
    plan_about(world, kind, known, appointment_id=appointment_id)
    later = A_TUESDAY + timedelta(days=9, hours=3)
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Appointment).values(starts_at=later))
    run_all_once(world.app)
    assert "Thursday 3 December at 12:30pm" in phones.arrived[0].body


@pytest.mark.parametrize("kind", ABOUT_A_SESSION)
def test_a_text_about_a_session_in_a_room_says_where_and_nothing_of_online(
    world: World, phones: Phones, kind: str
) -> None:
    known = add_case(world)
    starts_at, room = A_TUESDAY + timedelta(days=2), "Community Hall, 5 High Street, CV1 1AA"
    session_id = add_session(world, course="awareness", starts_at=starts_at, held_at=room)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=LEAD, now=A_TUESDAY)
    (place_id,) = {text.place_id for text in texts_of(world, known) if text.place_id}
    plan_about(world, kind, known, place_id=place_id)
    run_all_once(world.app)
    (text,) = phones.arrived
    assert f"at {room}" in text.body
    assert "online" not in text.body
    assert "Join here" not in text.body


@pytest.mark.parametrize(
    "change", ["released", "session cancelled", "register confirmed", "attended", "begun"]
)
@pytest.mark.parametrize("kind", ABOUT_A_SESSION)
def test_no_text_about_a_place_that_is_not_held_any_more_goes_out(
    world: World, phones: Phones, kind: str, change: str
) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=2))
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=LEAD, now=A_TUESDAY)
    (place_id,) = {text.place_id for text in texts_of(world, known) if text.place_id}
    plan_about(world, kind, known, place_id=place_id)
    values = {
        "released": sa.update(Place).values(released_at=A_TUESDAY),
        "attended": sa.update(Place).values(attendance="ATTC"),
        "session cancelled": sa.update(CourseSession).values(state="cancelled"),
        "register confirmed": sa.update(CourseSession).values(state="closed"),
        "begun": sa.update(CourseSession).values(starts_at=A_TUESDAY),
    }
    with world.app.app_context(), transaction():
        db.session.execute(values[change])
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)[kind] in ("dropped: booking_changed", "dropped: started")


@pytest.mark.parametrize("kind", ABOUT_A_SESSION)
def test_a_session_that_was_moved_is_spoken_of_at_its_new_time(
    world: World, phones: Phones, kind: str
) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=2))
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=LEAD, now=A_TUESDAY)
    (place_id,) = {text.place_id for text in texts_of(world, known) if text.place_id}
    plan_about(world, kind, known, place_id=place_id)
    with world.app.app_context(), transaction():
        later = A_TUESDAY + timedelta(days=3, hours=4)
        db.session.execute(sa.update(CourseSession).values(starts_at=later))
    run_all_once(world.app)
    assert "1:30pm" in phones.arrived[0].body
    assert "Friday 27 November" in phones.arrived[0].body


class CallsOff:
    """A network slow enough that somebody calls the appointment off while the first text is handed over."""

    sender = "sandbox"

    def __init__(self, world: World, phones: Phones, appointment_id: int) -> None:
        self.world, self.phones, self.appointment_id = world, phones, appointment_id
        self.called_off = False

    def send(self, **text: object) -> object:
        if not self.called_off:
            self.called_off = True
            with self.world.app.app_context(), transaction():
                booking.call_off(self.appointment_id, ours=False, by=LEAD, now=A_TUESDAY)
        return self.phones.send(**text)  # type: ignore[arg-type]

    def listed(self, **asked: object) -> object:
        return self.phones.listed(**asked)  # type: ignore[arg-type]


def test_what_is_called_off_while_a_text_is_handed_over_is_followed_by_a_text_that_says_so(
    world: World, phones: Phones
) -> None:
    """What has been claimed is on its way. Nothing else about that booking leaves any more, but that it is off."""
    known = add_to_ring(world)
    book(world, known)
    (appointment_id,) = {text.appointment_id for text in texts_of(world, known) if text.appointment_id}
    world.app.extensions["text_gateway"] = CallsOff(world, phones, appointment_id)
    run_all_once(world.app)
    world.app.extensions["clock"].advance(hours=1)
    run_all_once(world.app)
    said = [text.body for text in phones.on(MOBILE)]
    assert "will ring you on Wednesday 2 December at 9:30am" in said[0]
    assert all(" is off. " in body for body in said[1:])
    left = {kind: state for kind, state in states(world, known).items() if "reminder" in kind}
    assert left
    assert all(state.startswith("cancelled") for state in left.values()), left


@pytest.mark.parametrize(
    ("language", "instead", "says"),
    [
        ("en", False, "sorry that we did not ring on Wednesday 2 December"),
        ("en", True, "sorry we did not ring. Waymark Midshire will now ring on Thursday 3 December"),
        ("cy", False, "mae'n ddrwg gennym na wnaethom ffonio ddydd Mercher 2 Rhagfyr"),
        (
            "cy",
            True,
            "mae'n ddrwg gennym am fethu ffonio. Bydd Waymark Midshire yn ffonio ddydd Iau 3 Rhagfyr",
        ),
    ],
)
def test_a_call_that_we_did_not_make_is_apologised_for_and_never_called_off(
    world: World, clock: MovableClock, phones: Phones, language: str, instead: bool, says: str
) -> None:
    known = add_to_ring(world)
    starts_at = book(world, known)
    speaks(world, known, language)
    clock.set(starts_at + timedelta(hours=1))
    with world.app.app_context(), transaction():
        missed = db.session.scalars(sa.select(Appointment).where(Appointment.state == "booked")).one()
        by = Actor("account", world.accounts["drug_worker"])
        new = starts_at + timedelta(days=1) if instead else None
        keeping.record_ours(missed.id, instead=new, by=by, now=clock.now())
    run_all_once(world.app)
    body = phones.arrived[-1].body
    assert says in body
    assert not any(off in body for off in ("is off", "yn digwydd", "is now on"))
