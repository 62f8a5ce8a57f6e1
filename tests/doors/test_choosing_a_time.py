"""Behind their link somebody chooses a time for the call that comes next: after a miss, called off, or at the start."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.diary.models import Absence, WorkingPattern
from provider.domain.diary.queries import slots_between
from provider.domain.messaging.links import new_link
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.builders import World, build_world
from tests.doors.test_pages_in_welsh import in_welsh
from tests.doors.test_participant import DRUG_WORDS, answered, opened
from tests.fakes import MovableClock
from tests.pathway.test_restating import HELD, MISSED, correct, said
from tests.pathway.walking import Walk, appointments, audited, checked, tasks, texts, told


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def referred(walk: Walk) -> Referral:
    return walk.referred(person=checked(date_of_birth="2003-05-14"))


def off(walk: Walk, referral: Referral, *, ours: bool = True, kind: str = "assessment") -> None:
    call = walk.booked(referral, kind=kind)
    with transaction():
        booking.call_off(call.id, ours=ours, by=walk.worker, now=walk.now)


def link_to(walk: Walk, referral: Referral) -> str:
    """The path of a new link of theirs."""
    case = walk.case(referral)
    with transaction():
        number_id = db.session.scalars(
            sa.select(PhoneNumber.id).where(PhoneNumber.person_id == case.person_id)
        ).one()
        token = new_link(case.id, number_id=number_id, text_id=None, now=walk.now)
    db.session.expunge(walk.fresh(referral))
    return f"/p/{token}"


def behind(client: FlaskClient, path: str) -> str:
    """What is coming, once they have said who they are."""
    opened(client, path)
    return answered(client).text


def without_a_time(walk: Walk, happened: str = "ours") -> tuple[Referral, str]:
    """Somebody to be assessed whom no call is booked for, and their link."""
    with walk.world.app.app_context():
        referral = referred(walk)
        if happened == "missed":
            walk.booked(referral)
            walk.missed(referral)
        elif happened != "not booked yet":
            off(walk, referral, ours=happened == "ours")
        return referral, link_to(walk, referral)


def offered(page: str) -> list[str]:
    return re.findall(r'name="starts_at" type="radio" value="([^"]+)"', page)


@pytest.mark.parametrize("happened", ["missed", "ours", "theirs", "not booked yet"])
def test_who_has_no_time_chooses_one(walk: Walk, client: FlaskClient, happened: str) -> None:
    referral, path = without_a_time(walk, happened)
    home = behind(client, path)
    assert 'href="/p/book"' in home
    assert "There is no time in the diary for you just now. Choose one" in home
    page = client.get("/p/book").text
    assert not DRUG_WORDS.search(home + page)
    chosen = offered(page)[0]
    done = client.post("/p/book", data={"starts_at": chosen}, follow_redirects=True).text
    assert "Your call" in done
    assert "/p/book" not in done
    with walk.world.app.app_context():
        case = walk.case(referral)
        call = appointments(case)[-1]
        assert (call.state, call.kind, call.starts_at.isoformat()) == ("booked", "assessment", chosen)
        assert call.booked_by == f"participant:{case.person_id}"
        assert walk.status(referral) == "assessment_booked"
        assert "rebook" not in tasks(case)
        assert "assessment_booked" in texts(case)
        assert told(referral)[-1] == "assessment.booked"
        assert audited(subject="appointment", subject_id=call.id) == ["appointment.booked"]


@pytest.mark.parametrize(
    ("pathway", "kind"), [("one_to_one", "one_to_one"), ("structured_treatment", "treatment")]
)
def test_so_does_who_has_a_one_to_one_to_come(
    walk: Walk, client: FlaskClient, pathway: str, kind: str
) -> None:
    with walk.world.app.app_context():
        referral = referred(walk)
        walk.assessed(referral, pathway=pathway)
        off(walk, referral, kind=kind)
        path = link_to(walk, referral)
    assert 'href="/p/book"' in behind(client, path)
    chosen = offered(client.get("/p/book").text)[0]
    assert (
        "Your appointment" in client.post("/p/book", data={"starts_at": chosen}, follow_redirects=True).text
    )
    with walk.world.app.app_context():
        assert [(one.kind, one.state) for one in appointments(walk.case(referral))][-1] == (kind, "booked")
        assert walk.status(referral) == "placed"


@pytest.mark.parametrize(
    "next_is", ["a place", "the list", "advice", "a call that is booked", "how it went", "the record"]
)
def test_where_no_call_is_to_be_booked_none_is(walk: Walk, client: FlaskClient, next_is: str) -> None:
    with walk.world.app.app_context():
        referral = referred(walk)
        if next_is in ("a place", "the list"):
            walk.assessed(referral)
        if next_is == "the list":
            walk.waiting(referral)
        if next_is == "advice":
            walk.assessed(referral, pathway="one_to_one")
            with transaction():
                db.session.execute(sa.update(Case).values(pathway="advice_only"))
        if next_is in ("a call that is booked", "how it went"):
            walk.booked(referral)
        if next_is == "the record":
            correct(walk, said(walk, referral, MISSED, kind="assessment"), HELD)
        before = len(appointments(walk.case(referral)))
        if next_is == "how it went":
            walk.clock.advance(days=3)
        later = walk.now + timedelta(days=2)
        free = slots_between(later, later + timedelta(days=3), minutes=45, now=walk.now)[0].starts_at
        path = link_to(walk, referral)
    assert "/p/book" not in behind(client, path)
    assert client.get("/p/book").headers["Location"] == "/p/"
    assert client.post("/p/book", data={"starts_at": free.isoformat()}).headers["Location"] == "/p/"
    with walk.world.app.app_context():
        assert len(appointments(walk.case(referral))) == before


def test_pressed_twice_it_is_booked_once(walk: Walk, client: FlaskClient) -> None:
    referral, path = without_a_time(walk)
    behind(client, path)
    first, *_, last = offered(client.get("/p/book").text)
    client.post("/p/book", data={"starts_at": first})
    assert client.post("/p/book", data={"starts_at": last}).headers["Location"] == "/p/"
    with walk.world.app.app_context():
        call = appointments(walk.case(referral))[-1]
        assert (call.state, call.starts_at.isoformat()) == ("booked", first)


def test_what_is_not_offered_is_not_given_and_nothing_chosen_is_lost(walk: Walk, client: FlaskClient) -> None:
    referral, path = without_a_time(walk)
    behind(client, path)
    day = offered(client.get("/p/book").text)[0][:10]
    tomorrow = offered(client.get(f"/p/book?day={day}").text)[-1]
    far = (datetime.fromisoformat(tomorrow) + timedelta(days=364)).isoformat()
    soon = (walk.now + timedelta(minutes=30)).isoformat()
    night = datetime.fromisoformat(tomorrow).replace(hour=3).isoformat()
    for starts_at in ("", "nonsense", far, soon, night, "2020-01-01T10:00:00+00:00", tomorrow[:19]):
        page = client.post("/p/book", data={"starts_at": starts_at, "day": day})
        assert page.status_code == 200
        assert "There is a problem" in page.text
        assert f'name="day" value="{day}"' in page.text
    with walk.world.app.app_context():
        assert len(appointments(walk.case(referral))) == 1


def test_their_own_worker_comes_first(walk: Walk, client: FlaskClient) -> None:
    referral, path = without_a_time(walk)
    with walk.world.app.app_context():
        own = walk.world.accounts["drug_worker_2"]
        with transaction():
            db.session.execute(
                sa.update(Case).where(Case.id == walk.case(referral).id).values(assigned_to_id=own)
            )
    behind(client, path)
    client.post("/p/book", data={"starts_at": offered(client.get("/p/book").text)[0]})
    with walk.world.app.app_context():
        assert appointments(walk.case(referral))[-1].worker_id == own


def test_where_nothing_is_free_the_number_to_ring_is_said(walk: Walk, client: FlaskClient) -> None:
    _, path = without_a_time(walk)
    with walk.world.app.app_context(), transaction():
        for worker_id in db.session.scalars(sa.select(WorkingPattern.worker_id).distinct()).all():
            gone = {"starts_at": walk.now, "ends_at": walk.now + timedelta(days=20), "entered_at": walk.now}
            db.session.add(Absence(worker_id=worker_id, reason="leave", entered_by=str(walk.lead), **gone))
    behind(client, path)
    page = client.get("/p/book").text
    assert "There is no time free in the next two weeks. Ring us" in page
    assert "0121 496 0100" in page
    assert offered(page) == []


def test_it_is_all_in_welsh(walk: Walk, client: FlaskClient) -> None:
    _, path = without_a_time(walk)
    with walk.world.app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(language="cy"))
    assert "Pryd gawn ni siarad?" in in_welsh(behind(client, path))
    page = client.get("/p/book").text
    assert "Cymryd yr amser hwn" in in_welsh(page)
    assert "Dewiswch amser" in in_welsh(client.post("/p/book").text)
    done = client.post("/p/book", data={"starts_at": offered(page)[0]}, follow_redirects=True)
    assert "Eich galwad" in in_welsh(done.text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_birthday_nothing_is_shown_or_booked(
    walk: Walk, client: FlaskClient, method: str
) -> None:
    referral, path = without_a_time(walk)
    free = (walk.now + timedelta(days=1)).isoformat()
    assert client.open("/p/book", method=method, data={"starts_at": free}).status_code == 403
    opened(client, path)
    page = client.open("/p/book", method=method, data={"starts_at": free}, follow_redirects=True)
    assert 'name="day"' in page.text
    assert 'name="month"' in page.text
    with walk.world.app.app_context():
        assert len(appointments(walk.case(referral))) == 1
