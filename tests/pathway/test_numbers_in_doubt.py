"""A number that is wrong, dead or in doubt: nothing goes there, somebody finds another, and no time runs meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.deadlines import unmet_dues
from provider.domain.contact.ladder import Ending
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.messaging.models import TextLink
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.requests import Correction
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.parsing import parse
from provider.pathway import contacting, correcting, disowning, opening
from provider.pathway.steps import lock_case
from tests.builders import count
from tests.pathway.walking import Walk, add_link, checked, events, numbers, person, tasks, told

BY_LINK, BY_CALL, FROM_DESK, BY_REPLY = "link", "call", "desk", "reply"
WAYS = (BY_LINK, BY_CALL, FROM_DESK, BY_REPLY)


def disown(walk: Walk, referral: Referral, way: str) -> None:
    """Somebody finds out, in each of the ways there are, that the number is not theirs."""
    case, number = walk.case(referral), current_number(referral.person_id)
    assert number is not None
    by = Actor("participant", case.person_id)
    if way == BY_CALL:
        walk.rung(referral, AttemptOutcome.WRONG_NUMBER)
        return
    with transaction():
        if way == BY_LINK:
            opening.not_this_person(case.id, number.id, by=by, now=walk.now)
        else:
            who = walk.worker if way == FROM_DESK else by
            disowning.disown(lock_case(case.id), current_number(referral.person_id), by=who, now=walk.now)


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_number_is_stopped_its_links_are_dead_and_somebody_finds_another(
    walk: Walk, way: str
) -> None:
    referral = walk.referred(person=checked())
    link = add_link(walk.case(referral), numbers(referral.person_id)[0], now=walk.now)
    disown(walk, referral, way)
    (number,) = numbers(referral.person_id)
    assert (number.state, number.confirmed_at, number.confirmed_by) == ("bad", None, None)
    assert db.session.get_one(TextLink, link.id, populate_existing=True).dead_at == walk.now
    assert tasks(walk.case(referral)) & {"number_suspect", "wrong_person"}
    assert walk.case(referral).next_call_at is None
    assert told(referral) == ["referral.accepted"]


@pytest.mark.parametrize("way", WAYS)
def test_the_clock_stands_still_until_there_is_another_number(walk: Walk, way: str) -> None:
    """And runs again from the day on which the force gives one."""
    referral = walk.referred(person=checked())
    before = assessment_due(walk, referral)
    disown(walk, referral, way)
    walk.clock.advance(days=7)
    stopped = unmet_dues([walk.case(referral).id], now=walk.now)[walk.case(referral).id]
    assert all(due.stopped is not None and due.stopped.why == "number_in_doubt" for due in stopped)
    patch(walk, referral, {"mobile": "07700 900321"})
    assert not tasks(walk.case(referral)) & {"number_suspect", "wrong_person"}
    moved = assessment_due(walk, referral)
    # Of the seven days five were working days, and the first of them had begun.
    assert timedelta(days=5) <= moved - before <= timedelta(days=10)
    walk.clock.advance(days=7)
    assert assessment_due(walk, referral) == moved


@pytest.mark.parametrize("way", [BY_LINK, FROM_DESK, BY_REPLY])
def test_silence_on_it_counts_against_nobody(walk: Walk, way: str) -> None:
    referral = walk.referred(person=checked())
    for _ in range(5):
        walk.rung(referral)
        walk.clock.advance(days=1)
    disown(walk, referral, way)
    walk.rung(referral)
    walk.rung_until_over(referral)
    walk.clock.advance(days=9)
    case_id = walk.case(referral).id
    with transaction():
        assert contacting.close_after_calls(case_id, by=walk.worker, now=walk.now) == Ending.NOT_REACHED
    assert events(referral)[-1].intelligence_log is None


def test_a_miss_on_a_number_that_was_disowned_uses_no_chance(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.booked(referral)
    disown(walk, referral, BY_LINK)
    walk.missed(referral)
    assert walk.case(referral).misses == 0


def test_who_asked_for_no_more_texts_and_misses_uses_no_chance_and_needs_no_other_number(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    walk.booked(referral)
    number = current_number(referral.person_id)
    assert number is not None
    with transaction():
        db.session.merge(number).state = "opted_out"
    walk.missed(referral)
    assert walk.case(referral).misses == 0
    assert "number_suspect" not in tasks(walk.case(referral))


def test_said_twice_it_is_one_task(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    disown(walk, referral, BY_LINK)
    disown(walk, referral, BY_REPLY)
    assert count("tasks", kind="wrong_person") == 1


def test_of_a_case_that_is_over_nothing_is_asked(walk: Walk) -> None:
    referral = walk.referred(person=checked())
    case_id = walk.case(referral).id
    walk.rung(referral, AttemptOutcome.DECLINED)
    with transaction():
        case = db.session.get_one(Case, case_id)
        disowning.disown(case, current_number(case.person_id), by=walk.worker, now=walk.now)
    assert numbers(referral.person_id)[0].state == "bad"
    assert count("tasks", kind="wrong_person") == 0


def assessment_due(walk: Walk, referral: Referral) -> datetime:
    case_id = walk.case(referral).id
    return next(due.at for due in unmet_dues([case_id], now=walk.now)[case_id] if due.stage == "assessment")


def patch(walk: Walk, referral: Referral, sent: dict[str, object]) -> None:
    with transaction():
        found = db.session.get_one(Referral, referral.id)
        correcting.correct(found, parse(Correction, {"person": sent}), by=Actor("key", 1), now=walk.now)


class TestAnotherNumber:
    """In whichever way a number changes, the old one's links are dead and the new one is unconfirmed unless checked."""

    def at_the_desk(self, walk: Walk, referral: Referral) -> None:
        case_id = walk.case(referral).id
        with transaction():
            contacting.change_number(case_id, "07700 900321", confirmed_by=None, by=walk.worker, now=walk.now)

    def by_patch(self, walk: Walk, referral: Referral) -> None:
        patch(walk, referral, {"mobile": "07700 900321"})

    def by_an_officer(self, walk: Walk, referral: Referral) -> None:
        sent = person(mobile="07700 900321", contact={"number_checked": True})
        walk.referred(person=sent, force_reference="20/2/26")

    def by_another_referral(self, walk: Walk, referral: Referral) -> None:
        walk.referred(person=person(mobile="07700 900321"), force_reference="20/2/26")

    @pytest.mark.parametrize("way", ["at_the_desk", "by_patch", "by_an_officer", "by_another_referral"])
    def test_kills_the_old_links(self, walk: Walk, way: str) -> None:
        referral = walk.referred()
        link = add_link(walk.case(referral), numbers(referral.person_id)[0], now=walk.now)
        walk.clock.advance(hours=1)
        getattr(self, way)(walk, referral)
        old, new = numbers(referral.person_id)
        assert db.session.get_one(TextLink, link.id, populate_existing=True).dead_at == walk.now
        assert (old.ended_at, new.ended_at) == (walk.now, None)
        assert new.e164 == "+447700900321"
        assert new.confirmed_by == ("officer" if way == "by_an_officer" else None)

    @pytest.mark.parametrize("way", ["at_the_desk", "by_patch", "by_an_officer", "by_another_referral"])
    def test_ends_the_wait_for_one(self, walk: Walk, way: str) -> None:
        referral = walk.referred(person=checked())
        disown(walk, referral, BY_LINK)
        walk.clock.advance(hours=1)
        getattr(self, way)(walk, referral)
        assert not tasks(walk.case(referral)) & {"number_suspect", "wrong_person"}
        assert walk.case(referral).next_call_at is not None


class TestTheSameNumberAgain:
    def test_from_another_referral_is_tried_once_more_in_doubt(self, walk: Walk) -> None:
        referral = walk.referred()
        disown(walk, referral, BY_CALL)
        walk.referred(person=person(), force_reference="20/2/26")
        (number,) = numbers(referral.person_id)
        assert (number.state, number.confirmed_at) == ("suspect", None)
        assert walk.case(referral).next_call_at is not None
        assert "number_suspect" not in tasks(walk.case(referral))

    def test_checked_by_the_officer_is_theirs(self, walk: Walk) -> None:
        referral = walk.referred()
        disown(walk, referral, BY_LINK)
        walk.referred(person=checked(), force_reference="20/2/26")
        (number,) = numbers(referral.person_id)
        assert (number.state, number.confirmed_by) == ("good", "officer")

    def test_sent_again_by_the_force_is_tried_once_more(self, walk: Walk) -> None:
        referral = walk.referred()
        disown(walk, referral, BY_LINK)
        patch(walk, referral, {"mobile": "07700 900123"})
        assert numbers(referral.person_id)[0].state == "suspect"
        assert tasks(walk.case(referral)) == set()

    def test_what_else_the_force_corrects_changes_nothing(self, walk: Walk) -> None:
        referral = walk.referred()
        disown(walk, referral, BY_LINK)
        patch(walk, referral, {"email": "sam@mail.example"})
        assert numbers(referral.person_id)[0].state == "bad"
        assert "wrong_person" in tasks(walk.case(referral))


def test_asked_for_twice_it_is_asked_for_once(walk: Walk) -> None:
    referral = walk.referred()
    case_id = walk.case(referral).id
    for _ in range(2):
        with transaction():
            disowning.ask_for_another(case_id, by=walk.worker, now=walk.now)
    assert count("tasks", kind="number_suspect") == 1
    assert (
        db.session.scalar(sa.text("SELECT count(*) FROM audit_entries WHERE action = 'number.asked_for'"))
        == 2
    )
