"""A bar is looked at again: who may ask and when, who decides, and what each force then reads."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from provider.domain.audit.models import AuditEntry
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import Decision
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import closing, reviewing
from tests.builders import World
from tests.pathway.test_closing import asked as eligible
from tests.pathway.test_closing import never_answered
from tests.pathway.walking import Walk, checked, events, set_terms, tasks, told

WORDS = "I was in hospital when they rang."
REASON = "Calls fell on days she was an in-patient."


def barred(walk: Walk, **changes: Any) -> Referral:
    referral = walk.referred(**{"person": checked(), **changes})
    never_answered(walk, referral)
    return referral


def ask(walk: Walk, referral: Referral, *, through: str = "desk", by: Actor | None = None) -> int:
    with transaction():
        again = db.session.get_one(Referral, referral.id)
        reviewing.ask(again, words=WORDS, through=through, by=by or walk.worker, now=walk.now)
    return review_of(referral).id


def review_of(referral: Referral) -> BarReview:
    last = sa.select(BarReview).where(BarReview.referral_id == referral.id).order_by(BarReview.id.desc())
    return db.session.scalars(last.limit(1).execution_options(populate_existing=True)).one()


def decide(walk: Walk, review_id: int, decision: Decision, *, by: Actor | None = None) -> None:
    with transaction():
        reviewing.decide(review_id, decision=decision, reason=REASON, by=by or walk.lead, now=walk.now)


def last(referral: Referral) -> ComplianceEvent:
    return events(referral)[-1]


class TestAsking:
    def test_it_is_to_be_decided_within_the_terms_working_days(self, walk: Walk) -> None:
        referral = barred(walk)
        ask(walk, referral)
        assert walk.now.date() == date(2026, 12, 6)
        assert review_of(referral).due_at.date() == date(2026, 12, 18)

    def test_it_tells_the_force_nothing(self, walk: Walk) -> None:
        referral = barred(walk)
        before = told(referral)
        ask(walk, referral)
        assert told(referral) == before

    def test_only_of_a_bar_that_is_in_force(self, walk: Walk) -> None:
        open_one = walk.referred(person=checked())
        with pytest.raises(reviewing.NoBar):
            ask(walk, open_one)
        never_answered(walk, open_one)
        walk.clock.advance(days=366)
        with pytest.raises(reviewing.NoBar):
            ask(walk, open_one)

    def test_where_the_scheme_bars_nobody_there_is_nothing_to_ask(self, walk: Walk, world: World) -> None:
        set_terms(world, "diversion-deferred", bar_review=True)
        referral = walk.deferred(person=checked())
        never_answered(walk, referral)
        with pytest.raises(reviewing.NoBar):
            ask(walk, referral)

    def test_where_the_terms_know_no_review_there_is_none(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", bar_review=False)
        referral = barred(walk)
        with pytest.raises(reviewing.NotReviewed):
            ask(walk, referral)

    def test_one_at_a_time(self, walk: Walk) -> None:
        referral = barred(walk)
        ask(walk, referral)
        with pytest.raises(reviewing.ReviewOpen):
            ask(walk, referral, through="force")

    def test_again_only_after_the_terms_days(self, walk: Walk, world: World) -> None:
        set_terms(world, "divert-adult", bar_review_after_days=30)
        referral = barred(walk)
        decide(walk, ask(walk, referral), Decision.KEEP)
        walk.clock.advance(days=29)
        with pytest.raises(reviewing.TooSoonToReview, match="from"):
            ask(walk, referral)
        walk.clock.advance(days=1)
        ask(walk, referral)


class TestDeciding:
    def test_keeping_it_tells_the_force_nothing_and_bars_as_before(self, walk: Walk) -> None:
        referral = barred(walk)
        until, before = walk.fresh(referral).bar_until, told(referral)
        decide(walk, ask(walk, referral), Decision.KEEP)
        assert told(referral) == before
        assert walk.fresh(referral).bar_until == until
        assert eligible(walk)[0] == "do_not_offer"
        assert review_of(referral).reason == REASON

    def test_lifting_it_is_a_correction_that_takes_the_log_back(self, walk: Walk) -> None:
        referral = barred(walk)
        ended = last(referral)
        decide(walk, ask(walk, referral), Decision.LIFT)
        read = last(referral)
        assert (read.type, read.corrects) == ("outcome.corrected", ended.public_id)
        assert read.compliance == {**ended.compliance, "may_reoffer": True, "bar_until": None}
        assert (ended.intelligence_log is None, read.intelligence_log) == (False, None)
        assert walk.status(referral) == "not_engaged"

    def test_it_may_be_offered_again_and_is_taken(self, walk: Walk) -> None:
        referral = barred(walk)
        assert eligible(walk) == ("do_not_offer", "did_not_engage")
        decide(walk, ask(walk, referral), Decision.LIFT)
        assert eligible(walk)[0] == "offer"
        assert walk.referred(person=checked()).status == "accepted"

    def test_whoever_ended_it_does_not_decide(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        case_id = walk.case(referral).id
        with transaction():
            closing.end_not_engaged(walk.case(referral), reason="declined", by=walk.lead, now=walk.now)
        assert case_id
        review_id = ask(walk, referral)
        with pytest.raises(reviewing.EndedByYou):
            decide(walk, review_id, Decision.LIFT)
        decide(walk, review_id, Decision.LIFT, by=walk.worker)
        assert last(referral).type == "outcome.corrected"

    def test_it_is_decided_once(self, walk: Walk) -> None:
        referral = barred(walk)
        review_id = ask(walk, referral)
        decide(walk, review_id, Decision.LIFT)
        with pytest.raises(reviewing.AlreadyDecided):
            decide(walk, review_id, Decision.KEEP)
        assert told(referral).count("outcome.corrected") == 1

    def test_who_asked_is_rung_and_never_texted(self, walk: Walk) -> None:
        referral = barred(walk)
        decide(walk, ask(walk, referral), Decision.KEEP)
        assert tasks(walk.case(referral)) == {"review_decided"}
        assert not db.session.scalar(sa.text("SELECT count(*) FROM texts WHERE state = 'planned'"))

    def test_a_bar_that_the_force_asked_about_and_that_stays_is_no_news_to_them(self, walk: Walk) -> None:
        referral = barred(walk)
        decide(walk, ask(walk, referral, through="force"), Decision.KEEP)
        assert tasks(walk.case(referral)) == set()

    def test_the_words_and_the_reason_are_in_no_event_and_not_in_the_trail(self, walk: Walk) -> None:
        referral = barred(walk)
        decide(walk, ask(walk, referral), Decision.LIFT)
        kept = [str(vars(event)) for event in events(referral)]
        kept += [str(detail) for detail in db.session.scalars(sa.select(AuditEntry.detail))]
        assert not [words for words in kept if "hospital" in words or "in-patient" in words]


class TestWhatElseRestedOnIt:
    def test_who_was_declined_on_the_bar_is_told_that_it_is_gone(self, walk: Walk) -> None:
        referral = barred(walk)
        declined = walk.referred(person=checked())
        first = last(declined)
        assert (first.type, first.compliance["may_reoffer"]) == ("referral.declined", False)
        decide(walk, ask(walk, referral), Decision.LIFT)
        read = last(declined)
        assert (read.type, read.corrects) == ("outcome.corrected", first.public_id)
        assert (read.compliance["may_reoffer"], read.compliance["outcome"]) == (True, "declined")

    def test_two_referrals_of_one_force_that_ended_as_one_are_lifted_as_one(self, walk: Walk) -> None:
        first, second = walk.referred(person=checked()), walk.referred(person=checked())
        never_answered(walk, first)
        decide(walk, ask(walk, first), Decision.LIFT)
        for each in (first, second):
            assert told(each)[-1] == "outcome.corrected"
        assert eligible(walk)[0] == "offer"

    def test_another_forces_referral_is_left_alone(self, walk: Walk, world: World) -> None:
        set_terms(world, "diversion-deferred", repeat_rule="while_engaging", bar_months=12)
        first, theirs = walk.referred(person=checked()), walk.deferred(person=checked())
        never_answered(walk, first)
        decide(walk, ask(walk, first), Decision.LIFT)
        assert told(theirs)[-1] == "referral.not_engaged"
        assert walk.fresh(theirs).may_reoffer is False


class TestOvertaken:
    def test_who_comes_back_needs_no_decision(self, walk: Walk) -> None:
        referral = barred(walk)
        review_id = ask(walk, referral)
        walk.reopened(referral)
        assert review_of(referral).decision == "overtaken"
        with pytest.raises(reviewing.AlreadyDecided):
            decide(walk, review_id, Decision.LIFT)
        assert told(referral)[-2:] == ["referral.reopened", "outcome.corrected"]

    def test_an_ending_after_that_can_be_reviewed_anew(self, walk: Walk) -> None:
        referral = barred(walk)
        ask(walk, referral)
        walk.reopened(referral)
        walk.rung(referral, AttemptOutcome.DECLINED)
        decide(walk, ask(walk, referral), Decision.LIFT)
        ends = [event.public_id for event in events(referral) if event.type == "referral.not_engaged"]
        assert last(referral).corrects == ends[-1]

    def test_the_force_cannot_withdraw_what_is_being_reviewed(self, walk: Walk) -> None:
        referral = barred(walk)
        review_id = ask(walk, referral)
        with pytest.raises(closing.AlreadyEnded):
            walk.withdrawn(referral)
        decide(walk, review_id, Decision.LIFT)
