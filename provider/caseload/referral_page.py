"""The page of one referral: who it is about, what to do next, and everything that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.case_bookings import AppointmentLine
from provider.caseload.case_history import CaseHistory, TextLine, WaitingTask, case_history
from provider.caseload.deadlines import Due, dues_of_case
from provider.caseload.in_line import InLine, in_line_of
from provider.caseload.needs_page import NeedLine, need_lines
from provider.caseload.next_step import Booked, NextStep, Standing, next_step
from provider.caseload.person_facts import NumberFacts, OtherReferral, numbers_of, other_referrals
from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.caseload.reviews import Review, reviews_of
from provider.caseload.steps import Go, Step, step_for_task
from provider.caseload.surveys import SurveyAnswered, answered
from provider.caseload.text_words import became
from provider.caseload.timeline import Entry, text_title, timeline
from provider.caseload.why_outcome import Chances, Reason, ToldForce, why_outcome
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.tasks import DONE_BY_HAND, KINDS
from provider.domain.referrals.status import OPEN, SENTENCES, Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db

CAN_COME_BACK = frozenset({Status.NOT_ENGAGED, Status.NOT_REACHED})

COLOURS = {Status.HELD: "yellow", Status.COMPLETED: "green", Status.NOT_ENGAGED: "red"}


@dataclass(frozen=True)
class TaskOfCase:
    """Waiting work. ``by_hand``: nothing else ends it but somebody saying that it is done."""

    id: int
    what: str
    due_at: datetime
    late: bool
    step: Step
    by_hand: bool


@dataclass(frozen=True)
class PlannedText:
    """A text that is to come, or that was not sent after all; ``why`` it waits, or was not."""

    title: str
    due_at: datetime
    why: str | None


@dataclass(frozen=True)
class ReferralPage:
    facts: ReferralFacts
    number: NumberFacts | None
    adult_number: NumberFacts | None
    old_numbers: tuple[NumberFacts, ...]
    linked: tuple[OtherReferral, ...]
    earlier: tuple[OtherReferral, ...]
    next: NextStep
    in_line: InLine | None
    why: tuple[Reason, ...]
    reviews: tuple[Review, ...]
    may_reopen: bool
    reopen_until: datetime | None
    appointment: AppointmentLine | None
    tasks: tuple[TaskOfCase, ...]
    needs: tuple[NeedLine, ...]
    texts_to_come: tuple[PlannedText, ...]
    texts_cancelled: tuple[PlannedText, ...]
    survey: SurveyAnswered | None
    attempts: int
    timeline: tuple[Entry, ...]

    @property
    def status(self) -> str:
        """Where it stands, in words."""
        return SENTENCES[self.facts.status]

    @property
    def colour(self) -> str:
        """The colour of the status's tag: the words say it too."""
        return COLOURS.get(self.facts.status, "blue" if self.open else "grey")

    @property
    def past_assessment(self) -> bool:
        """Whether there is anything to say about a course."""
        return self.facts.level != "none"

    @property
    def open(self) -> bool:
        return self.facts.status in OPEN

    @property
    def bar_reviewed(self) -> bool:
        """Whether there is a review of its bar to see or to ask for."""
        asked = self.facts.bar_until is not None and self.facts.scheme.terms.bar_review
        return bool(self.reviews) or (self.facts.status == Status.NOT_ENGAGED and asked)

    @property
    def may_book(self) -> bool:
        """Whether a time can be booked straight away, whatever the next step is."""
        return self.facts.status == Status.ACCEPTED and self.next.step.go != Go.BOOK

    @property
    def may_ring(self) -> bool:
        """Whether a call can be recorded: its case is open."""
        return self.facts.case is not None and self.facts.case.closed_at is None


def referral_page(referral_id: int, *, reads_sensitive: bool, now: datetime) -> ReferralPage:
    """The page as it stands, in twenty-one queries however much has happened; once it ended as not engaged two
    more, and once it was completed, or while they wait for a place, one."""
    facts = referral_facts(referral_id, today=london_date(now))
    case_id = facts.case.id if facts.case is not None else None
    history = case_history(case_id) if case_id is not None else CaseHistory()
    numbers = numbers_of(facts.person.id)
    others = other_referrals(facts.person.id, than=referral_id, case_id=case_id)
    dues = _dues(facts, now=now)
    until = _reopen_until(facts)
    may_reopen = until is not None and now <= until
    return ReferralPage(
        facts=facts,
        number=next((one for one in numbers if one.until is None and one.relation is None), None),
        adult_number=next((one for one in numbers if one.until is None and one.relation is not None), None),
        old_numbers=tuple(number for number in numbers if number.until is not None),
        linked=tuple(other for other in others if other.linked),
        earlier=tuple(other for other in others if not other.linked),
        next=next_step(_standing(facts, history, dues, may_reopen=may_reopen), now=now),
        in_line=in_line_of(case_id) if case_id is not None and facts.status == Status.WAITING else None,
        why=_why(facts, history, dues),
        reviews=reviews_of(referral_id, now=now) if facts.status == Status.NOT_ENGAGED else (),
        may_reopen=may_reopen,
        reopen_until=until,
        appointment=history.booked,
        tasks=tuple(_task(task, facts, now=now) for task in history.tasks),
        needs=need_lines(facts.person.id),
        texts_to_come=tuple(_planned(text) for text in history.texts_to_come),
        texts_cancelled=tuple(_planned(text) for text in history.texts_cancelled),
        survey=answered(case_id) if case_id is not None and facts.status == Status.COMPLETED else None,
        attempts=len(history.calls),
        timeline=timeline(referral_id, case_id, history, reads_sensitive=reads_sensitive),
    )


def _reopen_until(facts: ReferralFacts) -> datetime | None:
    if facts.status not in CAN_COME_BACK or facts.closed_at is None:
        return None
    return facts.closed_at + timedelta(days=facts.scheme.terms.back_within_days)


def _dues(facts: ReferralFacts, *, now: datetime) -> tuple[Due, ...]:
    """The deadlines by the referral's own terms; none before it has a case."""
    if facts.case is None:
        return ()
    return dues_of_case(facts.case.id, {facts.id: facts.scheme.terms}, now=now).get(facts.id, ())


def _why(facts: ReferralFacts, history: CaseHistory, dues: Sequence[Due]) -> tuple[Reason, ...]:
    """The reasons; calls are those since it was referred."""
    since = [call for call in history.calls if call.at >= facts.received_at]
    chances = Chances(
        calls=len(since),
        days=len({london_date(call.at) for call in since}),
        misses=facts.case.misses if facts.case is not None else 0,
    )
    return why_outcome(facts, dues=dues, chances=chances, told=_told(facts.id))


def _told(referral_id: int) -> tuple[ToldForce, ...]:
    """What its force was told of it, oldest first."""
    rows = db.session.execute(
        sa.select(ComplianceEvent.occurred_at, ComplianceEvent.type, ComplianceEvent.intelligence_log)
        .where(ComplianceEvent.referral_id == referral_id)
        .order_by(ComplianceEvent.id)
    )
    return tuple(ToldForce(row.occurred_at, row.type, row.intelligence_log is not None) for row in rows)


def _standing(
    facts: ReferralFacts, history: CaseHistory, dues: Sequence[Due], *, may_reopen: bool
) -> Standing:
    first_contact = next((due.at for due in dues if due.stage == "first_contact"), None)
    case, booked, place = facts.case, history.booked, history.coming_place
    return Standing(
        status=facts.status,
        taken=case is not None and case.worker_id is not None,
        tasks=frozenset(task.kind for task in history.tasks),
        first_contact_due=first_contact or (case.first_contact_due if case is not None else None),
        next_call_at=case.next_call_at if case is not None else None,
        next_call_why=case.next_call_why if case is not None else None,
        appointment=Booked(booked.kind, booked.starts_at) if booked is not None else None,
        session_at=place.starts_at if place is not None else None,
        pathway=case.pathway if case is not None else None,
        may_reopen=may_reopen,
        to_record=any((one.kind, one.state) == ("assessment", "took_place") for one in history.appointments),
    )


def _task(task: WaitingTask, facts: ReferralFacts, *, now: datetime) -> TaskOfCase:
    pathway = facts.case.pathway if facts.case is not None else None
    return TaskOfCase(
        id=task.id,
        what=KINDS[task.kind],
        due_at=task.due_at,
        late=task.due_at < now,
        step=step_for_task(task.kind, status=facts.status, pathway=pathway),
        by_hand=task.kind in DONE_BY_HAND,
    )


def _planned(text: TextLine) -> PlannedText:
    now = became(
        text.state, text.because, due_at=text.due_at, sent_at=text.sent_at, settled_at=text.settled_at
    )
    return PlannedText(text_title(text.kind), text.due_at, now.why)
