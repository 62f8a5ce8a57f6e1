"""A world with something on every list: two weeks of work, lived through the pathway."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.force_corrections import correction_of, outstanding
from provider.domain.accounts.roles import Role
from provider.domain.alarms import standing
from provider.domain.compliance.delivery import Outcome
from provider.domain.compliance.feed import number
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.courses.attendance import Attendance
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.hours import Lunch
from provider.domain.diary.weeks import DayHours, Week
from provider.domain.forces.endpoints import NewEndpoint
from provider.domain.messaging import dispatch
from provider.domain.messaging.languages import shipped
from provider.domain.messaging.models import Text
from provider.domain.messaging.worded import WordedAs
from provider.domain.people.models import Person
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.queries import find_referral
from provider.domain.referrals.reviews import Decision
from provider.domain.schemes.queries import schemes_of
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.pathway import (
    agreeing,
    assessing,
    booking,
    carrying_out,
    commissioning,
    contacting,
    ending,
    failing,
    hearing,
    keeping,
    linking,
    reporting_in,
    reviewing,
    rostering,
    scheduling,
    shutting,
    staffing,
    subscribing,
)
from provider.web.context import secret_box
from tests import roadside, sheets
from tests.browser.conftest import Site
from tests.builders import World, add_account, add_session
from tests.desk import sign_in, somebody
from tests.fakes import A_TUESDAY
from tests.notices import ids_in_feed, went
from tests.pathway.walking import Walk, checked, person
from tests.zoom import joins_report

SPOKE = AttemptOutcome.SPOKE_CALL_BACK_LATER
ANSWERS = {"alcohol": {"audit_1": "2", "audit_2": "0", "audit_3": "1"}}
NEEDS: dict[str, Any] = {"language": "pl", "interpreter_needed": True, "accessibility_needs": "Large letters"}
RISK: dict[str, Any] = {"risk": {"markers": ["lone_working"], "note": "Ring from the office."}}
YOUNG: dict[str, Any] = {"date_of_birth": "2011-02-03"}
TAKEN = Outcome(204, None, 35)
SECOND_FACTOR = "drug_worker_2"


@dataclass
class Full:
    """What stands where: references, sessions and numbers by what they are an example of."""

    site: Site
    walk: Walk
    numbers: dict[str, int] = field(default_factory=dict)
    referrals: dict[str, Referral] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    appointments: dict[str, int] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    people: int = 0

    @property
    def world(self) -> World:
        return self.site.world

    def case(self, example: str) -> int:
        return self.walk.case(self.referrals[example]).id

    def refer(self, example: str, *, force: str = "midshire", **changes: Any) -> Referral:
        """Somebody new, whose number the officer checked unless they are said to be otherwise."""
        self.people += 1
        self.numbers[example] = self.people
        found = (self.walk.now - timedelta(hours=1)).isoformat()
        body = {
            "person": checked(**somebody(self.people)),
            "occurred_at": found,
            "agreement": {"at": found},
            **changes,
        }
        referral = self.walk.referred(force=force, **body)
        self.referrals[example], self.references[example] = referral, referral.reference
        return referral

    def assessed(self, example: str, *, pathway: str = "group_course", course: str = "awareness") -> Referral:
        """Somebody new who was spoken to and assessed."""
        referral = self.refer(example)
        case_id = self.case(example)
        with transaction():
            contacting.take_on(case_id, by=self.walk.worker, now=self.walk.now)
        self.walk.spoken_to(referral)
        self.walk.assessed(referral, pathway=pathway, course=course)
        return referral

    def book(self, example: str, at: datetime) -> None:
        """A call in the first drug worker's diary at that moment."""
        case_id, worker_id = self.case(example), self.world.accounts["drug_worker"]
        with transaction():
            self.appointments[example] = booking.book(
                case_id, starts_at=at, worker_id=worker_id, by=self.walk.worker, now=self.walk.now
            ).id

    def link_on(self, example: str) -> str:
        """The address in the newest text to somebody."""
        with self.site.app.app_context():
            bodies = db.session.scalars(
                sa.text(
                    "SELECT s.body FROM sandbox_texts s JOIN phone_numbers n ON n.e164 = s.to_e164"
                    " JOIN referrals r ON r.person_id = n.person_id WHERE r.reference = :reference"
                    " ORDER BY s.id DESC"
                ),
                {"reference": self.references[example]},
            )
            return next(
                link.group(0) for body in bodies if (link := re.search(r"https?://\S*/p/[\w-]+", body))
            )


def fill_world(site: Site) -> Full:
    """Live through it all; the clock stands at ``A_TUESDAY`` in the end."""
    full = Full(site, Walk(site.world, site.clock))
    for ago, happens in (
        (timedelta(days=14), _two_weeks_ago),
        (timedelta(days=5), _last_week),
        (timedelta(days=4), _bars_looked_at_again),
        (timedelta(hours=3), _this_morning),
        (timedelta(), _just_now),
        (timedelta(), _changed_terms),
        (timedelta(), _changed_hours),
    ):
        site.clock.set(A_TUESDAY - ago)
        with site.app.app_context():
            happens(full, full.walk)
        site.work()
    for who in ("officer", "force_administrator"):
        _sends_from_a_phone(full, who)
    _uploads_files(full)
    _alarms(full)
    _doubts(full)
    return full


def _two_weeks_ago(full: Full, walk: Walk) -> None:
    """Everybody who has come to an end by now, and two sessions that are over."""
    full.sessions["confirmed"] = walk.session(days=3)
    full.sessions["to_confirm"] = walk.session(days=6)
    done, missed = full.assessed("completed"), full.assessed("missed their session")
    full.places["completed"] = walk.placed(done, full.sessions["confirmed"])
    full.places["missed"] = walk.placed(missed, full.sessions["confirmed"])
    unmarked = full.assessed("session to confirm")
    walk.placed(unmarked, full.sessions["to_confirm"])
    walk.rung(full.refer("not engaged"), AttemptOutcome.DECLINED)
    full.refer("not reached")
    case_id = full.case("not reached")
    with transaction():
        ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=walk.worker, now=walk.now)
    walk.withdrawn(full.refer("withdrawn"))
    full.refer("declined at the door", **_again("not engaged", full))
    full.refer("linked")
    full.refer("linked to", force="thamesford", scheme="diversion-deferred", **_again("linked", full))
    marks = {full.places["completed"]: Attendance.ATTC, full.places["missed"]: Attendance.UAAB}
    walk.ran(full.sessions["confirmed"], marks)


def _again(example: str, full: Full) -> dict[str, Any]:
    return {"person": checked(**somebody(full.numbers[example]))}


def _last_week(full: Full, walk: Walk) -> None:
    """Sessions to come and everybody on their way to one; two calls that lie ahead and one that is over by now."""
    full.sessions["running"] = add_session(
        full.world, course="awareness", starts_at=A_TUESDAY - timedelta(minutes=40)
    )
    full.sessions["coming"] = walk.session(days=9)
    full.sessions["full"] = walk.session(days=10, course="cannabis", capacity=1)
    full.sessions["cancelled"] = walk.session(days=11, course="stimulants")
    full.sessions["empty"] = walk.session(days=12, course="young-people")
    for session in ("running", "coming", "full", "cancelled"):
        example = f"placed: {session}"
        course = {"full": "cannabis", "cancelled": "stimulants"}.get(session, "awareness")
        full.places[session] = walk.placed(full.assessed(example, course=course), full.sessions[session])
    walk.placed(full.assessed("also running"), full.sessions["running"])
    walk.waiting(full.assessed("waiting", course="cannabis"), "cannabis")
    walk.waiting(full.assessed("offered", course="stimulants"), "stimulants")
    with transaction():
        scheduling.call_session_off(full.sessions["cancelled"], by=walk.lead, now=walk.now)
    full.sessions["offering"] = walk.session(days=13, course="stimulants")
    walk.offered(full.sessions["offering"])
    full.assessed("to be given a place")
    full.assessed("one-to-one", pathway="one_to_one")
    for example, at in (
        ("call to come", timedelta(days=2, minutes=30)),
        ("call over", -timedelta(minutes=30)),
        ("call missed", -timedelta(days=1)),
    ):
        referral = full.refer(example)
        walk.spoken_to(referral)
        full.book(example, A_TUESDAY + at)
    walk.spoken_to(full.refer("called off"))
    full.book("called off", A_TUESDAY + timedelta(days=2, hours=2))
    with transaction():
        booking.call_off(full.appointments["called off"], ours=True, by=walk.worker, now=walk.now)
    full.refer("draft of an assessment")
    walk.spoken_to(full.referrals["draft of an assessment"])
    case_id = full.case("draft of an assessment")
    used = assessing.SubstanceUse("cannabis", "smoke", "weekly", "two joints", None)
    with transaction():
        said = assessing.Recorded(True, ANSWERS, (used,), 3, None)
        assessing.save(case_id, said, by=walk.worker, now=walk.now)


def _bars_looked_at_again(full: Full, walk: Walk) -> None:
    """One review waits, one left the bar, one lifted it; somebody came back, and their force put its records right."""
    for example in ("bar kept", "bar lifted", "came back"):
        walk.rung(full.refer(example), AttemptOutcome.DECLINED)
    walk.reopened(full.referrals["came back"])
    decided = {"bar kept": Decision.KEEP, "bar lifted": Decision.LIFT}
    force = Actor("account", full.world.accounts["force_administrator"])
    for example, through, by in (
        ("not engaged", "desk", walk.worker),
        ("bar kept", "force", force),
        ("bar lifted", "desk", walk.worker),
    ):
        with transaction():
            referral = find_referral(full.references[example], force_id=full.world.forces["midshire"])
            assert referral is not None
            reviewing.ask(referral, words=f"New facts: {example}.", through=through, by=by, now=walk.now)
            db.session.flush()
            if example in decided:
                last = db.session.scalars(sa.select(BarReview.id).order_by(BarReview.id.desc())).first() or 0
                reason, decision = "As they say.", decided[example]
                reviewing.decide(last, decision=decision, reason=reason, by=walk.lead, now=walk.now)
    with transaction():
        number(full.world.forces["midshire"])
        done = outstanding(full.world.forces["midshire"]).corrections[0]
        correction = correction_of(full.world.forces["midshire"], done.event_id)
        assert correction is not None
        carrying_out.carry_out(correction, by=force, now=walk.now)


def _this_morning(full: Full, walk: Walk) -> None:
    """Who is in the middle of being rung, with notes of every kind, replies, and a number that may be wrong."""
    to_ring = full.refer("to ring")
    number = person(**somebody(full.people + 1))
    full.refer("number not confirmed", person=number)
    full.refer("wrong number", person=person(**somebody(full.people + 1)))
    for example in ("to ring", "number not confirmed", "wrong number"):
        case_id = full.case(example)
        with transaction():
            contacting.take_on(case_id, by=walk.worker, now=walk.now)
    walk.rung(to_ring, AttemptOutcome.VOICEMAIL_LEFT)
    walk.rung(full.referrals["wrong number"], AttemptOutcome.WRONG_NUMBER)
    case_id = full.case("to ring")
    for kind in ("ordinary", "sensitive", "safeguarding"):
        with transaction():
            contacting.write_note(case_id, kind=kind, text=f"A note: {kind}.", by=walk.worker, now=walk.now)
    with transaction():
        e164 = f"+44770090{full.numbers['to ring']:04}"
        hearing.reply("SM1", from_e164=e164, body="Who is this?", opt_out=None, now=walk.now)
        hearing.reply("SM2", from_e164=e164, body="I can't go on", opt_out=None, now=walk.now)
        hearing.reply("SM3", from_e164="+447700900999", body="It is me", opt_out=None, now=walk.now)


def _changed_hours(full: Full, walk: Walk) -> None:
    """Another week is to come for the first drug worker, an absence in which a call is booked, and a calendar reads."""
    worker_id, monday = full.world.accounts["drug_worker"], (A_TUESDAY + timedelta(days=20)).date()
    hours = (DayHours(0, 9 * 60, 12 * 60), DayHours(0, 13 * 60, 17 * 60))
    week = Week(hours, buffer_minutes=15, most_calls=5, lunch=Lunch(690, 870, 30), bank_holidays=True)
    with transaction():
        rostering.set_week(worker_id, week, valid_from=monday, valid_until=None, by=walk.lead, now=walk.now)
        rostering.enter_absence(
            worker_id,
            reason=AbsenceReason.LEAVE,
            starts_at=walk.now + timedelta(days=1),
            ends_at=walk.now + timedelta(days=4),
            by=walk.lead,
            now=walk.now,
        )
        linking.make_link(worker_id, by=walk.worker, now=walk.now)
        christmas = date(2026, 12, 28), date(2026, 12, 31)
        shutting.shut(*christmas, name="Between Christmas and New Year", by=walk.lead, now=walk.now)


def _changed_terms(full: Full, walk: Walk) -> None:
    """A version that waits for its day, after one that was withdrawn."""
    scheme_id = full.world.schemes["divert-young-people"]
    terms = schemes_of(full.world.forces["midshire"], at=walk.now)["divert-young-people"].terms
    for months in (2, 3):
        later = terms.model_copy(update={"bar_months": months})
        day = (walk.now + timedelta(days=30)).date()
        with transaction():
            agreeing.change_terms(scheme_id, later, from_day=day, seen=1, by=walk.lead, now=walk.now)
            if months == 2:
                agreeing.withdraw_terms(scheme_id, 2, by=walk.lead, now=walk.now)


def _just_now(full: Full, walk: Walk) -> None:
    """Who has only come in; somebody who may be known; Zoom's report of the session that is running.

    Who completed is asked already how it went, to be seen doing so.
    """
    with transaction():
        keeping.record_missed(full.appointments["call missed"], by=walk.worker, now=walk.now)
    full.refer("new")
    full.refer("new, in doubt", person=person(**somebody(full.people + 1, **NEEDS)), **RISK)
    full.refer("under 18", scheme="divert-young-people", person=checked(**somebody(full.people + 1, **YOUNG)))
    like = {**somebody(full.numbers["to ring"]), "mobile": "07700 900777"}
    like["family_name"] = like["family_name"][:-1] + "z"
    full.refer("held", person=checked(**like))
    full.refer("restricted")
    with transaction():
        db.session.get_one(Person, full.referrals["restricted"].person_id).restricted = True
        asked = sa.update(Text).where(Text.case_id == full.case("completed"), Text.kind == "survey")
        db.session.execute(asked.values(due_at=walk.now, expires_at=walk.now + timedelta(days=1)))
        starts_at = A_TUESDAY - timedelta(minutes=40)
        report = joins_report(("Sam E", "", starts_at, 35), ("A tablet", "", starts_at, 20))
        reporting_in.import_report(full.sessions["running"], report, by=walk.facilitator, now=walk.now)
        force_id, factor = full.world.forces["midshire"], full.world.accounts[SECOND_FACTOR]
        staffing.give_second_factor(factor, box=secret_box(), by=SYSTEM, now=walk.now)
        commissioning.issue_key(force_id, name="records", by=SYSTEM, now=walk.now)
        hook = NewEndpoint(url="https://hooks.force.example/")
        made = subscribing.subscribe(force_id, hook, box=secret_box(), by=SYSTEM, now=walk.now)
        add_account(full.world, "officer_2", Role.OFFICER, force_id=force_id)
        add_account(full.world, "clinical_lead_2", Role.CLINICAL_LEAD)
        db.session.flush()
        for who in ("officer_2", "clinical_lead_2"):
            staffing.close_account(full.world.accounts[who], by=SYSTEM, now=walk.now)
    went(full.world, made, *[TAKEN] * 3, Outcome(503, None, 1204), now=walk.now)
    full.events = ids_in_feed(full.world)[:1]


def _sends_from_a_phone(full: Full, who: str) -> None:
    """A referral that was sent from a phone, and another that waits to be checked."""
    client = full.site.app.test_client()
    sign_in(client, full.world, who)
    event = {"collar_number": "4312"}
    name = {"given_name": who.split("_")[0].title(), "family_name": "Sent"}
    full.sent[who] = roadside.refer(client, event=event, person=name)
    page = roadside.fill(client, event=event, person={"family_name": "Else"})
    full.drafts[who] = page.split("/")[-2]


def _doubts(full: Full) -> None:
    """A text of which the network never said whether it went out."""
    reference = full.references["call to come"]
    with full.site.app.app_context(), transaction() as session:
        case = sa.select(Referral.case_id).where(Referral.reference == reference).scalar_subquery()
        sent = sa.select(Text).where(Text.case_id == case, Text.sent_at.is_not(None)).order_by(Text.id)
        text = session.scalars(sent.limit(1)).one()
        text.state, text.state_because = "unknown", dispatch.SHOWN
        failing.ask_a_person(text, now=A_TUESDAY)


def _alarms(full: Full) -> None:
    """Words that were stopped, a sender that nobody sees to, late texts that somebody does, and one that is over."""
    shipped_words = shipped("assessment_booked", "en") or ""
    scheme_id = full.world.schemes["divert-adult"]
    words = WordedAs.of(shipped_words, scheme_id=scheme_id, kind="assessment_booked", language="en")
    administrator = Actor("account", full.world.accounts["administrator"])
    with full.site.app.app_context(), transaction():
        for kind, about, times in (
            ("words_filtered", str(words), 3),
            ("sender_refused", "21612", 12),
            ("texts_late", "", 40),
            ("account_refused", "20003", 2),
        ):
            alarm_id = standing.raise_alarm(kind, about=about, times=times, now=A_TUESDAY) or 0
            if kind == "words_filtered":
                standing.stop_words(alarm_id, now=A_TUESDAY)
            elif kind == "texts_late":
                standing.acknowledge(alarm_id, by=administrator, now=A_TUESDAY)
            elif kind == "account_refused":
                standing.end(alarm_id, by=SYSTEM, now=A_TUESDAY)


def _uploads_files(full: Full) -> None:
    """A file to look at, one that is done, and one of which nothing was sent."""
    client = full.site.app.test_client()
    sign_in(client, full.world, "force_administrator")
    good, doubtful = sheets.row(500), sheets.row(501, mobile="7700900501", force_reference="")
    faulty = sheets.row(502, gender="x", date_of_birth="05/14/2003", offence_code="")
    refused = sheets.row(503)
    pages = {"done": sheets.uploaded(client, [good]), "refused": sheets.uploaded(client, [refused])}
    sheets.start(client, pages["done"])
    other = sheets.uploaded(client, [{**refused, "area": "Dudley"}])
    sheets.start(client, other)
    full.site.work()
    sheets.start(client, pages["refused"], "all")
    full.site.work()
    pages["read"] = sheets.uploaded(client, [good, doubtful, faulty])
    full.uploads = {example: page.split("/")[-1] for example, page in pages.items()}
