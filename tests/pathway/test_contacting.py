"""Ringing: what each call leaves behind, and how it may end when nobody can be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.deadlines import dues_of_case
from provider.domain.audit.models import AuditEntry
from provider.domain.contact.ladder import Ending, NextCall, StopCalling
from provider.domain.contact.models import ContactAttempt, Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.contact.tasks import raise_task
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Referral
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import london
from provider.kernel.database import db, transaction
from provider.pathway import contacting, hearing, keeping, opening
from tests.builders import World, count
from tests.pathway.walking import (
    Walk,
    add_link,
    audited,
    checked,
    events,
    numbers,
    person,
    set_terms,
    tasks,
    texts,
    told,
)

NO_ANSWER = AttemptOutcome.NO_ANSWER


def close(walk: Walk, referral: Referral) -> Ending:
    case_id = walk.case(referral).id
    with transaction():
        return contacting.close_after_calls(case_id, by=walk.worker, now=walk.now)


def change_number(walk: Walk, referral: Referral, as_given: str, confirmed_by: str | None = None) -> None:
    case_id = walk.case(referral).id
    with transaction():
        contacting.change_number(case_id, as_given, confirmed_by=confirmed_by, by=walk.worker, now=walk.now)


class TestADeadNumber:
    @pytest.mark.parametrize("dead", [AttemptOutcome.WRONG_NUMBER, AttemptOutcome.NUMBER_NOT_IN_USE])
    def test_never_ends_as_not_engaged(self, walk: Walk, dead: AttemptOutcome) -> None:
        """Also where the officer had checked it, and it had rung five times before."""
        referral = walk.referred(person=checked())
        for _ in range(5):
            walk.rung(referral)
            walk.clock.advance(days=1)
        follows = walk.rung(referral, dead)
        assert isinstance(follows, StopCalling)
        assert "number_suspect" in tasks(walk.case(referral))
        assert close(walk, referral) == Ending.NOT_REACHED
        last = events(referral)[-1]
        assert (last.type, last.intelligence_log) == ("referral.not_reached", None)
        assert (last.compliance["may_reoffer"], last.compliance["bar_until"]) == (True, None)

    def test_with_another_number_the_ladder_begins_anew(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        for _ in range(5):
            walk.rung(referral)
            walk.clock.advance(days=1)
        walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE)
        link = add_link(walk.case(referral), numbers(referral.person_id)[0], now=walk.now)
        change_number(walk, referral, "07700 900321", confirmed_by="officer")
        assert tasks(walk.case(referral)) == set()
        assert walk.case(referral).next_call_why == "Ring the other number."
        db.session.refresh(link)
        assert link.dead_at == walk.now
        with pytest.raises(contacting.CallsNotDone):
            close(walk, referral)
        assert walk.rung_until_over(referral) == 6

    def test_calls_on_another_number_do_not_make_this_ladder_whole(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        for _ in range(5):
            walk.rung(referral)
            walk.clock.advance(days=1)
        change_number(walk, referral, "07700 900321", confirmed_by="officer")
        assert isinstance(walk.rung(referral), NextCall)

    def test_after_booking_asks_for_another_number(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.booked(referral)
        assert walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE) is None
        assert "number_suspect" in tasks(walk.case(referral))

    def test_that_is_answered_after_all_is_alive(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.rung(referral, AttemptOutcome.WRONG_NUMBER)
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, number_confirmed=True)
        number = current_number(referral.person_id)
        assert number is not None
        assert number.state == "good"
        assert "number_suspect" not in tasks(walk.case(referral))


class TestANumberThatWorks:
    def test_the_whole_ladder_and_time_to_ring_back_end_as_not_engaged(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        assert walk.rung_until_over(referral) == 6
        assert tasks(walk.case(referral)) == {"ladder_done"}
        with pytest.raises(contacting.CallsNotDone):
            close(walk, referral)
        assert told(referral) == ["referral.accepted"]
        walk.clock.advance(days=5)
        assert close(walk, referral) == Ending.NOT_ENGAGED
        days = {london(made.at).date() for made in db.session.scalars(sa.select(ContactAttempt))}
        parts = {london(made.at).hour // 6 for made in db.session.scalars(sa.select(ContactAttempt))}
        assert len(days) >= 3
        assert len(parts) >= 2

    def test_one_call_less_is_refused(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        for _ in range(5):
            walk.rung(referral)
            walk.clock.advance(days=2)
        with pytest.raises(contacting.CallsNotDone):
            close(walk, referral)

    def test_nobody_confirmed_it_so_it_is_not_reached(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung_until_over(referral)
        walk.clock.advance(days=5)
        assert close(walk, referral) == Ending.NOT_REACHED

    def test_who_opted_out_of_texts_and_does_not_answer_is_not_reached(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        with transaction():
            hearing.reply("SM1", from_e164="+447700900123", body="STOP", opt_out="STOP", now=walk.now)
        walk.rung_until_over(referral)
        walk.clock.advance(days=5)
        assert close(walk, referral) == Ending.NOT_REACHED
        assert events(referral)[-1].intelligence_log is None

    def test_a_number_that_somebody_disowned_does_not_count_against_anybody(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        number = current_number(referral.person_id)
        assert number is not None
        case_id = walk.case(referral).id
        with transaction():
            opening.not_this_person(case_id, number.id, by=Actor("participant", 1), now=walk.now)
        walk.rung(referral)
        walk.rung_until_over(referral)
        walk.clock.advance(days=5)
        assert close(walk, referral) == Ending.NOT_REACHED

    def test_a_booked_case_is_not_closed_by_its_calls(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.rung_until_over(referral)
        walk.clock.advance(days=5)
        walk.booked(referral)
        with pytest.raises(contacting.CallsNotDone):
            close(walk, referral)

    def test_a_missed_appointment_begins_a_ladder_anew(self, walk: Walk) -> None:
        """They had agreed a time since: the calls before that no longer count."""
        referral = walk.referred(person=checked())
        for _ in range(5):
            walk.rung(referral)
            walk.clock.advance(days=1)
        walk.booked(referral, by=Actor("participant", referral.person_id))
        walk.missed(referral)
        assert isinstance(walk.rung(referral), NextCall)


class TestWhatIsSaid:
    @pytest.mark.parametrize("step", ["accepted", "booked", "assessed", "placed"])
    def test_declining_ends_it_at_every_step(self, walk: Walk, step: str) -> None:
        referral = walk.referred(person=checked())
        if step == "booked":
            walk.booked(referral)
        if step in {"assessed", "placed"}:
            walk.assessed(referral)
        if step == "placed":
            walk.placed(referral, walk.session())
        follows = walk.rung(referral, AttemptOutcome.DECLINED)
        assert isinstance(follows, StopCalling)
        last = events(referral)[-1]
        assert last.type == "referral.not_engaged"
        assert last.intelligence_log is not None
        assert last.intelligence_log["reason"] == "declined"
        assert last.compliance["level"] == ("none" if step in {"accepted", "booked"} else "assessment")
        assert texts(walk.case(referral)) == {}

    def test_their_voice_confirms_the_number(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER)
        number = current_number(referral.person_id)
        assert number is not None
        assert (number.confirmed_by, number.confirmed_at) == ("voice", walk.now)

    def test_a_voicemail_confirms_nothing(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.VOICEMAIL_LEFT)
        number = current_number(referral.person_id)
        assert number is not None
        assert number.confirmed_at is None

    def test_the_time_they_asked_for_is_kept(self, walk: Walk) -> None:
        referral = walk.referred()
        at = walk.now + timedelta(days=2, hours=3)
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, call_back_at=at)
        assert walk.case(referral).next_call_at == at

    def test_a_time_to_ring_back_is_kept_where_no_ladder_is_going_on(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        at = walk.now + timedelta(hours=6)
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, call_back_at=at)
        task = db.session.scalars(sa.select(Task).where(Task.kind == "call_me", Task.done_at.is_(None))).one()
        assert task.due_at == at

    def test_a_time_that_has_passed_is_refused_and_nothing_recorded(self, walk: Walk) -> None:
        referral = walk.referred()
        with pytest.raises(contacting.CallBackPast):
            walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, call_back_at=walk.now)
        assert count("contact_attempts") == 0

    def test_nothing_is_recorded_of_an_ended_case(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.DECLINED)
        with pytest.raises(contacting.CaseClosed):
            walk.rung(referral)
        assert count("contact_attempts") == 1

    def test_who_asked_to_be_rung_is_not_forgotten_because_nobody_answered(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        walk.assessed(referral)
        case_id = walk.case(referral).id
        with transaction():
            opening.call_me(case_id, by=Actor("participant", 1), now=walk.now)
        walk.rung(referral)
        assert "call_me" in tasks(walk.case(referral))
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER)
        assert "call_me" not in tasks(walk.case(referral))


class TestTheTextBeforeTheFirstCall:
    def test_goes_out_shortly_before_it(self, walk: Walk) -> None:
        walk.clock.set(walk.now.replace(hour=7))
        referral = walk.referred()
        case = walk.case(referral)
        assert case.next_call_at is not None
        assert texts(case) == {"first_contact_soon": case.next_call_at - timedelta(minutes=30)}

    @pytest.mark.parametrize(
        "sent",
        [
            person(mobile=None, email="sam@example.com"),
            person(mobile="0121 496 0999"),
            person(mobile="07777 777777"),
            person(contact={"text_ok": False}),
        ],
        ids=["none", "landline", "invented", "not wanted"],
    )
    def test_needs_a_number_that_can_be_texted(self, walk: Walk, sent: dict[str, object]) -> None:
        referral = walk.referred(person=sent)
        assert texts(walk.case(referral)) == {}

    def test_follows_a_first_call_that_moves(self, walk: Walk) -> None:
        """Rung early and not answered: one text goes before the next call, and says that we tried."""
        walk.clock.set(walk.now.replace(hour=7))
        referral = walk.referred()
        walk.rung(referral)
        case = walk.case(referral)
        assert case.next_call_at is not None
        assert texts(case) == {"first_contact_again": case.next_call_at - timedelta(minutes=30)}
        assert set(texts(case, state="cancelled")) == {"first_contact_soon"}

    def test_does_not_go_to_who_has_been_spoken_to(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, call_back_at=walk.now + timedelta(days=1))
        assert texts(walk.case(referral)) == {}

    def test_does_not_go_to_a_dead_number_but_to_the_one_that_follows(self, walk: Walk) -> None:
        walk.clock.set(walk.now.replace(hour=7))
        referral = walk.referred()
        walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE)
        assert texts(walk.case(referral)) == {}
        change_number(walk, referral, "07700 900321")
        assert set(texts(walk.case(referral))) == {"first_contact_soon"}

    def test_is_cancelled_by_a_booking(self, walk: Walk) -> None:
        referral = walk.referred()
        walk.booked(referral)
        assert "first_contact_soon" not in texts(walk.case(referral))


class TestACaseload:
    def test_a_case_is_taken_once(self, walk: Walk) -> None:
        referral = walk.referred()
        case_id = walk.case(referral).id
        other = Actor("account", walk.world.accounts["drug_worker_2"])
        with transaction():
            contacting.take_on(case_id, by=walk.worker, now=walk.now)
        with pytest.raises(contacting.AlreadyTaken), transaction():
            contacting.take_on(case_id, by=other, now=walk.now)
        assert walk.case(referral).assigned_to_id == walk.worker.id
        assert audited(subject="case", subject_id=case_id) == ["case.assigned"]

    def test_who_cannot_be_rung_at_all_is_work_for_somebody(self, walk: Walk) -> None:
        referral = walk.referred(person=person(mobile=None, email="sam@example.com"))
        assert "number_suspect" in tasks(walk.case(referral))


def test_two_schemes_ladders_are_one_and_the_longer(walk: Walk, world: World) -> None:
    set_terms(world, "diversion-deferred", contact_attempts=8)
    first = walk.referred(person=checked())
    walk.deferred(person=checked())
    assert walk.rung_until_over(first) == 8


class TestACallThatWasMadeEarlier:
    def at(self, walk: Walk, referral: Referral, *, hours: float) -> datetime:
        """A time so many hours after they were referred; by then it is the next day, at noon."""
        opened = walk.case(referral).opened_at
        walk.clock.set(opened + timedelta(hours=26))
        return opened + timedelta(hours=hours)

    def test_is_at_its_own_time_and_the_next_one_is_counted_from_there(self, walk: Walk) -> None:
        at_once, later = walk.referred(), walk.referred(person=person(given_name="Alex"))
        made = self.at(walk, at_once, hours=1)
        walk.clock.set(made)
        then = walk.rung(at_once)
        walk.clock.set(made + timedelta(hours=2))
        assert walk.rung(later, at=made) == then
        rows = db.session.scalars(sa.select(ContactAttempt).order_by(ContactAttempt.id)).all()
        assert [row.at for row in rows] == [made, made]
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "contact.attempted").order_by(AuditEntry.id)
        ).all()[-1]
        assert (entry.at, entry.detail["made_at"]) == (walk.now, made.isoformat())

    def test_met_the_day_by_which_they_were_to_be_rung(self, walk: Walk) -> None:
        referral = walk.referred()
        terms = scheme_under(referral.terms_id).terms
        due = walk.case(referral).first_contact_due
        walk.clock.set(due + timedelta(hours=3))
        walk.rung(referral, at=due - timedelta(hours=1))
        dues = dues_of_case(walk.case(referral).id, {referral.id: terms}, now=walk.now)[referral.id]
        assert {due.stage: due.late for due in dues}["first_contact"] is False

    def test_is_refused_for_the_future_and_before_they_came(self, walk: Walk) -> None:
        referral = walk.referred()
        opened = walk.case(referral).opened_at
        walk.clock.advance(hours=1)
        for at, refusal in (
            (walk.now + timedelta(minutes=1), keeping.NotYet),
            (opened - timedelta(minutes=1), keeping.BeforeTheyCame),
        ):
            with pytest.raises(refusal):
                walk.rung(referral, at=at)
        assert db.session.scalars(sa.select(ContactAttempt)).all() == []

    def test_is_outweighed_by_one_that_came_later(self, walk: Walk) -> None:
        referral = walk.referred()
        made = self.at(walk, referral, hours=1)
        walk.spoken_to(referral)
        walk.rung(referral, AttemptOutcome.WRONG_NUMBER, at=made)
        assert numbers(referral.person_id)[0].confirmed_at is not None
        walk.rung(referral, AttemptOutcome.DECLINED, at=made + timedelta(minutes=5))
        assert walk.status(referral) == "accepted"

    def test_on_the_number_of_then_says_nothing_of_the_one_that_is_rung_now(self, walk: Walk) -> None:
        referral = walk.referred()
        made = self.at(walk, referral, hours=1)
        case_id = walk.case(referral).id
        with transaction():
            contacting.change_number(
                case_id, "07700 900456", confirmed_by="voice", by=walk.worker, now=walk.now
            )
        walk.rung(referral, AttemptOutcome.NUMBER_NOT_IN_USE, at=made)
        old, new = numbers(referral.person_id)
        assert db.session.scalars(sa.select(ContactAttempt.number_id)).all() == [old.id]
        assert (new.state, new.confirmed_at) == ("good", walk.now)
        assert "number_suspect" not in tasks(walk.case(referral))

    def test_what_they_asked_for_after_it_still_waits(self, walk: Walk) -> None:
        referral = walk.referred(person=checked())
        made = self.at(walk, referral, hours=1)
        case_id = walk.case(referral).id
        with transaction():
            raise_task("call_me", case_id=case_id, due_at=walk.now, now=made + timedelta(hours=1))
        walk.rung(referral, at=made)
        assert "call_me" in tasks(walk.case(referral))
        walk.rung(referral)
        assert "call_me" not in tasks(walk.case(referral))

    def test_a_time_to_ring_back_that_has_passed_since_is_kept(self, walk: Walk) -> None:
        referral = walk.referred()
        made = self.at(walk, referral, hours=1)
        asked = made + timedelta(hours=1)
        with pytest.raises(contacting.CallBackPast):
            walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, at=made, call_back_at=made)
        follows = walk.rung(referral, AttemptOutcome.SPOKE_CALL_BACK_LATER, at=made, call_back_at=asked)
        assert isinstance(follows, NextCall)
        assert follows.reason == "The time they asked for has passed: ring as soon as you can."
