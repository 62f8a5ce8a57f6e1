"""Two people who are never in one session: not by a place, an offer or a move, and neither hears of the other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.open_sessions import sessions_for
from provider.domain.audit.models import AuditEntry
from provider.domain.contact.models import Task
from provider.domain.courses.models import Place, Waiting
from provider.domain.people.apart import ApartAlready, TheSamePerson
from provider.domain.people.models import NonAssociation, Person
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from provider.kernel.errors import NotFound
from provider.pathway import allocating, offering, parting
from provider.pathway.parting import Together
from provider.pathway.placing import NotAvailable
from tests.builders import add_session
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk

NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def sam(walk: Walk) -> Known:
    return add_case(walk.world, given_name="Sam")


@pytest.fixture
def alex(walk: Walk) -> Known:
    return add_case(walk.world, given_name="Alex")


@pytest.fixture
def session_id(walk: Walk) -> int:
    return add_session(walk.world, course="awareness", starts_at=NEXT_WEEK, capacity=3)


@pytest.fixture
def other_session(walk: Walk) -> int:
    return add_session(walk.world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=1), capacity=3)


def part(walk: Walk, one: Known, other: Known, *, moves: str | None = None) -> None:
    with transaction():
        parting.part(
            one.person_id,
            other.person_id,
            why="dispute",
            note="Shouted.",
            moves=moves,
            by=walk.worker,
            now=walk.now,
        )


def give(walk: Walk, known: Known, session_id: int) -> None:
    with transaction():
        allocating.give_place(known.case_id, session_id, by=walk.worker, now=walk.now)


def wait(walk: Walk, known: Known) -> None:
    with transaction():
        allocating.wait_for_place(
            known.case_id, walk.world.courses["awareness"], by=walk.worker, now=walk.now
        )


def sitting(session_id: int) -> list[int]:
    held = sa.select(Place.case_id).where(Place.session_id == session_id, Place.released_at.is_(None))
    return list(db.session.scalars(held.order_by(Place.id)))


@pytest.mark.parametrize("turned", [False, True])
def test_the_second_of_two_gets_no_place_in_the_others_session(
    walk: Walk, sam: Known, alex: Known, session_id: int, other_session: int, turned: bool
) -> None:
    part(walk, *((alex, sam) if turned else (sam, alex)))
    give(walk, sam, session_id)
    with pytest.raises(NotAvailable) as refused:
        give(walk, alex, session_id)
    assert "Sam" not in refused.value.sentence
    give(walk, alex, other_session)
    assert (sitting(session_id), sitting(other_session)) == ([sam.case_id], [alex.case_id])


def test_nor_by_moving_there(
    walk: Walk, sam: Known, alex: Known, session_id: int, other_session: int
) -> None:
    part(walk, sam, alex)
    give(walk, sam, session_id)
    give(walk, alex, other_session)
    with pytest.raises(NotAvailable), transaction():
        allocating.move_place(alex.case_id, session_id, by=walk.worker, now=walk.now)
    assert sitting(other_session) == [alex.case_id]


def test_nor_by_an_offer_and_the_turn_on_the_list_stays(walk: Walk, sam: Known, alex: Known) -> None:
    part(walk, sam, alex)
    wait(walk, alex)
    jo = add_case(walk.world, given_name="Jo")
    wait(walk, jo)
    first = add_session(walk.world, course="awareness", starts_at=NEXT_WEEK, capacity=3)
    give(walk, sam, first)
    with transaction():
        assert offering.offer_free_places(first, now=walk.now, by=walk.worker) == 1
    assert set(sitting(first)) == {sam.case_id, jo.case_id}
    waiting = db.session.scalars(sa.select(Waiting).where(Waiting.case_id == alex.case_id)).one()
    assert (waiting.left_at, waiting.offered_place_id) == (None, None)
    second = add_session(walk.world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=2), capacity=1)
    with transaction():
        assert offering.offer_free_places(second, now=walk.now, by=walk.worker) == 1
    assert sitting(second) == [alex.case_id]


def test_an_offer_that_is_open_counts_as_being_there(
    walk: Walk, sam: Known, alex: Known, session_id: int
) -> None:
    part(walk, sam, alex)
    wait(walk, alex)
    with transaction():
        offering.offer_free_places(session_id, now=walk.now, by=walk.worker)
    with pytest.raises(NotAvailable):
        give(walk, sam, session_id)


def test_a_session_with_the_other_is_not_among_those_to_choose_from(
    walk: Walk, sam: Known, alex: Known, session_id: int, other_session: int
) -> None:
    part(walk, sam, alex)
    give(walk, sam, session_id)
    shown = [one.id for one in sessions_for(alex.case_id, date(2000, 5, 14), now=walk.now)]
    assert shown == [other_session]


def test_once_the_other_has_gone_the_place_can_be_had(
    walk: Walk, sam: Known, alex: Known, session_id: int
) -> None:
    part(walk, sam, alex)
    give(walk, sam, session_id)
    with transaction():
        allocating.give_back_place(sam.case_id, because="asked", by=walk.worker, now=walk.now)
    give(walk, alex, session_id)
    assert sitting(session_id) == [alex.case_id]


def test_a_double_of_either_is_kept_apart_too(walk: Walk, sam: Known, alex: Known, session_id: int) -> None:
    double = add_case(walk.world, given_name="Samuel")
    with transaction():
        db.session.get_one(Person, double.person_id).same_as_id = sam.person_id
    part(walk, double, alex)
    give(walk, sam, session_id)
    with pytest.raises(NotAvailable):
        give(walk, alex, session_id)
    with pytest.raises(TheSamePerson):
        part(walk, sam, double)


@pytest.mark.parametrize("moves", ["this", "other"])
def test_two_who_are_together_already_are_parted_at_once(
    walk: Walk, sam: Known, alex: Known, session_id: int, moves: str
) -> None:
    give(walk, sam, session_id)
    give(walk, alex, session_id)
    with pytest.raises(Together) as asked:
        part(walk, sam, alex)
    assert asked.value.starts_at == NEXT_WEEK
    assert db.session.scalar(sa.select(sa.func.count()).select_from(NonAssociation)) == 0
    part(walk, sam, alex, moves=moves)
    gone, stays = (sam, alex) if moves == "this" else (alex, sam)
    assert sitting(session_id) == [stays.case_id]
    assert (status_of(walk.world, gone), status_of(walk.world, stays)) == (Status.ASSESSED, Status.PLACED)
    assert db.session.scalars(sa.select(Task.case_id).where(Task.kind == "place")).all() == [gone.case_id]
    with pytest.raises(NotAvailable):
        give(walk, gone, session_id)


def test_an_offer_beside_the_other_is_let_go_when_they_are_parted(
    walk: Walk, sam: Known, alex: Known, session_id: int
) -> None:
    give(walk, sam, session_id)
    wait(walk, alex)
    with transaction():
        offering.offer_free_places(session_id, now=walk.now, by=walk.worker)
    assert sitting(session_id) == [sam.case_id, alex.case_id]
    part(walk, sam, alex, moves="other")
    assert sitting(session_id) == [sam.case_id]
    assert status_of(walk.world, alex) == Status.WAITING


def test_a_pair_stands_once_and_can_be_ended_by_its_own_people_only(
    walk: Walk, sam: Known, alex: Known, session_id: int
) -> None:
    jo = add_case(walk.world, given_name="Jo")
    part(walk, sam, alex)
    with pytest.raises(ApartAlready):
        part(walk, alex, sam)
    (pair,) = db.session.scalars(sa.select(NonAssociation.id))
    with pytest.raises(NotFound), transaction():
        parting.unite(pair, person_id=jo.person_id, by=walk.worker, now=walk.now)
    with transaction():
        parting.unite(pair, person_id=alex.person_id, by=walk.worker, now=walk.now)
    give(walk, sam, session_id)
    give(walk, alex, session_id)
    assert len(sitting(session_id)) == 2


def test_the_trail_says_of_each_that_they_are_kept_apart_and_not_from_whom(
    walk: Walk, sam: Known, alex: Known
) -> None:
    part(walk, sam, alex)
    kept = sa.select(AuditEntry.person_id, AuditEntry.detail).where(AuditEntry.action == "person.kept_apart")
    rows = {row[0]: row[1] for row in db.session.execute(kept)}
    assert rows == {sam.person_id: {"reason": "dispute"}, alex.person_id: {"reason": "dispute"}}


def test_the_database_keeps_a_pair_to_one_row(walk: Walk, sam: Known, alex: Known) -> None:
    part(walk, sam, alex)
    for first, second in ((sam, alex), (alex, sam)):
        again = NonAssociation(
            first_id=first.person_id, second_id=second.person_id, reason="harm", at=walk.now, by="system"
        )
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.add(again)
