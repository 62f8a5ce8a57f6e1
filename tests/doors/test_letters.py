"""Letters at the desk: from the live booking, printed, posted, kept; and who is told by letter gets one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.contact.models import Task
from provider.domain.courses.models import CourseSession
from provider.domain.messaging.models import Letter
from provider.domain.needs.rules import NeedKind, Way
from provider.domain.people.models import Person
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, booking, ending, keeping, meeting_needs
from provider.pathway.steps import lock_case
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case
from tests.desk import csrf_of, sign_in
from tests.fakes import A_TUESDAY, MovableClock

BY = Actor("account", 1)
TOMORROW = (A_TUESDAY + timedelta(days=1)).replace(hour=10, minute=0)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def worker(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def somebody(world: World, *, address: bool = True, language: str = "en", **facts: object) -> Known:
    known = add_case(world, **facts)  # type: ignore[arg-type]
    where = {"address_line_1": "1 Example Street", "town": "Birmingham", "postcode": "B1 1AA"}
    with world.app.app_context(), transaction():
        changed = {"language": language, **(where if address else {})}
        db.session.execute(sa.update(Person).where(Person.id == known.person_id).values(changed))
    return known


def placed(world: World, known: Known, **session: str) -> int:
    session_id = add_session(world, course="awareness", starts_at=TOMORROW, **session)  # type: ignore[arg-type]
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=BY, now=A_TUESDAY)
    return session_id


def kinds(worker: FlaskClient, known: Known) -> list[str]:
    page = worker.get(f"/referrals/{known.reference}/letters").text
    return re.findall(r"/letters/([a-z_]+)\"", page)


def post(worker: FlaskClient, known: Known, kind: str, page: str) -> str:
    path = f"/referrals/{known.reference}/letters/{kind}"
    printed = re.search(r'name="printed" value="([0-9a-f]{64})"', page)
    assert printed
    token = csrf_of(worker, f"/referrals/{known.reference}/letters")
    return worker.post(
        path, data={"csrf_token": token, "printed": printed.group(1)}, follow_redirects=True
    ).text


def waiting(world: World, known: Known) -> set[str]:
    with world.app.app_context():
        found = sa.select(Task.kind).where(Task.case_id == known.case_id, Task.done_at.is_(None))
        return set(db.session.scalars(found))


@pytest.mark.parametrize(
    ("session", "kind", "said"),
    [
        ({}, "session_online", "ring us on"),
        ({"dial_in": "0330 088 5830, then 12345#"}, "session_by_telephone", "0330 088 5830, then 12345#"),
        ({"held_at": "Community Hall, 5 High Street"}, "session_in_a_room", "Community Hall, 5 High Street"),
    ],
)
def test_a_place_is_written_about_as_the_session_is(
    worker: FlaskClient, world: World, session: dict[str, str], kind: str, said: str
) -> None:
    known = somebody(world)
    placed(world, known, **session)
    assert kinds(worker, known) == [kind]
    letter = worker.get(f"/referrals/{known.reference}/letters/{kind}").text
    article = letter[letter.index("<article") :]
    assert said in article
    assert "Sam Example<br>1 Example Street<br>Birmingham<br>B1 1AA" in article
    assert "Wednesday 25 November at 10am" in article
    for never in ("annabis", "police", known.reference):
        assert never not in article


def test_what_can_be_written_follows_the_referral(worker: FlaskClient, world: World) -> None:
    fresh = somebody(world, status=Status.ACCEPTED)
    assert kinds(worker, fresh) == ["first_contact"]
    with world.app.app_context(), transaction():
        appointment = booking.book(fresh.case_id, starts_at=TOMORROW, by=BY, now=A_TUESDAY)
    assert kinds(worker, fresh) == ["appointment"]
    with world.app.app_context(), transaction():
        keeping.record_missed(appointment.id, by=BY, now=TOMORROW + timedelta(hours=1))
    assert kinds(worker, fresh) == ["first_contact", "missed"]
    with world.app.app_context(), transaction():
        ending.end_unreachable(
            fresh.case_id, reason=NotReached.HOSPITAL, by=BY, now=TOMORROW + timedelta(hours=2)
        )
    assert kinds(worker, fresh) == ["closing"]
    assert worker.get(f"/referrals/{fresh.reference}/letters/appointment").status_code == 404
    assert kinds(worker, somebody(world, given_name="Alex")) == []


def test_that_it_is_posted_is_kept_with_its_digest_and_the_task_is_done(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    known = somebody(world)
    with app.app_context(), transaction():
        needs = {NeedKind.NO_MOBILE: Way.LETTER}
        meeting_needs.say_needs(lock_case(known.case_id), needs, by=BY, now=A_TUESDAY)
    placed(world, known)
    assert "letter" in waiting(world, known), "who is told by letter gets one about every booking"
    path = f"/referrals/{known.reference}/letters/session_online"
    assert "Kept: the letter is in the post" in post(worker, known, "session_online", worker.get(path).text)
    assert "letter" not in waiting(world, known)
    with app.app_context():
        letter = db.session.scalars(sa.select(Letter)).one()
        assert (letter.kind, letter.language, len(letter.digest)) == ("session_online", "en", 64)
        assert letter.posted_by == f"account:{world.accounts['drug_worker']}"
        assert letter.place_id is not None


def test_a_letter_about_what_has_changed_since_is_not_posted(
    worker: FlaskClient, world: World, app: Flask
) -> None:
    known = somebody(world)
    session_id = placed(world, known)
    printed = worker.get(f"/referrals/{known.reference}/letters/session_online").text
    with app.app_context(), transaction():
        later = sa.update(CourseSession).where(CourseSession.id == session_id)
        db.session.execute(later.values(starts_at=TOMORROW + timedelta(days=1), closes_at=TOMORROW))
    assert "has changed since it was printed" in post(worker, known, "session_online", printed)
    with app.app_context():
        assert db.session.scalars(sa.select(Letter)).all() == []


def test_without_an_address_nothing_is_posted(worker: FlaskClient, world: World) -> None:
    known = somebody(world, address=False, status=Status.ACCEPTED)
    page = worker.get(f"/referrals/{known.reference}/letters/first_contact").text
    assert "There is no address to write to" in page
    assert "in the post" not in page


def test_it_is_written_in_their_language(worker: FlaskClient, world: World) -> None:
    known = somebody(world, language="cy", status=Status.ACCEPTED)
    page = worker.get(f"/referrals/{known.reference}/letters/first_contact").text
    assert 'lang="cy"' in page
    assert "Annwyl Sam" in page


def test_a_restricted_record_is_not_written_to_by_everybody(
    worker: FlaskClient, world: World, clock: MovableClock
) -> None:
    known = somebody(world, restricted=True, status=Status.ACCEPTED)
    for page in ("", "/first_contact"):
        assert "Sam" not in worker.get(f"/referrals/{known.reference}/letters{page}").text
