"""Two at the same moment: a review decided, asked for, overtaken; a correction ticked off."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.accounts.roles import Role
from provider.domain.compliance.feed import number
from provider.domain.compliance.models import ComplianceEvent, CorrectionDone
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import Decision
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import carrying_out, closing, ending, reviewing
from tests.builders import World, add_account, build_world
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk, checked
from tests.races.together import MeetOnce, at_once


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    with app.app_context(), transaction():
        add_account(world, "second_lead", Role.TEAM_LEAD)
    return world


@pytest.fixture
def barred(world: World) -> int:
    """The id of a referral that ended with a bar."""
    with world.app.app_context():
        referral = Walk(world, world.app.extensions["clock"]).referred(person=checked())
        with transaction():
            ending.end_declined(referral.case_id or 0, by=worker(world), now=A_TUESDAY)
        return referral.id


def worker(world: World) -> Actor:
    return Actor("account", world.accounts["drug_worker"])


def ask(world: World, referral_id: int) -> str:
    with transaction():
        referral = db.session.get_one(Referral, referral_id)
        reviewing.ask(referral, words="Please.", through="desk", by=worker(world), now=A_TUESDAY)
    return "asked"


def decide(world: World, decision: Decision, *, who: str = "team_lead") -> str:
    review_id = db.session.scalars(sa.select(BarReview.id)).one()
    with transaction():
        by = Actor("account", world.accounts[who])
        reviewing.decide(review_id, decision=decision, reason="So.", by=by, now=A_TUESDAY)
    return "decided"


def told(world: World) -> list[str]:
    with world.app.app_context():
        return list(db.session.scalars(sa.select(ComplianceEvent.type).order_by(ComplianceEvent.id)))


def test_a_review_is_asked_for_once(world: World, barred: int) -> None:
    answers = at_once(world.app, [partial(ask, world, barred)] * 4)
    assert Counter(str(type(answer).__name__) for answer in answers) == {"str": 1, "ReviewOpen": 3}


def test_a_review_is_decided_once_and_told_once(world: World, barred: int) -> None:
    with world.app.app_context():
        ask(world, barred)
    both = [
        partial(decide, world, Decision.LIFT),
        partial(decide, world, Decision.LIFT, who="second_lead"),
    ]
    answers = at_once(world.app, both)
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "AlreadyDecided": 1}
    assert told(world).count("outcome.corrected") == 1


def test_coming_back_while_it_is_decided_leaves_one_story(world: World, barred: int) -> None:
    """Whichever comes first, the bar is gone, the feed says so in order, and the review is over."""
    with world.app.app_context():
        ask(world, barred)
        case_id = db.session.get_one(Referral, barred).case_id or 0

    def reopen() -> str:
        with transaction():
            closing.reopen(case_id, by=worker(world), now=A_TUESDAY)
        return "reopened"

    answers = at_once(world.app, [partial(decide, world, Decision.LIFT), reopen])
    assert "reopened" in answers
    with world.app.app_context():
        referral = db.session.get_one(Referral, barred)
        review = db.session.scalars(sa.select(BarReview)).one()
        assert (referral.status, referral.may_reoffer, referral.bar_until) == ("accepted", True, None)
        assert review.decision == ("lift" if answers[0] == "decided" else "overtaken")
    last = ["referral.reopened", "outcome.corrected"]
    assert told(world)[2:] == (["outcome.corrected", *last] if answers[0] == "decided" else last)


def test_the_force_cannot_withdraw_while_it_is_decided(world: World, barred: int) -> None:
    with world.app.app_context():
        ask(world, barred)

    def withdraw() -> str:
        with transaction():
            found = db.session.get_one(Referral, barred)
            closing.withdraw(found, reason="other", by=Actor("key", 1), now=A_TUESDAY)
        return "withdrawn"

    answers = at_once(world.app, [partial(decide, world, Decision.LIFT), withdraw])
    assert answers[0] == "decided"
    assert type(answers[1]).__name__ == "AlreadyEnded"
    assert told(world)[-1] == "outcome.corrected"


def correction(world: World, barred: int) -> int:
    with world.app.app_context():
        ask(world, barred)
        decide(world, Decision.LIFT)
        with transaction():
            number(world.forces["midshire"])
        corrected = sa.select(ComplianceEvent.id).where(ComplianceEvent.type == "outcome.corrected")
        return db.session.scalars(corrected).one()


def ticked(world: World) -> int:
    with world.app.app_context():
        return db.session.scalar(sa.select(sa.func.count(CorrectionDone.id))) or 0


def test_a_correction_is_ticked_off_by_one_of_two(world: World, barred: int) -> None:
    event_id = correction(world, barred)

    def tick() -> bool:
        with transaction():
            event = db.session.get_one(ComplianceEvent, event_id)
            by = Actor("account", world.accounts["force_administrator"])
            return carrying_out.carry_out(event, by=by, now=A_TUESDAY)

    assert sorted(at_once(world.app, [tick] * 4)) == [False, False, False, True]
    assert ticked(world) == 1


def test_control_without_taking_turns_only_the_database_stands_in_the_way(
    world: World, barred: int, engine_name: str
) -> None:
    """Look whether somebody said so, then write it: all of them would, were there no index over what stands."""
    event_id = correction(world, barred)
    nobody = MeetOnce(lambda: None, parties=2, when=engine_name == "postgresql")

    def tick() -> str:
        try:
            with transaction():
                standing = sa.select(CorrectionDone.id).where(CorrectionDone.undone_at.is_(None))
                if db.session.scalars(standing).first() is not None:
                    return "seen"
                nobody()
                force_id, who = world.forces["midshire"], world.accounts["force_administrator"]
                row = {"event_id": event_id, "force_id": force_id, "done_at": A_TUESDAY, "done_by_id": who}
                db.session.add(CorrectionDone(**row))
        except sa.exc.IntegrityError:
            return "refused"
        return "ticked"

    answers = sorted(at_once(world.app, [tick, tick]))
    assert answers == ["refused" if engine_name == "postgresql" else "seen", "ticked"]
    assert ticked(world) == 1
