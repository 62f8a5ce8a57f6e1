"""Whose phone a text goes to and what it says there, as it is when it is sent and not when it was planned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.messaging.links import find_link, new_link
from provider.domain.people.models import PhoneNumber
from provider.domain.people.reach import CONFIRMED_FOR, Competence, TextsTo
from provider.domain.people.records import adult_number
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.errors import Invalid
from provider.pathway import reaching
from provider.pathway.reaching import Agreed
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.texting import MOBILE, add_to_ring, book, change_number, states

ADULTS = "+447700900556"
# Eighteen on the Saturday after the Tuesday on which these begin; the call is on the Wednesday after that.
BORN = date(2008, 11, 28)
MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
TO_ADULT = Agreed(TextsTo.ADULT, relation="mother", mobile="07700 900556", heard=True)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def child(world: World) -> Known:
    return add_to_ring(world, given_name="Ash", born=BORN, scheme="divert-young-people")


def agree(world: World, known: Known, agreed: Agreed, *, now: datetime = A_TUESDAY) -> None:
    worker = Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        reaching.agree(known.case_id, agreed, by=worker, now=now)


def link_to_adult(world: World, known: Known) -> str:
    with world.app.app_context(), transaction():
        number = adult_number(known.person_id)
        assert number is not None
        return new_link(known.case_id, number_id=number.id, text_id=None, now=A_TUESDAY)


def test_before_it_is_agreed_the_childs_phone_gets_nothing_but_call_notices(
    world: World, clock: MovableClock, phones: Phones, child: Known
) -> None:
    """Also where somebody spoke with them and their number is theirs."""
    starts_at = book(world, child)
    run_all_once(world.app)
    clock.set(starts_at - timedelta(hours=1))
    # The day before the call they are still a child.
    with world.app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE people SET date_of_birth = '2010-11-28'"))
    run_all_once(world.app)
    assert {text.to for text in phones.arrived} <= {MOBILE}
    assert all("Ash" not in text.body for text in phones.arrived)
    assert states(world, child)["assessment_booked"] == "dropped: number_not_confirmed"


def test_whom_the_child_agreed_to_gets_the_texts(world: World, phones: Phones, child: Known) -> None:
    agree(world, child, Agreed(TextsTo.CHILD))
    book(world, child)
    run_all_once(world.app)
    assert [text.to for text in phones.arrived] == [MOBILE]
    assert phones.arrived[0].body.startswith("Hi Ash, ")


def test_an_adult_reads_a_time_and_no_name(world: World, phones: Phones, child: Known) -> None:
    book(world, child)
    agree(world, child, TO_ADULT)
    run_all_once(world.app)
    assert [text.to for text in phones.arrived] == [ADULTS]
    assert "Ash" not in phones.arrived[0].body
    assert "Wednesday 2 December" in phones.arrived[0].body


def test_an_adult_whose_voice_nobody_has_heard_gets_nothing_but_call_notices(
    world: World, phones: Phones, child: Known
) -> None:
    agree(world, child, Agreed(TextsTo.ADULT, relation="mother", mobile="07700 900556"))
    book(world, child)
    run_all_once(world.app)
    assert phones.arrived == []


def test_nobody_means_calls(world: World, phones: Phones, child: Known) -> None:
    agree(world, child, Agreed(TextsTo.NOBODY))
    book(world, child)
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, child)["assessment_booked"] == "dropped: texts_not_wanted"
    with world.app.app_context():
        assert count("tasks", kind="text_failed", case_id=child.case_id) == 1


def test_at_midnight_what_was_planned_for_the_adult_goes_to_who_is_eighteen(
    world: World, clock: MovableClock, phones: Phones, child: Known
) -> None:
    starts_at = book(world, child)
    agree(world, child, TO_ADULT)
    link = link_to_adult(world, child)
    while clock.now() < MIDNIGHT - timedelta(seconds=1):
        clock.set(min(clock.now() + timedelta(hours=6), MIDNIGHT - timedelta(seconds=1)))
        run_all_once(world.app)
    assert {text.to for text in phones.arrived} == {ADULTS}
    before = len(phones.arrived)
    assert world.app.test_client().get(f"/p/{link}").status_code == 200
    clock.set(MIDNIGHT)
    assert world.app.test_client().get(f"/p/{link}").status_code == 404
    while clock.now() < starts_at:
        clock.set(min(clock.now() + timedelta(hours=6), starts_at - timedelta(minutes=30)))
        run_all_once(world.app)
        if clock.now() == starts_at - timedelta(minutes=30):
            break
    after = phones.arrived[before:]
    assert {text.to for text in after} == {MOBILE}
    assert all("Ash" in text.body for text in after if "Hi " in text.body)
    with world.app.app_context():
        assert find_link(link, now=starts_at) is None
        assert adult_number(child.person_id) is None


def test_a_phone_that_came_in_by_the_adults_link_is_out_at_midnight(
    world: World, clock: MovableClock, child: Known
) -> None:
    book(world, child)
    agree(world, child, TO_ADULT)
    link = link_to_adult(world, child)
    clock.set(MIDNIGHT - timedelta(minutes=5))
    phone = world.app.test_client()
    phone.post(f"/p/{link}")
    assert (
        "2 December" in phone.post("/p/birth", data={"day": "28", "month": "11"}, follow_redirects=True).text
    )
    clock.set(MIDNIGHT)
    assert phone.get("/p/").status_code == 403
    assert world.app.test_client().post(f"/p/{link}").status_code == 404


def test_another_decision_ends_the_adults_number_and_its_links(world: World, child: Known) -> None:
    agree(world, child, TO_ADULT)
    link = link_to_adult(world, child)
    agree(world, child, Agreed(TextsTo.CHILD))
    with world.app.app_context():
        assert adult_number(child.person_id) is None
        assert find_link(link, now=A_TUESDAY) is None
        assert count("phone_numbers", ended_at=None) == 1


def test_the_same_adult_again_keeps_their_number(world: World, child: Known) -> None:
    agree(world, child, TO_ADULT)
    link = link_to_adult(world, child)
    agree(world, child, Agreed(TextsTo.ADULT, relation="foster mother", mobile="07700900556"))
    with world.app.app_context():
        number = adult_number(child.person_id)
        assert number is not None
        assert (number.relation, number.confirmed_by) == ("foster mother", "voice")
        assert find_link(link, now=A_TUESDAY) is not None


@pytest.mark.parametrize(
    ("agreed", "faults"),
    [
        (Agreed(TextsTo.CHILD), ["/competence"]),
        (Agreed(TextsTo.CHILD, Competence.NOT_COMPETENT), ["/texts_to"]),
        (Agreed(TextsTo.ADULT, Competence.COMPETENT), ["/relation", "/mobile"]),
        (
            Agreed(TextsTo.ADULT, Competence.NOT_COMPETENT, relation="mother", mobile="01632 960123"),
            ["/mobile"],
        ),
        (Agreed(TextsTo.NOBODY), ["/competence"]),
    ],
)
def test_below_sixteen_competence_is_recorded(world: World, agreed: Agreed, faults: list[str]) -> None:
    child = add_to_ring(world, born=date(2012, 5, 14), scheme="divert-young-people")
    with pytest.raises(Invalid) as refused:
        agree(world, child, agreed)
    assert [fault.pointer for fault in refused.value.errors] == faults


def test_who_is_eighteen_decides_nothing_here(world: World) -> None:
    with pytest.raises(reaching.OfAge):
        agree(world, add_to_ring(world), Agreed(TextsTo.ADULT, relation="mother", mobile="07700 900556"))


def test_an_adult_who_says_wrong_number_does_not_stop_the_childs_own(
    world: World, clock: MovableClock, phones: Phones, child: Known
) -> None:
    agree(world, child, TO_ADULT)
    link = link_to_adult(world, child)
    phone = world.app.test_client()
    phone.post(f"/p/{link}")
    phone.post("/p/not-me")
    with world.app.app_context():
        assert count("tasks", kind="adult_number", case_id=child.case_id) == 1
        assert count("tasks", kind="wrong_person") == 0
        found = db.session.execute(sa.select(PhoneNumber.relation, PhoneNumber.state))
        states_of = {row.relation: row.state for row in found}
    assert states_of == {None: "good", "mother": "bad"}
    book(world, child)
    run_all_once(world.app)
    assert phones.arrived == []


def test_a_phone_on_which_nothing_is_to_be_said_gets_a_link_that_asks_for_the_birthday(
    world: World, phones: Phones
) -> None:
    known = add_to_ring(world)
    change_number(world, known, who_sees="say_nothing")
    book(world, known)
    run_all_once(world.app)
    body, link = phones.arrived[0].body, phones.arrived[0].link
    assert "Sam" not in body
    assert "December" not in body
    assert "something new" in body
    assert link is not None
    phone = world.app.test_client()
    page = phone.post(f"/p/{link.rpartition('/')[2]}", follow_redirects=True).text
    assert 'name="day"' in page
    assert "December" not in page
    assert (
        "2 December" in phone.post("/p/birth", data={"day": "14", "month": "5"}, follow_redirects=True).text
    )


def test_two_on_one_number_get_no_names_until_one_has_another(world: World, phones: Phones) -> None:
    first, second = add_to_ring(world), add_to_ring(world, given_name="Robin", family_name="Other")
    for known in (first, second):
        book(world, known)
    run_all_once(world.app)
    assert len(phones.arrived) == 2
    assert all("Sam" not in text.body and "Robin" not in text.body for text in phones.arrived)
    change_number(world, second, e164="+447700900124")
    with world.app.app_context(), transaction() as session:
        session.execute(sa.text("DELETE FROM text_links"))
        session.execute(
            sa.text("UPDATE texts SET state = 'planned', tries = 0 WHERE kind = 'assessment_booked'")
        )
    run_all_once(world.app)
    assert {text.body.split(",")[0] for text in phones.arrived[2:]} == {"Hi Sam", "Hi Robin"}


def test_a_number_that_nobody_confirmed_for_a_year_may_be_somebody_elses_by_now(
    world: World, phones: Phones
) -> None:
    known = add_to_ring(world)
    change_number(world, known, confirmed_at=A_TUESDAY - CONFIRMED_FOR)
    book(world, known)
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)["assessment_booked"] == "dropped: number_not_confirmed"
