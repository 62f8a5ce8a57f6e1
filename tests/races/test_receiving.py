"""The same person referred twice at the same moment; and the same race with the protection taken away.

On SQLite the writers' queue stands behind every protection, so that the controls go right there too.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from provider.caseload.history import earlier_referrals
from provider.domain.people.models import Person
from provider.domain.people.records import find_known
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.requests import Correction
from provider.domain.referrals.submission import parse_submission
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import closing, correcting, ending, receiving, recognising, steps
from provider.pathway.knowing import put_together
from provider.pathway.receiving import DuplicateReferral
from tests.builders import World, build_world, count, referral_body
from tests.fakes import A_TUESDAY
from tests.races.together import at_once

KEY, WORKER = Actor("key", 1), Actor("account", 1)
ELSEWHERE = {"mobile": "07700 900456", "address": {"line_1": "9 Other Street", "postcode": "B9 9ZZ"}}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def lingering(function: Callable[..., Any], seconds: float = 0.3) -> Callable[..., Any]:
    """The function, after which its caller takes so long that others catch up."""

    def linger(*args: Any, **kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        time.sleep(seconds)
        return answer

    return linger


def refer(world: World, *, force: str = "midshire", **changes: Any) -> tuple[str, int]:
    force_id = world.forces[force]
    with transaction():
        facts = receiving.facts_of(schemes_of(force_id, at=A_TUESDAY))
        sent = parse_submission(referral_body(**changes), schemes=facts, now=A_TUESDAY)
        received = receiving.receive(
            sent, force_id=force_id, warnings=(), received_by="api", by=KEY, now=A_TUESDAY
        )
    return received.reference, received.referral_id


def identical(world: World) -> list[Callable[[], Any]]:
    return [partial(refer, world, force_reference="20/1/26")] * 2


def by_two_forces(world: World) -> list[Callable[[], Any]]:
    other = partial(refer, world, force="thamesford", scheme="diversion-deferred")
    return [partial(refer, world), other]


def open_cases(world: World) -> list[int]:
    with world.app.app_context():
        return list(db.session.scalars(sa.select(Case.person_id).where(Case.closed_at.is_(None))))


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking whether somebody is known and writing them down a while goes by."""
    monkeypatch.setattr(receiving, "find_known", lingering(find_known))


@pytest.fixture
def _no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The protection taken away: nobody waits for whoever sends the same name."""
    monkeypatch.setattr(receiving, "take_turns", lambda key: None)


@pytest.mark.usefixtures("_slow")
def test_two_identical_referrals_are_one(world: World) -> None:
    answers = at_once(world.app, identical(world))
    assert sorted(type(answer).__name__ for answer in answers) == ["DuplicateReferral", "tuple"]
    [refused] = [answer for answer in answers if isinstance(answer, DuplicateReferral)]
    [(reference, _)] = [answer for answer in answers if isinstance(answer, tuple)]
    assert refused.reference == reference
    with world.app.app_context():
        assert (count("people"), count("cases"), count("referrals")) == (1, 1, 1)
        assert count("compliance_events") == 1


@pytest.mark.usefixtures("_slow", "_no_turns")
def test_control_without_turns_the_second_is_an_error(world: World, engine_name: str) -> None:
    """The database still keeps the two from being two, but as a bug of ours and not as an answer."""
    if engine_name == "sqlite":
        assert len(at_once(world.app, identical(world))) == 2
        return
    with pytest.raises(IntegrityError):
        at_once(world.app, identical(world))


@pytest.mark.usefixtures("_slow")
def test_two_forces_at_once_find_one_person(world: World) -> None:
    answers = at_once(world.app, by_two_forces(world))
    assert [type(answer) for answer in answers] == [tuple, tuple]
    with world.app.app_context():
        assert (count("people"), count("cases"), count("referrals")) == (1, 1, 2)
        cases = db.session.scalars(sa.select(Referral.case_id)).all()
        assert len(set(cases)) == 1
        told = Counter(
            event.force_id for event in db.session.execute(sa.text("SELECT force_id FROM compliance_events"))
        )
    assert told == {world.forces["midshire"]: 1, world.forces["thamesford"]: 1}


@pytest.mark.usefixtures("_slow", "_no_turns")
def test_control_without_turns_they_are_two_people(world: World, engine_name: str) -> None:
    at_once(world.app, by_two_forces(world))
    with world.app.app_context():
        people = count("people")
    assert people == (2 if engine_name == "postgresql" else 1)


@pytest.mark.usefixtures("_slow")
def test_a_dozen_at_once_are_one_person_and_one_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "find_known", lingering(find_known, 0.01))
    things = [partial(refer, world, force_reference=f"20/{number % 6}/26") for number in range(12)]
    answers = at_once(world.app, things, threads=6)
    assert Counter(type(answer).__name__ for answer in answers) == {"tuple": 6, "DuplicateReferral": 6}
    with world.app.app_context():
        assert (count("people"), count("cases"), count("referrals")) == (1, 1, 6)


class TestComingBackWhileReferredAgain:
    @pytest.fixture
    def case_id(self, world: World) -> int:
        """Somebody who was not reached, and may come back."""
        with world.app.app_context():
            _, referral_id = refer(world)
            case_id = db.session.get_one(Referral, referral_id).case_id
            assert case_id is not None
            with transaction():
                ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=WORKER, now=A_TUESDAY)
        return case_id

    @pytest.fixture
    def both(self, world: World, case_id: int, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        monkeypatch.setattr(closing, "_ended_referrals", lingering(closing._ended_referrals))
        monkeypatch.setattr(receiving, "earlier_referrals", lingering(earlier_referrals))

        def reopen() -> str:
            with transaction():
                closing.reopen(case_id, by=WORKER, now=A_TUESDAY)
            return "reopened"

        return [reopen, by_two_forces(world)[1]]

    def test_they_have_one_open_case(self, world: World, both: list[Callable[[], Any]]) -> None:
        reopened, referred = at_once(world.app, both)
        assert reopened == "reopened" or isinstance(reopened, closing.HasAnotherCase)
        assert isinstance(referred, tuple)
        assert len(open_cases(world)) == 1

    def test_control_without_holding_the_person_one_is_an_error(
        self,
        world: World,
        both: list[Callable[[], Any]],
        monkeypatch: pytest.MonkeyPatch,
        engine_name: str,
    ) -> None:
        monkeypatch.setattr(steps, "lock_person", lambda person_id: None)
        monkeypatch.setattr(closing, "lock_person", lambda person_id: None)
        if engine_name == "sqlite":
            at_once(world.app, both)
            return
        with pytest.raises(IntegrityError):
            at_once(world.app, both)


class TestHeld:
    @pytest.fixture
    def held(self, world: World) -> tuple[int, int]:
        """A held referral, and the person it may be about."""
        with world.app.app_context():
            _, first = refer(world)
            _, second = refer(world, person=ELSEWHERE)
            assert db.session.get_one(Referral, second).status == "held"
            return second, db.session.get_one(Referral, first).person_id

    def test_two_workers_settle_it_once(self, world: World, held: tuple[int, int]) -> None:
        referral_id, person_id = held

        def settle(same_as: int | None) -> str:
            with transaction():
                recognising.settle_match(referral_id, same_as=same_as, by=WORKER, now=A_TUESDAY)
            return "settled"

        answers = at_once(world.app, [partial(settle, person_id), partial(settle, None)])
        assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "AlreadySettled": 1}

    def test_settled_while_it_is_withdrawn_it_is_withdrawn(self, world: World, held: tuple[int, int]) -> None:
        referral_id, person_id = held

        def settle() -> str:
            with transaction():
                recognising.settle_match(referral_id, same_as=person_id, by=WORKER, now=A_TUESDAY)
            return "settled"

        def withdraw() -> bool:
            with transaction():
                referral = db.session.get_one(Referral, referral_id)
                return closing.withdraw(referral, reason="other", by=KEY, now=A_TUESDAY)

        _, withdrawn = at_once(world.app, [settle, withdraw])
        assert withdrawn is True
        with world.app.app_context():
            assert db.session.get_one(Referral, referral_id).status == "withdrawn"
        assert open_cases(world) == [person_id]

    def test_settled_as_the_same_while_they_are_referred_again(
        self, world: World, held: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        referral_id, person_id = held
        monkeypatch.setattr(recognising, "put_together", lingering(put_together))

        def settle() -> str:
            with transaction():
                recognising.settle_match(referral_id, same_as=person_id, by=WORKER, now=A_TUESDAY)
            return "settled"

        again = partial(refer, world, force="thamesford", scheme="diversion-deferred", person=ELSEWHERE)
        settled, referred = at_once(world.app, [settle, again])
        assert settled == "settled"
        assert isinstance(referred, tuple)
        with world.app.app_context():
            merged = db.session.scalars(sa.select(Person.id).where(Person.same_as_id.is_not(None))).all()
            assert set(db.session.scalars(sa.select(Referral.person_id))) & set(merged) == set()


def test_withdrawn_twice_at_once_is_withdrawn_once(world: World) -> None:
    with world.app.app_context():
        _, referral_id = refer(world)

    def withdraw() -> bool:
        with transaction():
            referral = db.session.get_one(Referral, referral_id)
            return closing.withdraw(referral, reason="other", by=KEY, now=A_TUESDAY)

    assert sorted(at_once(world.app, [withdraw, withdraw])) == [False, True]
    with world.app.app_context():
        assert count("compliance_events", type="referral.withdrawn") == 1


def test_the_same_new_reference_for_two_of_one_person_is_refused_to_one(world: World) -> None:
    with world.app.app_context():
        two = [refer(world)[1], refer(world)[1]]

    def correct(referral_id: int) -> str:
        with transaction():
            referral = db.session.get_one(Referral, referral_id)
            correcting.correct(referral, Correction(force_reference="20/9/26"), by=KEY, now=A_TUESDAY)
        return "corrected"

    answers = at_once(world.app, [partial(correct, referral_id) for referral_id in two])
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "DuplicateReferral": 1}
